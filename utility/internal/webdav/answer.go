package webdav

import (
	"bytes"
	"io"
	"net/http"
	"time"
)

// So much is sent before the client must have taken it, within the stall timeout.
const piece = 1 << 20

// answer knows which status was sent, says in it what the file system said, and gives up on a client that takes nothing.
type answer struct {
	http.ResponseWriter
	exchange *exchange
	control  *http.ResponseController
	status   int
}

func newAnswer(w http.ResponseWriter, e *exchange) *answer {
	return &answer{ResponseWriter: w, exchange: e, control: http.NewResponseController(w)}
}

// expectProgress gives the client another stall timeout, for both directions.
func (a *answer) expectProgress() {
	until := time.Now().Add(stallTimeout)
	_ = a.control.SetReadDeadline(until)
	_ = a.control.SetWriteDeadline(until)
}

// limit holds for what happens before anything is transferred: nobody, known or not, keeps a connection and with it the
// server up by sending or taking nothing. Without a body there is no limit on reading, since a request may take long.
func (a *answer) limit(r *http.Request) {
	_ = a.control.SetWriteDeadline(time.Now().Add(stallTimeout))
	if r.ContentLength != 0 {
		_ = a.control.SetReadDeadline(time.Now().Add(stallTimeout))
	}
}

// WriteHeader mends the library's choice: it says "created" for a file that was replaced, and "method not allowed" or "not
// found" for whatever the file system refuses.
func (a *answer) WriteHeader(status int) {
	switch {
	case a.status != 0:
		return
	case status == http.StatusCreated && a.exchange.method == http.MethodPut && a.exchange.existed:
		status = http.StatusNoContent
	case status == http.StatusPreconditionFailed && a.exchange.locked:
		status = http.StatusLocked
	case status == http.StatusInternalServerError && a.exchange.method == "LOCK" && a.exchange.err == nil:
		// There is no folder to make the empty file in.
		status = http.StatusConflict
	case isGuess(status) && a.exchange.err != nil:
		status = statusOf(a.exchange.err, status)
	}
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

// These the library gives for errors that it did not look at.
func isGuess(status int) bool {
	return status == http.StatusMethodNotAllowed || status == http.StatusNotFound || status == http.StatusForbidden ||
		status == http.StatusInternalServerError
}

func (a *answer) Write(content []byte) (int, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	a.expectProgress()
	if a.exchange.shared {
		return len(content), a.writeShared(content)
	}
	return a.ResponseWriter.Write(content)
}

// writeShared says what the library does not know: the lock is a shared one.
func (a *answer) writeShared(content []byte) error {
	_, err := a.ResponseWriter.Write(bytes.Replace(content, []byte("<D:exclusive/>"), []byte("<D:shared/>"), 1))
	return err
}

// ReadFrom sends a file piece by piece, each by the kernel alone.
func (a *answer) ReadFrom(source io.Reader) (int64, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	limited, ok := source.(*io.LimitedReader)
	sender, canSend := a.ResponseWriter.(io.ReaderFrom)
	if !ok || !canSend {
		return io.Copy(struct{ io.Writer }{a}, source)
	}
	var total int64
	for limited.N > 0 {
		a.expectProgress()
		part := io.LimitedReader{R: limited.R, N: min(piece, limited.N)}
		sent, err := sender.ReadFrom(&part)
		total += sent
		limited.N -= sent
		if err != nil || sent == 0 {
			return total, err
		}
	}
	return total, nil
}

// Unwrap lets http.ResponseController find the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
