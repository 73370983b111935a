package webdav

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"

	"golang.org/x/sys/unix"
)

// exchange is what the file system and the rules in front of the library tell each other about one request.
type exchange struct {
	method string
	// The first error of the file system that is more than "not there".
	err error
	// PUT: whether there was a file before, and how reading the body went.
	existed  bool
	bodyDone bool
	// MOVE: the name that is to be taken from another.
	replaces string
	// COPY: links in the copied tree.
	links []string
	// LOCK: whether the lock is shared.
	shared bool
	// Whether a lock of somebody else's was in the way, although the conditions held.
	locked bool
}

type exchangeKey struct{}

func withExchange(ctx context.Context, e *exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, e)
}

func exchangeOf(ctx context.Context) *exchange {
	if found, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return found
	}
	return &exchange{}
}

func (e *exchange) note(err error) {
	if e.err == nil && err != nil && !errors.Is(err, fs.ErrNotExist) {
		e.err = err
	}
}

func noted(ctx context.Context, err error) error {
	exchangeOf(ctx).note(err)
	return err
}

// isCutOff tells whether the client went away before all of its file had arrived.
func (e *exchange) isCutOff() bool { return e.method == http.MethodPut && !e.bodyDone }

// body notes that the last byte was read.
type body struct {
	io.ReadCloser
	exchange *exchange
	progress func()
}

func (b *body) Read(buffer []byte) (int, error) {
	b.progress()
	size, err := b.ReadCloser.Read(buffer)
	if err == io.EOF {
		b.exchange.bodyDone = true
	}
	return size, err
}

// statusOf says in HTTP what the file system said; otherwise is for what it has no word for.
func statusOf(err error, otherwise int) int {
	switch {
	case err == nil:
		return otherwise
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT), errors.Is(err, unix.EFBIG):
		return http.StatusInsufficientStorage
	case errors.Is(err, unix.ENAMETOOLONG):
		return http.StatusRequestURITooLong
	case errors.Is(err, unix.ENOTDIR), errors.Is(err, unix.ENOTEMPTY):
		return http.StatusConflict
	case errors.Is(err, unix.EISDIR), errors.Is(err, fs.ErrExist):
		return http.StatusMethodNotAllowed
	case errors.Is(err, unix.EIO), errors.Is(err, unix.ESTALE):
		return http.StatusInternalServerError
	case errors.Is(err, io.ErrUnexpectedEOF):
		return http.StatusBadRequest
	case errors.Is(err, fs.ErrPermission), errors.Is(err, unix.EROFS), errors.Is(err, unix.EXDEV), errors.Is(err, unix.EBUSY),
		errors.Is(err, unix.ELOOP), errors.Is(err, unix.ETXTBSY):
		return http.StatusForbidden
	}
	return otherwise
}
