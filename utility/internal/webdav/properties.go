package webdav

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"
	"os"
	"sync"
	"syscall"

	"golang.org/x/net/webdav"
	"golang.org/x/sys/unix"
)

type name = xml.Name

const (
	attribute     = "user.berth.webdav"
	attributeSize = 64 << 10
	// So many files have properties in memory; beyond it, they are refused.
	memoryLimit = 10_000
)

// properties keeps what clients note on files, in an extended attribute, so that it moves along with the file and ends with
// it. On a volume without such attributes (NFS before 4.2) it is kept in memory, by inode, for as long as the server lives,
// like locks.
type properties struct {
	mutex  sync.Mutex
	memory map[inode][]byte
}

type inode struct{ device, number uint64 }

type stored struct {
	Space, Local, Lang string
	XML                []byte
}

func newProperties() *properties { return &properties{memory: map[inode][]byte{}} }

// read is empty if there are none or if they cannot be understood.
func (p *properties) read(file *os.File) map[name]webdav.Property {
	var list []stored
	found := map[name]webdav.Property{}
	content := p.load(file)
	if len(content) == 0 || json.Unmarshal(content, &list) != nil {
		return found
	}
	for _, each := range list {
		key := name{Space: each.Space, Local: each.Local}
		found[key] = webdav.Property{XMLName: key, Lang: each.Lang, InnerXML: each.XML}
	}
	return found
}

// patch does all or nothing, as RFC 4918 section 9.2 wants it.
func (p *properties) patch(file *os.File, patches []webdav.Proppatch) []webdav.Propstat {
	now := p.read(file)
	result := webdav.Propstat{Status: http.StatusOK}
	for _, patch := range patches {
		for _, property := range patch.Props {
			result.Props = append(result.Props, webdav.Property{XMLName: property.XMLName})
			delete(now, property.XMLName)
			if !patch.Remove {
				now[property.XMLName] = property
			}
		}
	}
	if err := p.store(file, now); err != nil {
		result.Status = statusOf(err, http.StatusForbidden)
	}
	return []webdav.Propstat{result}
}

func (p *properties) store(file *os.File, all map[name]webdav.Property) error {
	list := make([]stored, 0, len(all))
	for key, each := range all {
		list = append(list, stored{Space: key.Space, Local: key.Local, Lang: each.Lang, XML: each.InnerXML})
	}
	content, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return p.save(file, content)
}

func (p *properties) load(file *os.File) []byte {
	// Most files have none, so that the size is asked first.
	size, err := unix.Fgetxattr(int(file.Fd()), attribute, nil)
	if err == nil {
		buffer := make([]byte, size)
		if size, err = unix.Fgetxattr(int(file.Fd()), attribute, buffer); err == nil {
			return buffer[:size]
		}
	}
	if !errors.Is(err, unix.ENOTSUP) {
		return nil
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.memory[inodeOf(file)]
}

func (p *properties) save(file *os.File, content []byte) error {
	err := unix.Fsetxattr(int(file.Fd()), attribute, content, 0)
	if errors.Is(err, unix.E2BIG) || errors.Is(err, unix.ERANGE) {
		return unix.ENOSPC
	}
	if !errors.Is(err, unix.ENOTSUP) {
		return err
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	key := inodeOf(file)
	if _, known := p.memory[key]; !known && len(p.memory) >= memoryLimit || len(content) > attributeSize {
		return unix.ENOSPC
	}
	p.memory[key] = content
	return nil
}

// carry gives a new file what was noted on the one whose name it takes.
func (p *properties) carry(from, to *os.File) {
	if content := p.load(from); len(content) > 0 {
		_ = p.save(to, content)
	}
}

// forget drops what is kept in memory on a file that is removed, since its inode will be another's.
func (p *properties) forget(root *os.Root, name string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if len(p.memory) == 0 {
		return
	}
	if info, err := root.Lstat(name); err == nil {
		delete(p.memory, inodeIn(info))
	}
}

func inodeOf(file *os.File) inode {
	info, err := file.Stat()
	if err != nil {
		return inode{}
	}
	return inodeIn(info)
}

func inodeIn(info os.FileInfo) inode {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return inode{}
	}
	return inode{device: stat.Dev, number: stat.Ino}
}
