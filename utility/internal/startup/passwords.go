package startup

import (
	"slices"
	"strings"
)

const passwordFields = 4

// password is one line of a PostgreSQL password file: host, port, database and user, then the password. Lines that are not
// (comments, mistakes) have no fields.
type password struct {
	line   string
	fields []string
}

// mergePasswords lays the site's passwords over the user's. libpq takes the first line that fits, so an entry that the
// user lacks goes before the user's first line that would catch its connections too; all other lines stay where they are.
func mergePasswords(site, own string) string {
	merged := parsePasswords(own)
	for _, entry := range parsePasswords(site) {
		if entry.fields == nil {
			continue
		}
		same := func(other password) bool { return slices.Equal(other.fields, entry.fields) }
		if at := slices.IndexFunc(merged, same); at >= 0 {
			merged[at] = entry
		} else if at := slices.IndexFunc(merged, entry.isCaughtBy); at >= 0 {
			merged = slices.Insert(merged, at, entry)
		} else {
			merged = append(merged, entry)
		}
	}
	var text strings.Builder
	for _, entry := range merged {
		text.WriteString(entry.line + "\n")
	}
	return text.String()
}

func (p password) isCaughtBy(other password) bool {
	for i, field := range other.fields {
		if field != "*" && field != p.fields[i] {
			return false
		}
	}
	return other.fields != nil
}

func parsePasswords(text string) []password {
	var entries []password
	text = strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	if text == "" {
		return nil
	}
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(line, " \t")
		entries = append(entries, password{line: line, fields: connection(line)})
	}
	return entries
}

// connection is the four fields before the password, with a backslash taking the meaning from the character after it.
func connection(line string) []string {
	if strings.HasPrefix(line, "#") {
		return nil
	}
	var fields []string
	var field strings.Builder
	for i := 0; i < len(line) && len(fields) < passwordFields; i++ {
		switch {
		case line[i] == '\\' && i+1 < len(line):
			i++
			field.WriteByte(line[i])
		case line[i] == ':':
			fields = append(fields, field.String())
			field.Reset()
		default:
			field.WriteByte(line[i])
		}
	}
	if len(fields) < passwordFields {
		return nil
	}
	return fields
}
