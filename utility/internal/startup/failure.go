package startup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// failure is why a home cannot be used, in the words of env.json.
type failure struct {
	number  int
	code    string
	text    string
	message string
}

// brokenHome marks an error that makes the whole home useless although its number alone does not say so.
type brokenHome struct{ cause error }

func (b *brokenHome) Error() string { return b.cause.Error() }
func (b *brokenHome) Unwrap() error { return b.cause }

var badEnvironment = &failure{
	number:  200,
	code:    "EBADENV",
	text:    "NUBLADO_HOME does not name a home directory",
	message: "[Errno 200] NUBLADO_HOME does not name a home directory",
}

func failureOf(err error) *failure {
	var errno unix.Errno
	if !errors.As(err, &errno) {
		return &failure{number: 201, code: "EUNKNOWN", text: "Unknown error 201", message: err.Error()}
	}
	text := errno.Error()
	text = strings.ToUpper(text[:1]) + text[1:]
	code := unix.ErrnoName(errno)
	message := fmt.Sprintf("[Errno %d] %s", int(errno), text)
	if name := pathOf(err); name != "" {
		message += ": '" + name + "'"
	}
	return &failure{number: int(errno), code: code, text: text, message: message}
}

func pathOf(err error) string {
	var atPath *fs.PathError
	if errors.As(err, &atPath) {
		return atPath.Path
	}
	var atLink *os.LinkError
	if errors.As(err, &atLink) {
		return atLink.New
	}
	return ""
}

func (f *failure) environment() map[string]string {
	return map[string]string{
		"ABNORMAL_STARTUP":           "TRUE",
		"ABNORMAL_STARTUP_ERRNO":     strconv.Itoa(f.number),
		"ABNORMAL_STARTUP_ERRORCODE": f.code,
		"ABNORMAL_STARTUP_STRERROR":  f.text,
		"ABNORMAL_STARTUP_MESSAGE":   f.message,
	}
}

func (f *failure) advice() string {
	switch f.code {
	case "EDQUOT":
		return "Your quota is used up. Remove files from your home directory (the command `quota` shows how much you may " +
			"use), then stop this lab and start another."
	case "ENOSPC":
		return "The volume of your home directory is full. Remove files of yours, then stop this lab and start another. If " +
			"others filled it, your administrator has to help."
	case "EROFS", "EACCES", "EPERM":
		return "Your home directory cannot be written to. Ask your administrator to look at its permissions."
	case "ENOENT", "ENOTDIR":
		return "Your home directory does not exist. Ask your administrator to make it."
	case "EBADENV":
		return "The lab was started without the variables that say where your home directory is. Tell your administrator."
	}
	return "Tell your administrator the message below."
}
