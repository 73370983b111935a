package home

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Exists tells whether there is anything of that name, a dangling link included. A name that cannot be looked at counts
// as existing, so that nothing is written over it.
func Exists(tree Tree, name string) bool {
	_, err := tree.Lstat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// Replace writes a whole file so that after a crash, or on a full disk, the old content or the new is there and never a
// part of it. A new file gets mode (less the umask) and an old one keeps its own. A symbolic link is written through,
// in place, since the user put it there. The directory is made if missing.
func Replace(tree Tree, name string, content []byte, mode os.FileMode) error {
	if err := tree.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	old, err := tree.Lstat(name)
	if err == nil && old.Mode()&os.ModeSymlink != 0 {
		return overwrite(tree, name, content, mode)
	}
	temporary := filepath.Join(filepath.Dir(name), ".nublado-"+rand.Text())
	if err := create(tree, temporary, content, mode); err != nil {
		return err
	}
	if old != nil {
		if err := tree.Chmod(temporary, old.Mode().Perm()); err != nil {
			_ = tree.Remove(temporary)
			return err
		}
	}
	if err := tree.Rename(temporary, name); err != nil {
		_ = tree.Remove(temporary)
		return err
	}
	return nil
}

// Create writes a file that must not exist yet; a part of one is removed again. The directory is made if missing.
func Create(tree Tree, name string, content []byte, mode os.FileMode) error {
	if err := tree.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return create(tree, name, content, mode)
}

func create(tree Tree, name string, content []byte, mode os.FileMode) error {
	file, err := tree.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if err := fill(file, content); err != nil {
		_ = tree.Remove(name)
		return err
	}
	return nil
}

func overwrite(tree Tree, name string, content []byte, mode os.FileMode) error {
	file, err := tree.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	return fill(file, content)
}

// Synced, since a quota on a network volume may be told no earlier.
func fill(file *os.File, content []byte) error {
	_, err := file.Write(content)
	return errors.Join(err, file.Sync(), file.Close())
}
