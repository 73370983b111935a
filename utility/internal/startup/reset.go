package startup

import (
	"os"
	"path/filepath"
	"strings"

	"berth.dev/utility/internal/home"
	"berth.dev/utility/internal/jupyter"
)

const resetMark = ".user-env-reset"

var resettable = []string{".cache", ".conda", ".config", ".eups", ".local", ".jupyter"}

// reset moves the user's settings away, if asked, once in a pod's life: the mark is on the pod's own volume, so that a
// container that is restarted does not move the fresh settings too.
func (s *start) reset() error {
	mark := filepath.Join(s.places.Startup, resetMark)
	if !s.isOn("RESET_USER_ENV") {
		return nil
	}
	if _, err := os.Lstat(mark); err == nil {
		return nil
	}
	aside := s.freeName(".user_env." + s.now.UTC().Format("20060102150405"))
	for _, name := range resettable {
		if info, err := s.tree.Stat(name); err != nil || !info.IsDir() {
			continue
		}
		if err := s.move(name, filepath.Join(aside, strings.TrimPrefix(name, "."))); err != nil {
			return err
		}
	}
	if home.Exists(s.tree, "notebooks/.user_setups") {
		if err := s.move("notebooks/.user_setups", filepath.Join(aside, "notebooks/user_setups")); err != nil {
			return err
		}
	}
	if err := os.WriteFile(mark, nil, 0o644); err != nil {
		s.log.Warn("cannot note that the settings were moved away: %v", err)
	}
	return s.keepLandingPage()
}

// keepLandingPage sets again what the command landingpage, which ran before, had set.
func (s *start) keepLandingPage() error {
	if s.getenv("RSP_SITE_TYPE") != "science" {
		return nil
	}
	return jupyter.PreferMarkdownPreview(s.tree)
}

func (s *start) freeName(wanted string) string {
	name := wanted
	for suffix := "a"; home.Exists(s.tree, name); suffix += "a" {
		name = wanted + suffix
	}
	return name
}

func (s *start) move(from, to string) error {
	if err := s.tree.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	s.log.Info("moving %s to %s", s.inHome(from), s.inHome(to))
	return s.tree.Rename(from, to)
}
