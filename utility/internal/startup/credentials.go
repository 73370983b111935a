package startup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"berth.dev/utility/internal/home"
)

const credentialsDirectory = ".lsst"

func (s *start) awsCredentials() error {
	return s.merge("AWS_SHARED_CREDENTIALS_FILE", mergeINI)
}

func (s *start) postgresPasswords() error {
	return s.merge("PGPASSFILE", mergePasswords)
}

// merge lays the site's entries over the user's own file. Nobody but the user may read it. A site file that is not there
// means that the site has none.
func (s *start) merge(variable string, lay func(site, own string) string) error {
	site := s.getenv(variable)
	if site == "" {
		return nil
	}
	given, err := os.ReadFile(site)
	if errors.Is(err, fs.ErrNotExist) {
		s.log.Debug("%s: the site has no file %s", variable, site)
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.tree.Mkdir(credentialsDirectory, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	name := filepath.Join(credentialsDirectory, filepath.Base(site))
	own, err := home.Read(s.tree, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	merged := lay(string(given), string(own))
	if err == nil && merged == string(own) {
		return s.makePrivate(name)
	}
	if err := home.Replace(s.tree, name, []byte(merged), 0o600); err != nil {
		return err
	}
	return s.makePrivate(name)
}

func (s *start) makePrivate(name string) error {
	info, err := s.tree.Stat(name)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	if err := s.tree.Chmod(name, 0o600); err != nil {
		return fmt.Errorf("others can read it: %w", err)
	}
	return nil
}
