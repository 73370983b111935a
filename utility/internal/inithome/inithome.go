// Package inithome makes a user's home directory, as root, on a volume that users can write to.
//
// Every step goes through open directories, never twice through a path: what was checked is what is changed. A symbolic
// link is followed only if nobody but root could have put it there, so that no user makes root touch anything else.
package inithome

import (
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const homeMode = 0o700

// Request says which directory belongs to whom.
type Request struct {
	Home string
	UID  int
	GID  int
}

// Run reads NUBLADO_HOME, NUBLADO_UID and NUBLADO_GID, provides the home, and returns the exit code: 0, or 1 with the
// reason on errors. It is silent if there is nothing to warn about. It may be repeated, and run twice at once.
func Run(getenv func(string) string, errors io.Writer) int {
	request, err := parse(getenv)
	if err != nil {
		fmt.Fprintf(errors, "CRITICAL inithome: %v\n", err)
		return 1
	}
	warn := func(format string, values ...any) {
		fmt.Fprintf(errors, "WARNING inithome: "+format+"\n", values...)
	}
	if err := Provide(request, warn); err != nil {
		fmt.Fprintf(errors, "ERROR inithome: %v\n", err)
		return 1
	}
	return 0
}

func parse(getenv func(string) string) (Request, error) {
	home := getenv("NUBLADO_HOME")
	if !strings.HasPrefix(home, "/") {
		return Request{}, fmt.Errorf("NUBLADO_HOME must be an absolute path, but is %q", home)
	}
	if home = path.Clean(home); home == "/" {
		return Request{}, errors.New("NUBLADO_HOME must not be the root directory")
	}
	uid, err := parseID("NUBLADO_UID", getenv("NUBLADO_UID"))
	if err != nil {
		return Request{}, err
	}
	gid, err := parseID("NUBLADO_GID", getenv("NUBLADO_GID"))
	if err != nil {
		return Request{}, err
	}
	return Request{Home: home, UID: uid, GID: gid}, nil
}

// The largest number is left out: to the kernel it means "leave the owner as it is".
func parseID(name, text string) (int, error) {
	value, err := strconv.ParseUint(text, 10, 32)
	if err != nil || value > math.MaxUint32-1 || strings.HasPrefix(text, "+") {
		return 0, fmt.Errorf("%s must be a whole number from 0 to 4294967294, but is %q", name, text)
	}
	return int(value), nil
}

// Provide makes request.Home with mode 0700 and the given owner, or checks the one that exists:
//
//   - right owner: nothing is changed;
//   - other owner, empty: given to the user, with a warning (this also heals a crash between making and giving);
//   - other owner, not empty, or not a directory: an error, nothing is changed;
//   - a mode other than 0700: a warning; it is never changed.
//
// The parent directory must exist. Errors name the path and what to do.
func Provide(request Request, warn func(string, ...any)) error {
	parent, err := openTrusted(path.Dir(request.Home))
	if err != nil {
		return err
	}
	defer unix.Close(parent)

	name := path.Base(request.Home)
	unix.Umask(0o077)
	made := true
	if err := unix.Mkdirat(parent, name, homeMode); errors.Is(err, unix.EEXIST) {
		made = false
	} else if err != nil {
		return fmt.Errorf("cannot make %s: %w", request.Home, err)
	}
	home, err := openHome(parent, name, request.Home)
	if err != nil {
		return err
	}
	defer unix.Close(home)

	var stat unix.Stat_t
	if err := unix.Fstat(home, &stat); err != nil {
		return fmt.Errorf("cannot look at %s: %w", request.Home, err)
	}
	// What was just made may have been exchanged for another directory of root's; only an empty one is given away.
	if empty, err := isEmpty(home); made && err == nil && empty && int(stat.Uid) == unix.Geteuid() {
		return give(home, request)
	}
	return check(home, &stat, request, warn)
}

func openHome(parent int, name, home string) (int, error) {
	fd, err := unix.Openat(parent, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ELOOP) || errors.Is(err, unix.ENOTDIR) {
		return -1, fmt.Errorf("%s is not a directory (a symbolic link is not one either); move it out of the way", home)
	}
	if err != nil {
		return -1, fmt.Errorf("cannot open %s: %w", home, err)
	}
	return fd, nil
}

// The mode is set although mkdir was given one: a default ACL or a setgid parent makes another of it.
func give(home int, request Request) error {
	if err := unix.Fchmod(home, homeMode); err != nil {
		return fmt.Errorf("cannot set the mode of %s: %w", request.Home, err)
	}
	return chown(home, request)
}

func check(home int, stat *unix.Stat_t, request Request, warn func(string, ...any)) error {
	if mode := stat.Mode & 0o777; mode != homeMode {
		warn("%s has mode %04o, not %04o; left as it is", request.Home, mode, homeMode)
	}
	if int(stat.Uid) == request.UID && int(stat.Gid) == request.GID {
		return nil
	}
	empty, err := isEmpty(home)
	if err != nil {
		return fmt.Errorf("cannot list %s: %w", request.Home, err)
	}
	if !empty {
		return fmt.Errorf("%s belongs to %d:%d, not to %d:%d, and is not empty; an administrator must decide whose it is",
			request.Home, stat.Uid, stat.Gid, request.UID, request.GID)
	}
	warn("%s belongs to %d:%d and is empty; giving it to %d:%d",
		request.Home, stat.Uid, stat.Gid, request.UID, request.GID)
	return chown(home, request)
}

func chown(home int, request Request) error {
	if err := unix.Fchown(home, request.UID, request.GID); err != nil {
		return fmt.Errorf("cannot give %s to %d:%d: %w (does the file server of this volume squash root?)",
			request.Home, request.UID, request.GID, err)
	}
	return nil
}

func isEmpty(directory int) (bool, error) {
	if _, err := unix.Seek(directory, 0, unix.SEEK_SET); err != nil {
		return false, err
	}
	buffer := make([]byte, 4096)
	for {
		size, err := unix.ReadDirent(directory, buffer)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || size <= 0 {
			return err == nil, err
		}
		if _, entries, _ := unix.ParseDirent(buffer[:size], 1, nil); entries > 0 {
			return false, nil
		}
	}
}
