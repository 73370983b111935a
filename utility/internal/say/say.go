// Package say writes the log lines of the commands that run in a lab's init containers.
package say

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
)

// Log writes one JSON object a line, with the keys that Nublado's commands use: event, logger, severity.
// It may be used by several goroutines. Secrets must never be handed to it.
type Log struct {
	out   io.Writer
	debug bool
	mutex sync.Mutex
}

// New makes a log on out; debug lines are dropped unless debug is true.
func New(out io.Writer, debug bool) *Log {
	return &Log{out: out, debug: debug}
}

// IsOn reads a switch of the environment: anything but nothing and a plain no.
func IsOn(text string) bool {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "", "0", "false", "no", "off":
		return false
	}
	return true
}

// Debug says what only somebody who looks for a fault wants to know.
func (l *Log) Debug(format string, values ...any) {
	if l.debug {
		l.line("debug", format, values)
	}
}

// Info says what was done.
func (l *Log) Info(format string, values ...any) { l.line("info", format, values) }

// Warn says what could not be done but does not stop anything.
func (l *Log) Warn(format string, values ...any) { l.line("warning", format, values) }

// Error says what failed.
func (l *Log) Error(format string, values ...any) { l.line("error", format, values) }

func (l *Log) line(severity, format string, values []any) {
	text, err := json.Marshal(map[string]string{
		"event":    fmt.Sprintf(format, values...),
		"logger":   "nublado",
		"severity": severity,
	})
	if err != nil {
		return
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	_, _ = l.out.Write(append(text, '\n'))
}
