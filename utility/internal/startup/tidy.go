package startup

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"

	"berth.dev/utility/internal/home"
	"golang.org/x/sys/unix"
)

const (
	astropyCache = ".astropy/cache"
	astropyURLs  = astropyCache + "/download/url"
	spaceNeeded  = 1 << 20
)

// tidy removes what has expired and proves that the home has space for a lab's first steps.
func (s *start) tidy() error {
	s.expireDownloads()
	err := s.trySpace()
	if err == nil || !isFull(err) {
		return err
	}
	s.log.Warn("%v; removing caches", err)
	s.clear(".cache")
	s.clear(astropyCache)
	if s.trySpace() == nil {
		return nil
	}
	return err
}

func isFull(err error) bool { return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) }

// trySpace writes a megabyte and removes it. Where .cache is no directory to write to, the home itself is asked: a broken
// .cache alone does not make a home useless.
func (s *start) trySpace() error {
	if err := s.tree.MkdirAll(".cache", 0o777); isFull(err) {
		return err
	}
	err := s.fill(".cache/1mb.txt")
	if err == nil || isFull(err) {
		return err
	}
	if second := s.fill(".1mb.txt"); second != nil {
		return &brokenHome{second}
	}
	s.log.Warn("%v; programs that keep a cache may fail", err)
	return nil
}

func (s *start) fill(name string) error {
	file, err := s.tree.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|unix.O_NOFOLLOW, 0o666)
	if err != nil {
		return err
	}
	_, err = file.Write(make([]byte, spaceNeeded))
	// A quota on a network volume may be told as late as when the data is sent.
	err = errors.Join(err, file.Sync(), file.Close())
	return errors.Join(err, s.tree.Remove(name))
}

// clear empties a directory. One that is a link lies elsewhere and would not give back any space here.
func (s *start) clear(name string) {
	if info, err := s.tree.Lstat(name); err != nil || !info.IsDir() {
		return
	}
	if err := s.tree.RemoveAll(name); err != nil {
		s.log.Warn("cannot remove %s: %v", s.inHome(name), err)
	}
	if err := s.tree.MkdirAll(name, 0o777); err != nil {
		s.log.Warn("cannot make %s again: %v", s.inHome(name), err)
	}
}

// expireDownloads removes cached downloads whose address says that it has expired.
func (s *start) expireDownloads() {
	directory, err := s.tree.OpenFile(astropyURLs, os.O_RDONLY, 0)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.log.Warn("cannot list the download cache: %v", err)
		}
		return
	}
	defer directory.Close()
	entries, err := directory.Readdirnames(-1)
	if err != nil {
		s.log.Warn("cannot list the download cache: %v", err)
	}
	for _, entry := range entries {
		if err := s.expireDownload(path.Join(astropyURLs, entry)); err != nil {
			s.log.Warn("cannot remove an expired download: %v", err)
		}
	}
}

func (s *start) expireDownload(entry string) error {
	if info, err := s.tree.Lstat(entry); err != nil || !info.IsDir() {
		return err
	}
	text, err := home.Read(s.tree, path.Join(entry, "url"))
	if errors.Is(err, fs.ErrNotExist) || err == nil && !s.hasExpired(text) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, name := range []string{"url", "contents"} {
		if err := s.tree.Remove(path.Join(entry, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: %w", s.inHome(entry), err)
		}
	}
	return s.tree.Remove(entry)
}

func (s *start) hasExpired(text []byte) bool {
	address, err := url.Parse(string(bytes.TrimSpace(text)))
	if err != nil {
		return false
	}
	for name, values := range address.Query() {
		if !strings.EqualFold(name, "expires") {
			continue
		}
		if second, err := strconv.ParseInt(values[0], 10, 64); err == nil && second < s.now.Unix() {
			return true
		}
	}
	return false
}
