package webdav

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"

	"golang.org/x/net/webdav"
	"golang.org/x/sys/unix"
)

// A name that begins so is an upload on its way. Nobody sees it, and no client can make one.
const uploadPrefix = ".berth-upload-"

// What a MOVE replaced begins so, until it is removed.
const replacedPrefix = "replaced-by-a-move-"

// tree is a directory as the WebDAV library wants to see one. No name and no symbolic link leads out of it: every path is
// walked by the kernel one component after the other, from the open directory. What is neither a file nor a directory
// cannot be seen.
type tree struct {
	root   *os.Root
	mounts mounts
	props  *properties
	// The content of DAV:lockdiscovery for a name.
	lockDiscovery func(name string) string
}

func openTree(directory string) (*tree, error) {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return nil, err
	}
	return &tree{root: root, mounts: readMounts(), props: newProperties()}, nil
}

// inside is a URL path as a name below the root; "." is the root itself.
func inside(op, name string) (string, error) {
	clean := strings.TrimPrefix(path.Clean("/"+name), "/")
	if clean == "" {
		return ".", nil
	}
	if strings.Contains(clean, "\x00") || strings.HasPrefix(clean, uploadPrefix) || strings.Contains(clean, "/"+uploadPrefix) {
		return "", &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return clean, nil
}

// changeable is a name that may be removed, moved or replaced: not the root, not a mounted volume, nothing that holds one.
func (t *tree) changeable(op, name string) (string, error) {
	clean, err := inside(op, name)
	if err != nil {
		return "", err
	}
	if clean == "." || t.mounts.hold(t.realPath(clean)) {
		return "", &fs.PathError{Op: op, Path: name, Err: fs.ErrPermission}
	}
	return clean, nil
}

// realPath is the absolute path of a name with the links in its directories resolved, the last component as it is. Without
// an answer of the kernel it is empty.
func (t *tree) realPath(clean string) string {
	directory, err := t.root.Open(path.Dir(clean))
	if err != nil {
		return ""
	}
	defer directory.Close()
	parent, err := os.Readlink(procPath(directory))
	if err != nil {
		return ""
	}
	return path.Join(parent, path.Base(clean))
}

func (t *tree) stat(clean string) (fs.FileInfo, error) {
	info, err := t.root.Stat(clean)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() && !info.IsDir() {
		return nil, &fs.PathError{Op: "stat", Path: clean, Err: fs.ErrPermission}
	}
	return fileInfo{info}, nil
}

// Stat implements webdav.FileSystem.
func (t *tree) Stat(ctx context.Context, name string) (fs.FileInfo, error) {
	clean, err := inside("stat", name)
	if err != nil {
		return nil, err
	}
	info, err := t.stat(clean)
	return info, noted(ctx, err)
}

// Mkdir implements webdav.FileSystem.
func (t *tree) Mkdir(ctx context.Context, name string, mode os.FileMode) error {
	clean, err := inside("mkdir", name)
	if err != nil {
		return err
	}
	return noted(ctx, t.root.Mkdir(clean, mode|0o700))
}

// OpenFile implements webdav.FileSystem. A file to read is opened at its first use, since most are only asked for their
// properties; a file to write gets its name when all of it is there.
func (t *tree) OpenFile(ctx context.Context, name string, flag int, mode os.FileMode) (webdav.File, error) {
	clean, err := inside("open", name)
	if err != nil {
		return nil, err
	}
	if flag&os.O_TRUNC != 0 {
		upload, err := t.newUpload(exchangeOf(ctx), clean, mode)
		if err != nil {
			return nil, noted(ctx, err)
		}
		return upload, nil
	}
	info, err := t.stat(clean)
	if err != nil {
		return nil, noted(ctx, err)
	}
	return &file{tree: t, exchange: exchangeOf(ctx), name: clean, info: info}, nil
}

// RemoveAll implements webdav.FileSystem. When the library clears the way for a COPY or a MOVE, what is there stays until
// its replacement is: a failure must not cost the user both.
func (t *tree) RemoveAll(ctx context.Context, name string) error {
	clean, err := t.changeable("remove", name)
	if err != nil {
		return noted(ctx, err)
	}
	exchange := exchangeOf(ctx)
	if exchange.method == "MOVE" {
		exchange.replaces = clean
		return nil
	}
	if info, err := t.root.Lstat(clean); exchange.method == "COPY" && err == nil && info.Mode().IsRegular() {
		return nil
	}
	t.props.forget(t.root, clean)
	return noted(ctx, t.root.RemoveAll(clean))
}

// Rename implements webdav.FileSystem.
func (t *tree) Rename(ctx context.Context, from, to string) error {
	source, err := t.changeable("rename", from)
	if err != nil {
		return noted(ctx, err)
	}
	target, err := t.changeable("rename", to)
	if err != nil {
		return noted(ctx, err)
	}
	if exchangeOf(ctx).replaces == target {
		return noted(ctx, t.exchangeNames(source, target))
	}
	return noted(ctx, t.root.Rename(source, target))
}

// exchangeNames lets source take the name of target, which is removed only then: at every moment both are there.
func (t *tree) exchangeNames(source, target string) error {
	err := t.root.Rename(source, target)
	if err == nil || !errors.Is(err, unix.EISDIR) && !errors.Is(err, unix.ENOTDIR) && !errors.Is(err, unix.ENOTEMPTY) &&
		!errors.Is(err, unix.EEXIST) {
		return err
	}
	if t.swap(source, target) == nil {
		return t.root.RemoveAll(source)
	}
	// Not every network volume can do that at once. Whoever is killed now leaves a folder that its owner sees.
	aside := path.Join(path.Dir(target), replacedPrefix+rand.Text())
	if err := t.root.Rename(target, aside); err != nil {
		return err
	}
	if err := t.root.Rename(source, target); err != nil {
		return errors.Join(err, t.root.Rename(aside, target))
	}
	return t.root.RemoveAll(aside)
}

// swap lets two names change what they stand for, in one step.
func (t *tree) swap(one, other string) error {
	first, err := t.root.Open(path.Dir(one))
	if err != nil {
		return err
	}
	defer first.Close()
	second, err := t.root.Open(path.Dir(other))
	if err != nil {
		return err
	}
	defer second.Close()
	return unix.Renameat2(int(first.Fd()), path.Base(one), int(second.Fd()), path.Base(other), unix.RENAME_EXCHANGE)
}
