package startup

import "strings"

// section is one [name] of an INI file, with its lines as they are written; the lines before the first have no name.
type section struct {
	name  string
	lines []string
}

// mergeINI sets the site's keys in the user's sections of the same name. The user's other keys, sections and comments, and
// lines that nobody understands, stay; sections that the user lacks come last.
func mergeINI(site, own string) string {
	sections := parseINI(own)
	for _, from := range parseINI(site) {
		if from.name == "" {
			continue
		}
		into := find(sections, from.name)
		if into == nil {
			if len(sections) > 0 {
				sections[len(sections)-1].endWithBlank()
			}
			into = &section{name: from.name, lines: []string{"[" + from.name + "]"}}
			sections = append(sections, into)
		}
		for i, line := range from.lines {
			if key, value, ok := keyAndValue(line); ok {
				into.set(key, value, continuation(from.lines[i+1:]))
			}
		}
		into.endWithBlank()
	}
	var lines []string
	for _, each := range sections {
		lines = append(lines, each.lines...)
	}
	if len(lines) == 0 {
		return ""
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n\n"
}

func parseINI(text string) []*section {
	sections := []*section{}
	current := &section{}
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") && strings.Contains(trimmed, "]") {
			sections = append(sections, current)
			current = &section{name: trimmed[1:strings.Index(trimmed, "]")]}
		}
		current.lines = append(current.lines, line)
	}
	sections = append(sections, current)
	if first := sections[0]; strings.TrimSpace(strings.Join(first.lines, "")) == "" {
		return sections[1:]
	}
	return sections
}

func find(sections []*section, name string) *section {
	for _, each := range sections {
		if each.name == name {
			return each
		}
	}
	return nil
}

// keyAndValue reads `key = value` or `key: value` that begins a line.
func keyAndValue(line string) (key, value string, ok bool) {
	if line == "" || strings.ContainsAny(line[:1], " \t#;[") {
		return "", "", false
	}
	at := strings.IndexAny(line, "=:")
	if at < 1 {
		return "", "", false
	}
	return strings.TrimSpace(line[:at]), strings.TrimSpace(line[at+1:]), true
}

// continuation is the indented lines with which a value goes on.
func continuation(lines []string) []string {
	end := 0
	for end < len(lines) && strings.TrimSpace(lines[end]) != "" && strings.ContainsAny(lines[end][:1], " \t") {
		end++
	}
	return lines[:end]
}

func (s *section) set(key, value string, more []string) {
	entry := append([]string{key + " = " + value}, more...)
	for i, line := range s.lines {
		if found, _, ok := keyAndValue(line); ok && strings.EqualFold(found, key) {
			rest := s.lines[i+1:]
			rest = rest[len(continuation(rest)):]
			s.lines = append(append(append([]string{}, s.lines[:i]...), entry...), rest...)
			return
		}
	}
	end := len(s.lines)
	for end > 1 && strings.TrimSpace(s.lines[end-1]) == "" {
		end--
	}
	s.lines = append(append(append([]string{}, s.lines[:end]...), entry...), s.lines[end:]...)
}

func (s *section) endWithBlank() {
	for len(s.lines) > 0 && strings.TrimSpace(s.lines[len(s.lines)-1]) == "" {
		s.lines = s.lines[:len(s.lines)-1]
	}
	s.lines = append(s.lines, "")
}
