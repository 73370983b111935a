package webdav

import (
	"os"
	"strconv"
	"strings"
)

// mounts are the places where volumes are mounted.
type mounts []string

// readMounts asks the kernel; where it has no answer, no place is protected but by its permissions.
func readMounts() mounts {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil
	}
	return parseMounts(string(text))
}

// The fifth field is the place, with blanks and the like as three octal digits after a backslash.
func parseMounts(text string) mounts {
	var found mounts
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); len(fields) > 4 {
			found = append(found, unescaped(fields[4]))
		}
	}
	return found
}

func unescaped(text string) string {
	var plain strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+3 < len(text) {
			if code, err := strconv.ParseUint(text[i+1:i+4], 8, 8); err == nil {
				plain.WriteByte(byte(code))
				i += 3
				continue
			}
		}
		plain.WriteByte(text[i])
	}
	return plain.String()
}

// hold tells whether name is such a place or has one below it.
func (m mounts) hold(name string) bool {
	if name == "" {
		return false
	}
	for _, place := range m {
		if place == name || strings.HasPrefix(place, name+"/") {
			return true
		}
	}
	return false
}
