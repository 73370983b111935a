package webdav

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"sync"
	"syscall"

	"golang.org/x/net/webdav"
	"golang.org/x/sys/unix"
)

const copyBuffer = 256 << 10

var buffers = sync.Pool{New: func() any { return new([copyBuffer]byte) }}

// upload is a file that is written. It has a name of its own until Close, and takes the wanted one only if everything
// arrived: nobody sees half a file, and a client that is cut off leaves the old one as it was. Where that would change
// more than the content (a link, a file of somebody else's, one with several names) it is written in place instead.
type upload struct {
	tree      *tree
	exchange  *exchange
	name      string
	temporary string
	old       fs.FileInfo
	file      *os.File
	err       error
}

func temporaryName(name string) string {
	return path.Join(path.Dir(name), uploadPrefix+rand.Text())
}

func (t *tree) newUpload(exchange *exchange, name string, mode os.FileMode) (*upload, error) {
	u := &upload{tree: t, exchange: exchange, name: name}
	old, err := t.root.Lstat(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err == nil {
		exchange.existed = true
		u.old = old
	}
	if exchange.method == "LOCK" {
		u.file, err = t.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
		return u, err
	}
	if err := u.checkOld(); err != nil {
		return nil, err
	}
	if u.old == nil || isOwn(u.old) {
		u.temporary = temporaryName(name)
		u.file, err = t.root.OpenFile(u.temporary, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
		if err == nil || u.old == nil || !errors.Is(err, fs.ErrPermission) {
			return u, err
		}
		u.temporary = ""
	}
	u.file, err = t.root.OpenFile(name, os.O_RDWR|os.O_TRUNC|unix.O_NONBLOCK, mode)
	return u, err
}

// checkOld: who may write to the directory could replace a file that may not be written to; we do not.
func (u *upload) checkOld() error {
	if u.old == nil {
		return nil
	}
	info, err := u.tree.root.Stat(u.name)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return &fs.PathError{Op: "open", Path: u.name, Err: unix.EISDIR}
	}
	if !info.Mode().IsRegular() {
		return &fs.PathError{Op: "open", Path: u.name, Err: fs.ErrPermission}
	}
	probe, err := u.tree.root.OpenFile(u.name, os.O_WRONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	return probe.Close()
}

func isOwn(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && info.Mode().IsRegular() && stat.Nlink == 1 && int(stat.Uid) == os.Geteuid()
}

// ReadFrom takes everything, through the kernel alone if it comes from another file.
func (u *upload) ReadFrom(source io.Reader) (int64, error) {
	var size int64
	var err error
	if other, ok := source.(*file); ok {
		var opened *os.File
		if opened, err = other.open(); err == nil {
			size, err = u.file.ReadFrom(opened)
		}
	} else {
		buffer := buffers.Get().(*[copyBuffer]byte)
		defer buffers.Put(buffer)
		size, err = io.CopyBuffer(struct{ io.Writer }{u.file}, source, buffer[:])
	}
	u.err = errors.Join(u.err, err)
	u.exchange.note(err)
	return size, err
}

func (u *upload) Write(content []byte) (int, error) {
	size, err := u.file.Write(content)
	u.err = errors.Join(u.err, err)
	return size, err
}

// Close gives the file its name, or removes what there is of it.
func (u *upload) Close() error {
	if u.err == nil && u.exchange.isCutOff() {
		u.err = io.ErrUnexpectedEOF
	}
	if u.temporary == "" {
		return errors.Join(u.err, u.file.Close())
	}
	if u.err == nil && u.old != nil && u.exchange.method == http.MethodPut {
		u.takeOver()
	}
	// A full volume may be told only now.
	u.err = errors.Join(u.err, u.file.Close())
	if u.err == nil {
		u.err = u.tree.root.Rename(u.temporary, u.name)
	}
	if u.err != nil {
		_ = u.tree.root.Remove(u.temporary)
		u.exchange.note(u.err)
	}
	return u.err
}

func (u *upload) takeOver() {
	_ = u.file.Chmod(u.old.Mode().Perm())
	if old, err := u.tree.root.OpenFile(u.name, os.O_RDONLY|unix.O_NONBLOCK, 0); err == nil {
		u.tree.props.carry(old, u.file)
		_ = old.Close()
	}
}

func (u *upload) Stat() (fs.FileInfo, error) {
	info, err := u.file.Stat()
	if err != nil {
		return nil, err
	}
	return fileInfo{info}, nil
}

func (u *upload) Read([]byte) (int, error)                     { return 0, fs.ErrPermission }
func (u *upload) Seek(int64, int) (int64, error)               { return 0, fs.ErrPermission }
func (u *upload) Readdir(int) ([]fs.FileInfo, error)           { return nil, fs.ErrInvalid }
func (u *upload) DeadProps() (map[name]webdav.Property, error) { return u.tree.props.read(u.file), nil }

func (u *upload) Patch(patches []webdav.Proppatch) ([]webdav.Propstat, error) {
	return u.tree.props.patch(u.file, patches), nil
}
