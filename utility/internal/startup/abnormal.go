package startup

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"strings"

	"berth.dev/utility/internal/home"
	"berth.dev/utility/internal/jupyter"
)

const (
	welcomeFile  = "notebooks/tutorials/welcome.md"
	welcomeTitle = "# Your lab started without your home directory\n"
)

// abnormal gives the lab another home, where a page says what happened.
func (s *start) abnormal() {
	other := s.places.Temporary
	if s.env["SCRATCH_DIR"] != "" {
		other = s.env["SCRATCH_DIR"]
	}
	s.log.Error("abnormal start: %s; the lab gets %s as its home", s.failure.message, other)
	maps.Copy(s.env, s.failure.environment())
	s.home = other
	s.env["HOME"] = other
	s.forgetHome()

	tree, err := home.ForProcess(other)
	if err == nil {
		err = errors.Join(s.explain(tree), jupyter.PreferMarkdownPreview(tree), tree.Close())
	}
	if err != nil {
		s.log.Warn("cannot leave a page that explains the start: %v", err)
	}
}

// forgetHome takes back what points into the home that cannot be used.
func (s *start) forgetHome() {
	for _, name := range credentialVariables {
		if original := s.env["ORIG_"+name]; original != "" {
			s.env[name] = original
		}
	}
	s.pandaConfig()
}

// explain leaves a page of the same name alone if somebody else wrote it.
func (s *start) explain(tree home.Tree) error {
	old, err := home.Read(tree, welcomeFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil && !strings.HasPrefix(string(old), welcomeTitle) {
		return fmt.Errorf("%s is there already: %w", welcomeFile, os.ErrExist)
	}
	page := fmt.Sprintf("%s\nDo not trust this lab with your work: what you save in it may be gone when it ends.\n\n"+
		"%s\n\n- Home directory: `%s`\n- Error: `%s` (%s)\n- Message: `%s`\n", welcomeTitle, s.failure.advice(),
		s.getenv("NUBLADO_HOME"), s.failure.code, s.failure.text, s.failure.message)
	return home.Replace(tree, welcomeFile, []byte(page), 0o666)
}
