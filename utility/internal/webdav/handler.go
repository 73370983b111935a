package webdav

import (
	"fmt"
	"log"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/webdav"
)

// So long may a client take to send or to fetch the next piece. Its transfer is then over.
const stallTimeout = 2 * time.Minute

// handler stands in front of the library: who is it, is the path ours, and what the library gets wrong.
type handler struct {
	base     string
	tree     *tree
	locks    *locks
	verifier *verifier
	activity *activity
	log      *log.Logger
	// Requests that are being served.
	served sync.WaitGroup
}

func newHandler(settings Settings, tree *tree, activity *activity, logger *log.Logger) *handler {
	h := &handler{base: settings.BaseHref, tree: tree, locks: newLocks(), activity: activity, log: logger}
	if settings.VerifyURL != "" {
		h.verifier = newVerifier(settings.VerifyURL, settings.VerifyKey, logger)
	}
	tree.lockDiscovery = func(name string) string { return h.locks.discovery(h.base, path.Join("/", name)) }
	return h
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.served.Add(1)
	defer h.served.Done()
	e := &exchange{method: r.Method}
	answer := newAnswer(w, e)
	answer.limit(r)
	if h.verifier != nil && !h.verifier.admit(w, r) {
		return
	}
	if status := h.checkPath(r.URL.Path); status != 0 {
		refuse(w, status, "no such path here")
		return
	}
	done := h.activity.begin(r.Method != "PROPFIND" && r.Method != "OPTIONS" && r.Method != "HEAD")
	r = r.WithContext(withExchange(r.Context(), e))
	r.Body = &body{ReadCloser: r.Body, exchange: e, progress: answer.expectProgress}
	h.serve(answer, r)
	answer.expectProgress()
	done(h.isActivity(answer, r))
	if answer.status >= http.StatusInternalServerError {
		h.complain(answer, r)
	}
}

// complain quotes, since names of files may hold line breaks.
func (h *handler) complain(answer *answer, r *http.Request) {
	h.log.Printf("%s %q: %d, %q", r.Method, r.URL.Path, answer.status, fmt.Sprint(answer.exchange.err))
}

// waitForServed waits for handlers to return, so long at most.
func (h *handler) waitForServed(limit time.Duration) {
	done := make(chan struct{})
	go func() {
		h.served.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(limit):
	}
}

// isActivity: reads and writes that were granted. A client that asks the same again and again, or keeps its lock, is not
// somebody at work; one who opens a folder for the first time is.
func (h *handler) isActivity(answer *answer, r *http.Request) bool {
	if answer.status >= http.StatusBadRequest {
		return false
	}
	switch r.Method {
	case "OPTIONS", "HEAD":
		return false
	case "LOCK":
		return r.Header.Get("If") == ""
	case "PROPFIND":
		return h.activity.isNew(r.URL.Path)
	}
	return true
}

// checkPath: the base is a path, not a text, so that /files/rachel2 is not in /files/rachel; and nobody needs a "..".
func (h *handler) checkPath(name string) int {
	if !strings.HasPrefix(name, "/") || strings.Contains(name, "\x00") {
		return http.StatusBadRequest
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return http.StatusBadRequest
		}
	}
	if h.base == "" || name == h.base || strings.HasPrefix(name, h.base+"/") {
		return 0
	}
	return http.StatusNotFound
}

func (h *handler) serve(w *answer, r *http.Request) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		h.get(w, r)
	case http.MethodPost:
		w.Header().Set("Allow", "OPTIONS, GET, HEAD, PUT, DELETE, PROPFIND, PROPPATCH, MKCOL, COPY, MOVE, LOCK, UNLOCK")
		refuse(w, http.StatusMethodNotAllowed, "POST means nothing here")
	case "COPY", "MOVE":
		h.copyOrMove(w, r)
	case http.MethodPut, http.MethodDelete:
		h.change(w, r)
	case "MKCOL":
		if r.ContentLength != 0 {
			refuse(w, http.StatusUnsupportedMediaType, "MKCOL takes no body")
			return
		}
		h.pass(w, r)
	case "PROPFIND", "PROPPATCH", "LOCK":
		h.withDocument(w, r)
	default:
		h.pass(w, r)
	}
}

// get leaves ranges, preconditions and zero-copy to net/http, which needs to see the file itself.
func (h *handler) get(w *answer, r *http.Request) {
	clean, err := inside("open", h.inTree(r.URL.Path))
	if err != nil {
		refuse(w, http.StatusNotFound, "not found")
		return
	}
	info, err := h.tree.stat(clean)
	if err != nil {
		refuse(w, statusOf(err, http.StatusNotFound), "cannot be read")
		return
	}
	if info.IsDir() {
		refuse(w, http.StatusMethodNotAllowed, "this is a folder: open it with a WebDAV client")
		return
	}
	f := &file{tree: h.tree, exchange: w.exchange, name: clean}
	opened, err := f.open()
	if err != nil {
		refuse(w, statusOf(err, http.StatusNotFound), "cannot be read")
		return
	}
	defer opened.Close()
	if info, err = opened.Stat(); err != nil || !info.Mode().IsRegular() {
		refuse(w, http.StatusForbidden, "not a file")
		return
	}
	w.Header().Set("ETag", entityTag(info))
	w.Header().Set("Content-Type", contentType(clean))
	// A page among somebody's files must not act in the name of whoever opens it.
	w.Header().Set("Content-Security-Policy", "sandbox")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", info.ModTime(), opened)
}

// change is PUT or DELETE, with the conditions that the library does not look at.
func (h *handler) change(w *answer, r *http.Request) {
	if r.Header.Get("Content-Range") != "" {
		refuse(w, http.StatusBadRequest, "a part of a file cannot be put")
		return
	}
	if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/") {
		refuse(w, http.StatusMethodNotAllowed, "this names a folder: MKCOL makes one")
		return
	}
	if !h.conditionsHold(r) {
		refuse(w, http.StatusPreconditionFailed, "the file is not what you believe it to be")
		return
	}
	h.pass(w, r)
}

func (h *handler) conditionsHold(r *http.Request) bool {
	match, noneMatch := r.Header.Get("If-Match"), r.Header.Get("If-None-Match")
	if match == "" && noneMatch == "" {
		return true
	}
	etag := h.etag(h.inTree(r.URL.Path))
	if match != "" && !names(match, etag) {
		return false
	}
	return noneMatch == "" || !names(noneMatch, etag)
}

func names(list, etag string) bool {
	if etag == "" {
		return false
	}
	for each := range strings.SplitSeq(list, ",") {
		if each = strings.TrimPrefix(strings.TrimSpace(each), "W/"); each == "*" || each == etag {
			return true
		}
	}
	return false
}

// pass hands the request to the library.
func (h *handler) pass(w *answer, r *http.Request) {
	subject := path.Clean("/" + h.inTree(r.URL.Path))
	target := ""
	if r.Method == "COPY" || r.Method == "MOVE" {
		target, _, _ = h.destination(r)
	}
	view := h.locks.forRequest(r, w.exchange, subject, target, h.etag)
	view.shared = w.exchange.shared
	library := webdav.Handler{Prefix: h.base, FileSystem: h.tree, LockSystem: view}
	library.ServeHTTP(w, r)
	if w.status < http.StatusMultipleChoices && (r.Method == http.MethodDelete || r.Method == "MOVE") {
		h.locks.forget(subject)
	}
}

// etag is empty for what is not there.
func (h *handler) etag(name string) string {
	clean, err := inside("stat", name)
	if err != nil {
		return ""
	}
	info, err := h.tree.stat(clean)
	if err != nil {
		return ""
	}
	return entityTag(info)
}

// inTree is the part of a URL path after the base.
func (h *handler) inTree(name string) string { return strings.TrimPrefix(name, h.base) }

// destination is where a COPY or MOVE leads to, or the status and reason of a refusal.
func (h *handler) destination(r *http.Request) (name string, status int, why string) {
	header := r.Header.Get("Destination")
	target, err := url.Parse(header)
	if header == "" || err != nil {
		return "", http.StatusBadRequest, "a destination is needed"
	}
	if target.Host != "" && !strings.EqualFold(withoutPort(target), withoutPort(&url.URL{Scheme: target.Scheme, Host: r.Host})) {
		return "", http.StatusBadGateway, "the destination is on another server"
	}
	if status := h.checkPath(target.Path); status != 0 {
		return "", http.StatusBadGateway, "the destination is not in these files"
	}
	return path.Clean("/" + h.inTree(target.Path)), 0, ""
}

// withoutPort is a host without the port that its scheme stands for.
func withoutPort(address *url.URL) string {
	if port := address.Port(); address.Scheme == "https" && port == "443" || address.Scheme == "http" && port == "80" {
		return strings.TrimSuffix(address.Host, ":"+port)
	}
	return address.Host
}

func refuse(w http.ResponseWriter, status int, why string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintln(w, why)
}
