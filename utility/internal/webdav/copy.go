package webdav

import (
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
)

// copyOrMove makes sure, before anything at the destination is touched, that there is something to put there and that the
// two are apart.
func (h *handler) copyOrMove(w *answer, r *http.Request) {
	target, status, why := h.destination(r)
	if status != 0 {
		refuse(w, status, why)
		return
	}
	from, err := inside("copy", h.inTree(r.URL.Path))
	if err == nil {
		_, err = h.tree.root.Lstat(from)
	}
	if err != nil {
		refuse(w, statusOf(err, http.StatusNotFound), "there is nothing to take")
		return
	}
	to, err := inside("copy", target)
	if err != nil {
		refuse(w, http.StatusForbidden, "not a name for a file")
		return
	}
	if h.overlap(from, to) {
		refuse(w, http.StatusForbidden, "source and destination are the same, or one is in the other")
		return
	}
	if parent, err := h.tree.root.Stat(path.Dir(to)); err != nil || !parent.IsDir() {
		refuse(w, http.StatusConflict, "the folder of the destination does not exist")
		return
	}
	if r.Header.Get("Overwrite") == "" {
		// RFC 4918 section 10.6: that is what its absence means.
		r.Header.Set("Overwrite", "T")
	}
	// The library compares hosts letter by letter, and a proxy may have added a port.
	r.Header.Set("Destination", (&url.URL{Path: h.base + target}).EscapedPath())
	h.pass(w, r)
	if w.status < http.StatusMultipleChoices {
		h.repeatLinks(w.exchange, from, to)
	}
}

// overlap sees through links: it compares where the names really lead.
func (h *handler) overlap(from, to string) bool {
	source, target := h.tree.realPath(from), h.tree.realPath(to)
	if source == "" || target == "" {
		source, target = "/"+from, "/"+to
	}
	if source == target || strings.HasPrefix(source, target+"/") || strings.HasPrefix(target, source+"/") {
		return true
	}
	first, err := h.tree.root.Stat(from)
	if err != nil {
		return false
	}
	second, err := h.tree.root.Stat(to)
	return err == nil && os.SameFile(first, second)
}

// repeatLinks copies the links to folders, and those that lead nowhere, as links.
func (h *handler) repeatLinks(exchange *exchange, from, to string) {
	for _, link := range exchange.links {
		target, err := h.tree.root.Readlink(link)
		if err == nil {
			err = h.tree.root.Symlink(target, path.Join(to, strings.TrimPrefix(link, from)))
		}
		if err != nil {
			h.log.Printf("COPY: the link %q is missing in the copy: %v", link, err)
		}
	}
}
