package webdav

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/webdav"
	"golang.org/x/sys/unix"
)

// An upload without progress for so long has lost its server; its remains are swept.
const uploadLeftover = 24 * time.Hour

// fileInfo answers the library's questions without opening the file.
type fileInfo struct{ fs.FileInfo }

// ETag implements webdav.ETager: another inode, size or time is another content.
func (i fileInfo) ETag(context.Context) (string, error) { return entityTag(i), nil }

func entityTag(info fs.FileInfo) string {
	var inode uint64
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		inode = stat.Ino
	}
	return fmt.Sprintf(`"%x-%x-%x"`, inode, info.Size(), info.ModTime().UnixNano())
}

// ContentType implements webdav.ContentTyper.
func (i fileInfo) ContentType(context.Context) (string, error) { return contentType(i.Name()), nil }

func contentType(name string) string {
	if known := mime.TypeByExtension(path.Ext(name)); known != "" {
		return known
	}
	return "application/octet-stream"
}

// file is one that is read, or asked for its properties.
type file struct {
	tree     *tree
	exchange *exchange
	name     string
	info     fs.FileInfo
	opened   *os.File
}

// open never waits for somebody at the other end of a pipe that took the file's place meanwhile.
func (f *file) open() (*os.File, error) {
	if f.opened != nil {
		return f.opened, nil
	}
	opened, err := f.tree.root.OpenFile(f.name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		f.exchange.note(err)
		return nil, err
	}
	f.opened = opened
	return opened, nil
}

func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }

func (f *file) Close() error {
	if f.opened == nil {
		return nil
	}
	return f.opened.Close()
}

func (f *file) Read(buffer []byte) (int, error) {
	opened, err := f.open()
	if err != nil {
		return 0, err
	}
	return opened.Read(buffer)
}

func (f *file) Seek(offset int64, whence int) (int64, error) {
	opened, err := f.open()
	if err != nil {
		return 0, err
	}
	return opened.Seek(offset, whence)
}

func (f *file) Write([]byte) (int, error) { return 0, fs.ErrPermission }

// Readdir lists the whole directory by name only, which is all that the library uses. During a COPY, what is no file or
// directory of its own is kept for afterwards: the library would follow a link in a circle.
func (f *file) Readdir(int) ([]fs.FileInfo, error) {
	opened, err := f.open()
	if err != nil {
		return nil, err
	}
	names, err := opened.Readdirnames(-1)
	if err != nil && err != io.EOF {
		return nil, err
	}
	slices.Sort(names)
	infos := make([]fs.FileInfo, 0, len(names))
	for _, name := range names {
		full := path.Join(f.name, name)
		if strings.HasPrefix(name, uploadPrefix) {
			f.tree.sweep(full)
		} else if f.exchange.method != "COPY" || f.tree.isCopied(f.exchange, full) {
			infos = append(infos, named(name))
		}
	}
	return infos, nil
}

func (t *tree) sweep(name string) {
	if info, err := t.root.Lstat(name); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > uploadLeftover {
		_ = t.root.Remove(name)
	}
}

func (t *tree) isCopied(exchange *exchange, name string) bool {
	link, err := t.root.Lstat(name)
	if err != nil {
		return false
	}
	if link.Mode()&os.ModeSymlink == 0 {
		return link.Mode().IsRegular() || link.IsDir()
	}
	if info, err := t.stat(name); err == nil && !info.IsDir() {
		return true
	}
	exchange.links = append(exchange.links, name)
	return false
}

// named is an entry of a directory of which only the name is asked.
type named string

func (n named) Name() string       { return string(n) }
func (n named) Size() int64        { return 0 }
func (n named) Mode() fs.FileMode  { return 0 }
func (n named) ModTime() time.Time { return time.Time{} }
func (n named) IsDir() bool        { return false }
func (n named) Sys() any           { return nil }

var lockDiscovery = name{Space: "DAV:", Local: "lockdiscovery"}

// DeadProps implements webdav.DeadPropsHolder. A file that may not be read has none that could be told. The locks go with
// them when a client asks, since the library has no other place for them.
func (f *file) DeadProps() (map[name]webdav.Property, error) {
	found := map[name]webdav.Property{}
	if opened, err := f.open(); err == nil {
		found = f.tree.props.read(opened)
	}
	if f.exchange.method == "PROPFIND" {
		found[lockDiscovery] = webdav.Property{XMLName: lockDiscovery, InnerXML: []byte(f.tree.lockDiscovery(f.name))}
	}
	return found, nil
}

// Patch implements webdav.DeadPropsHolder.
func (f *file) Patch(patches []webdav.Proppatch) ([]webdav.Propstat, error) {
	opened, err := f.open()
	if err != nil {
		return nil, err
	}
	return f.tree.props.patch(opened, patches), nil
}

func procPath(file *os.File) string { return "/proc/self/fd/" + strconv.Itoa(int(file.Fd())) }
