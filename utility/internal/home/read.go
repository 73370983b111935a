package home

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// Settings and passwords are shorter by far; what is longer is something else under their name.
const readMost = 16 << 20

// Read returns the content of a file. It neither waits at a pipe that stands in its place, nor fills the memory.
func Read(tree Tree, name string) ([]byte, error) {
	file, err := tree.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &os.PathError{Op: "read", Path: name, Err: unix.EINVAL}
	}
	if info.Size() > readMost {
		return nil, fmt.Errorf("%s has %d bytes, more than are read of such a file", name, info.Size())
	}
	return io.ReadAll(io.LimitReader(file, readMost))
}
