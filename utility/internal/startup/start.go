// Package startup prepares a user's home and writes how JupyterLab is to be started.
package startup

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"berth.dev/utility/internal/home"
	"berth.dev/utility/internal/say"
	"golang.org/x/sys/unix"
)

// Places are the paths of the image and the pod that the command knows.
type Places struct {
	// Startup is where the launcher looks for env.json and args.json.
	Startup string
	// Skeleton is copied into new homes.
	Skeleton string
	// Dircolors is the colour table for ls.
	Dircolors string
	// Logging is the image's own logging profile.
	Logging string
	// Temporary is a directory of the pod that replaces a home that cannot be used.
	Temporary string
}

// DefaultPlaces are those of the utility image.
var DefaultPlaces = Places{
	Startup:   "/etc/nublado/startup",
	Skeleton:  "/etc/skel",
	Dircolors: "/etc/dircolors.ansi-universal",
	Logging:   "/usr/local/share/jupyterlab/etc/20-logging.py",
	Temporary: "/tmp",
}

// start is one run of the command.
type start struct {
	getenv func(string) string
	places Places
	log    *say.Log
	now    time.Time

	home    string
	tree    home.Tree
	scratch string
	// What env.json will hold.
	env     map[string]string
	failure *failure
}

// Run prepares the home that NUBLADO_HOME names and writes env.json and args.json. A home that cannot be used makes an
// abnormal start: the lab gets another home and a page that says why, and the exit code is still 0. It is 1 only if the two
// files cannot be written, since then there is nothing that a lab could start with.
func Run(getenv func(string) string, places Places, log *say.Log, now time.Time) int {
	s := &start{getenv: getenv, places: places, log: log, now: now, env: map[string]string{}}
	unix.Umask(0o022)
	s.openHome()
	defer s.closeHome()
	s.attempt("reset", s.reset)
	s.environment()
	s.attempt("tidy", s.tidy)
	if s.failure == nil {
		s.files()
	}
	if s.failure != nil {
		s.abnormal()
	}
	if err := s.write(); err != nil {
		log.Error("cannot write what the lab is started with: %v", err)
		return 1
	}
	return 0
}

func (s *start) openHome() {
	s.home = s.getenv("NUBLADO_HOME")
	if s.home == "" || !filepath.IsAbs(s.home) || filepath.Clean(s.home) == "/tmp" {
		s.home = s.places.Temporary
		s.failure = badEnvironment
	}
	s.home = filepath.Clean(s.home)
	s.env["HOME"] = s.home
	tree, err := home.ForProcess(s.home)
	if err != nil {
		s.fail("home", &brokenHome{err})
		return
	}
	s.tree = tree
}

func (s *start) closeHome() {
	if s.tree != nil {
		_ = s.tree.Close()
	}
}

// attempt does a step that needs a home; what goes wrong makes the start abnormal only if it says that the home is of no use.
func (s *start) attempt(what string, step func() error) {
	if s.tree == nil || s.failure != nil {
		return
	}
	if err := step(); err != nil {
		s.fail(what, err)
	}
}

func (s *start) fail(what string, err error) {
	if unusable(err) {
		s.log.Error("%s: %v; the home cannot be used", what, err)
		s.failure = failureOf(err)
		return
	}
	s.log.Warn("%s: %v; going on without", what, err)
}

// unusable tells errors of the volume from those of one file.
func unusable(err error) bool {
	for _, errno := range []unix.Errno{unix.ENOSPC, unix.EDQUOT, unix.EROFS, unix.EIO, unix.ESTALE, unix.ENXIO} {
		if errors.Is(err, errno) {
			return true
		}
	}
	var broken *brokenHome
	return errors.As(err, &broken)
}

func (s *start) isOn(name string) bool { return say.IsOn(s.getenv(name)) }

// inHome is the absolute path of a name in the home.
func (s *start) inHome(name string) string { return filepath.Join(s.home, name) }

func isDirectory(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}
