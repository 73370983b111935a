package webdav

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// The XML that clients send says what they want to know; a megabyte of it is a mistake or an attack.
const documentLimit = 1 << 20

// Seconds after which a lock ends that is not refreshed.
const lockMost = 3600

// withDocument hands requests with an XML body to the library, which reads it whole and accepts too much.
func (h *handler) withDocument(w *answer, r *http.Request) {
	if depth := r.Header.Get("Depth"); r.Method == "PROPFIND" && depth != "0" && depth != "1" {
		if depth != "" && depth != "infinity" {
			refuse(w, http.StatusBadRequest, "Depth must be 0 or 1")
			return
		}
		refuseDepth(w)
		return
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, documentLimit))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			refuse(w, http.StatusRequestEntityTooLarge, "the request is too long")
			return
		}
		refuse(w, http.StatusBadRequest, "the request did not arrive")
		return
	}
	if hasEmptyPrefix(text) {
		refuse(w, http.StatusBadRequest, "a prefix is declared for no namespace")
		return
	}
	if r.Method == "LOCK" {
		text = h.prepareLock(w, r, text)
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
	h.pass(w, r)
}

var (
	sharedScope = regexp.MustCompile(`(<\s*(?:[\w.-]+:)?)shared(\s*/>|\s*>)`)
	sharedEnd   = regexp.MustCompile(`(</\s*(?:[\w.-]+:)?)shared(\s*>)`)
)

// prepareLock: the library knows exclusive locks only, so that it is asked for one, and told by exchange.shared what it is;
// and a lock that nobody refreshes must end.
func (h *handler) prepareLock(w *answer, r *http.Request, text []byte) []byte {
	seconds := 0
	if first, _, _ := strings.Cut(r.Header.Get("Timeout"), ","); strings.HasPrefix(strings.TrimSpace(first), "Second-") {
		seconds, _ = strconv.Atoi(strings.TrimSpace(first)[len("Second-"):])
	}
	if seconds < 1 || seconds > lockMost {
		seconds = lockMost
	}
	r.Header.Set("Timeout", "Second-"+strconv.Itoa(seconds))
	if !sharedScope.Match(text) {
		return text
	}
	w.exchange.shared = true
	text = sharedScope.ReplaceAll(text, []byte("${1}exclusive${2}"))
	return sharedEnd.ReplaceAll(text, []byte("${1}exclusive${2}"))
}

// refuseDepth: RFC 4918 section 9.1 lets a server not walk a whole home for one question.
func refuseDepth(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	w.WriteHeader(http.StatusForbidden)
	_, _ = io.WriteString(w, `<?xml version="1.0" encoding="utf-8"?>`+
		`<D:error xmlns:D="DAV:"><D:propfind-finite-depth/></D:error>`)
}

// hasEmptyPrefix: xmlns:p="" is malformed (Namespaces in XML 1.0, section 2.2), but Go's parser takes it.
func hasEmptyPrefix(text []byte) bool {
	decoder := xml.NewDecoder(bytes.NewReader(text))
	for {
		token, err := decoder.RawToken()
		if err != nil {
			return false
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, each := range element.Attr {
			if each.Name.Space == "xmlns" && each.Value == "" {
				return true
			}
		}
	}
}
