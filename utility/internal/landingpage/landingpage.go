// Package landingpage copies the pages that greet a user into the home directory.
package landingpage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"berth.dev/utility/internal/home"
	"berth.dev/utility/internal/jupyter"
	"berth.dev/utility/internal/say"
	"golang.org/x/sys/unix"
)

const (
	defaultSource = "/rubin/cst_repos/tutorial-notebooks-data/welcome"
	defaultTarget = "notebooks/tutorials"
	defaultFiles  = "welcome.md,logo_for_header.png"
)

// Run copies CST_LANDING_PAGE_FILES from CST_LANDING_PAGE_SRC_DIR to CST_LANDING_PAGE_TGT_DIR below NUBLADO_HOME and makes
// JupyterLab show Markdown as pages. It never fails: a lab without its landing page is still a lab, so that the exit code is 0
// and the reason is in the log. Nothing outside the home is written, whatever links the user made there.
func Run(getenv func(string) string, log *say.Log) int {
	unix.Umask(0o022)
	if err := run(getenv, log); err != nil {
		log.Error("no landing page: %v", err)
	}
	return 0
}

func run(getenv func(string) string, log *say.Log) error {
	directory := withDefault(getenv, "NUBLADO_HOME", "/nonexistent")
	source := withDefault(getenv, "CST_LANDING_PAGE_SRC_DIR", defaultSource)
	target := withDefault(getenv, "CST_LANDING_PAGE_TGT_DIR", defaultTarget)
	if !filepath.IsLocal(target) {
		return fmt.Errorf("CST_LANDING_PAGE_TGT_DIR must be a path below the home, but is %q", target)
	}
	files, err := sources(source, withDefault(getenv, "CST_LANDING_PAGE_FILES", defaultFiles))
	if err != nil {
		return err
	}
	tree, err := home.Confined(directory)
	if err != nil {
		return fmt.Errorf("cannot open the home %s: %w", directory, err)
	}
	defer tree.Close()
	if err := tree.MkdirAll(target, 0o755); err != nil {
		return fmt.Errorf("cannot make %s in %s: %w", target, directory, err)
	}
	for _, file := range files {
		if err := copyTo(tree, path.Join(target, path.Base(file)), file); err != nil {
			return err
		}
	}
	log.Info("copied %d files to %s in %s", len(files), target, directory)
	return jupyter.PreferMarkdownPreview(tree)
}

func withDefault(getenv func(string) string, name, otherwise string) string {
	if value := getenv(name); value != "" {
		return value
	}
	return otherwise
}

// sources checks all files before the first is copied.
func sources(directory, list string) ([]string, error) {
	var files []string
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		file := filepath.Join(directory, name)
		info, err := os.Stat(file)
		if err != nil {
			return nil, fmt.Errorf("cannot look at the source: %w", err)
		}
		if !info.Mode().IsRegular() {
			return nil, fmt.Errorf("the source %s is not a file", file)
		}
		files = append(files, file)
	}
	return files, nil
}

// copyTo puts a copy in place of a file or a link, dangling or not. The user can write to it even if the source is read-only.
func copyTo(tree home.Tree, name, source string) error {
	content, err := os.ReadFile(source)
	if err != nil {
		return fmt.Errorf("cannot read the source: %w", err)
	}
	info, err := os.Stat(source)
	if err != nil {
		return fmt.Errorf("cannot look at the source: %w", err)
	}
	old, err := tree.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case old.Mode()&os.ModeSymlink != 0:
		if err := tree.Remove(name); err != nil {
			return err
		}
	case !old.Mode().IsRegular():
		return fmt.Errorf("%s is in the way: it is neither a file nor a link", name)
	}
	mode := info.Mode().Perm() | 0o200
	if err := home.Replace(tree, name, content, mode); err != nil {
		return err
	}
	return tree.Chmod(name, mode)
}
