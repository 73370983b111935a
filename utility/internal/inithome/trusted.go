package inithome

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// As many links as the kernel would follow.
const maxLinks = 40

// openTrusted opens a directory by its absolute path, one component after the other. A symbolic link on the way is
// followed only if root made it in a directory where only root can make one.
func openTrusted(name string) (int, error) {
	for range maxLinks {
		fd, next, err := walk(name)
		if err != nil || next == "" {
			return fd, err
		}
		name = next
	}
	return -1, fmt.Errorf("%s: too many symbolic links", name)
}

// walk returns the open directory, or the path to go on with after a trusted link.
func walk(name string) (fd int, next string, err error) {
	const flags = unix.O_PATH | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	directory, err := unix.Open("/", flags, 0)
	if err != nil {
		return -1, "", fmt.Errorf("cannot open /: %w", err)
	}
	parts := strings.Split(strings.Trim(path.Clean(name), "/"), "/")
	for i, part := range parts {
		if part == "" {
			continue
		}
		reached := "/" + strings.Join(parts[:i+1], "/")
		child, err := unix.Openat(directory, part, flags, 0)
		if err == nil {
			unix.Close(directory)
			directory = child
			continue
		}
		defer unix.Close(directory)
		if !errors.Is(err, unix.ELOOP) && !errors.Is(err, unix.ENOTDIR) {
			return -1, "", fmt.Errorf("cannot open %s: %w", reached, err)
		}
		target, err := trustedTarget(directory, part, reached)
		if err != nil {
			return -1, "", err
		}
		if !strings.HasPrefix(target, "/") {
			target = path.Dir(reached) + "/" + target
		}
		return -1, path.Join(target, strings.Join(parts[i+1:], "/")), nil
	}
	return directory, "", nil
}

func trustedTarget(directory int, name, reached string) (string, error) {
	var link, parent unix.Stat_t
	if err := unix.Fstatat(directory, name, &link, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return "", fmt.Errorf("cannot look at %s: %w", reached, err)
	}
	if link.Mode&unix.S_IFMT != unix.S_IFLNK {
		return "", fmt.Errorf("%s is not a directory", reached)
	}
	if err := unix.Fstat(directory, &parent); err != nil {
		return "", fmt.Errorf("cannot look at the parent of %s: %w", reached, err)
	}
	if link.Uid != 0 || parent.Uid != 0 || parent.Mode&0o022 != 0 {
		return "", fmt.Errorf("%s is a symbolic link that somebody other than root could have made; not followed", reached)
	}
	buffer := make([]byte, unix.PathMax)
	size, err := unix.Readlinkat(directory, name, buffer)
	if err != nil {
		return "", fmt.Errorf("cannot read the link %s: %w", reached, err)
	}
	return string(buffer[:size]), nil
}
