// Package home reads and writes files below a user's home directory.
package home

import (
	"os"
	"path/filepath"
	"syscall"
)

// Tree is a directory with everything below it. Names are relative to it.
type Tree interface {
	OpenFile(name string, flag int, mode os.FileMode) (*os.File, error)
	Stat(name string) (os.FileInfo, error)
	Lstat(name string) (os.FileInfo, error)
	Mkdir(name string, mode os.FileMode) error
	MkdirAll(name string, mode os.FileMode) error
	Chmod(name string, mode os.FileMode) error
	Rename(from, to string) error
	Remove(name string) error
	RemoveAll(name string) error
	// Close gives back what the tree holds open; files opened from it stay usable.
	Close() error
}

// Confined opens a tree that no symbolic link leads out of, whoever makes one at whatever moment: a name that would leave
// it is an error. The directory must exist.
func Confined(directory string) (Tree, error) {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return nil, err
	}
	return root, nil
}

// ForProcess opens a tree for whoever runs this: root is confined to it, while a user may have linked parts of the home to
// other places and reaches them with the user's own rights.
func ForProcess(directory string) (Tree, error) {
	if os.Geteuid() == 0 {
		return Confined(directory)
	}
	info, err := os.Stat(directory)
	if err == nil && !info.IsDir() {
		err = &os.PathError{Op: "open", Path: directory, Err: syscall.ENOTDIR}
	}
	if err != nil {
		return nil, err
	}
	return plain(directory), nil
}

type plain string

func (p plain) path(name string) string { return filepath.Join(string(p), name) }

func (p plain) OpenFile(name string, flag int, mode os.FileMode) (*os.File, error) {
	return os.OpenFile(p.path(name), flag, mode)
}
func (p plain) Stat(name string) (os.FileInfo, error)        { return os.Stat(p.path(name)) }
func (p plain) Lstat(name string) (os.FileInfo, error)       { return os.Lstat(p.path(name)) }
func (p plain) Mkdir(name string, mode os.FileMode) error    { return os.Mkdir(p.path(name), mode) }
func (p plain) MkdirAll(name string, mode os.FileMode) error { return os.MkdirAll(p.path(name), mode) }
func (p plain) Chmod(name string, mode os.FileMode) error    { return os.Chmod(p.path(name), mode) }
func (p plain) Rename(from, to string) error                 { return os.Rename(p.path(from), p.path(to)) }
func (p plain) Remove(name string) error                     { return os.Remove(p.path(name)) }
func (p plain) RemoveAll(name string) error                  { return os.RemoveAll(p.path(name)) }
func (p plain) Close() error                                 { return nil }
