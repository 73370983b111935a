package startup

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"berth.dev/utility/internal/home"
	"berth.dev/utility/internal/jupyter"
)

const (
	loggingProfile = ".ipython/profile_default/startup/20-logging.py"
	outputLimit    = 10_000
	gitLFS         = "[filter \"lfs\"]\n\tclean = git-lfs clean -- %f\n\tsmudge = git-lfs smudge -- %f\n" +
		"\tprocess = git-lfs filter-process\n\trequired = true\n"
)

// Versions of the logging profile that users got and did not write themselves.
var earlierProfiles = map[string]bool{"2997fe99eb12846a1b724f0b82b9e5e6acbd1d4c29ceb9c9ae8f1ef5503892ec": true}

// files puts the site's files into the home, each on its own: what fails for one is logged and the next is done.
func (s *start) files() {
	steps := []struct {
		name string
		do   func() error
	}{
		{"AWS credentials", s.awsCredentials},
		{"PostgreSQL passwords", s.postgresPasswords},
		{"Dask dashboard", s.dask},
		{"logging profile", s.loggingProfile},
		{"colours of ls", s.dircolors},
		{"skeleton", s.skeleton},
		// After the skeleton, which may bring a .gitconfig.
		{"Git LFS", s.gitLFS},
		{"output limit", func() error { return jupyter.RaiseOutputLimit(s.tree, outputLimit) }},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			s.fail(step.name, err)
		}
	}
}

// gitLFS writes what `git lfs install` would, so that neither is needed here.
func (s *start) gitLFS() error {
	for _, name := range []string{".gitconfig", ".config/git/config"} {
		text, err := home.Read(s.tree, name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for line := range strings.SplitSeq(string(text), "\n") {
			if strings.TrimSpace(line) == `[filter "lfs"]` {
				return nil
			}
		}
	}
	text, err := home.Read(s.tree, ".gitconfig")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(text, '\n')
	}
	return home.Replace(s.tree, ".gitconfig", append(text, gitLFS...), 0o666)
}

func (s *start) loggingProfile() error {
	old, err := home.Read(s.tree, loggingProfile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	sum := sha256.Sum256(old)
	if err == nil && !earlierProfiles[hex.EncodeToString(sum[:])] {
		return nil
	}
	config := s.getenv("JUPYTERLAB_CONFIG_DIR")
	if config == "" {
		config = "/opt/lsst/software/jupyterlab"
	}
	candidates := []string{
		filepath.Join(config, "etc/20-logging.py"), filepath.Join(config, "20-logging.py"), s.places.Logging,
	}
	for _, candidate := range candidates {
		content, err := os.ReadFile(candidate)
		if err == nil {
			return home.Replace(s.tree, loggingProfile, content, 0o666)
		}
	}
	s.log.Warn("no logging profile in any of %s", strings.Join(candidates, ", "))
	return nil
}

func (s *start) dircolors() error { return s.copyIfAbsent(".dir_colors", s.places.Dircolors) }

func (s *start) copyIfAbsent(name, source string) error {
	if home.Exists(s.tree, name) {
		return nil
	}
	content, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	return home.Create(s.tree, name, content, 0o666)
}

// skeleton copies what is missing, and never touches what is there. What stands in the way of one file is logged.
func (s *start) skeleton() error {
	return filepath.WalkDir(s.places.Skeleton, func(source string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(s.places.Skeleton, source)
		if err != nil || name == "." {
			return err
		}
		if entry.IsDir() {
			err = s.tree.MkdirAll(name, 0o777)
		} else {
			err = s.copyIfAbsent(name, source)
		}
		switch {
		case err == nil:
			return nil
		case unusable(err):
			return err
		case entry.IsDir():
			s.log.Warn("skeleton: %v; nothing below it is copied", err)
			return fs.SkipDir
		}
		s.log.Warn("skeleton: %v", err)
		return nil
	})
}
