package webdav

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

var everyMethod = []string{
	"GET", "HEAD", "PUT", "DELETE", "MKCOL", "PROPFIND", "PROPPATCH", "COPY", "MOVE", "LOCK", "OPTIONS", "POST",
}

const propertyUpdate = `<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><x:a xmlns:x="u:">bee-value</x:a></D:prop></D:set></D:propertyupdate>`

func bodyFor(method string) string {
	switch method {
	case "PROPPATCH":
		return propertyUpdate
	case "LOCK":
		return exclusiveLock
	case "PUT":
		return "content"
	}
	return ""
}

func TestNoSpellingOfAPathLeavesTheTree(t *testing.T) {
	s := newSite(t)
	s.put("a/inside", "inside")
	for _, path := range []string{
		"/../outside/secret", "/a/../../outside/secret", "/%2e%2e/outside/secret", "/..%2foutside%2fsecret", "/a/%2e%2e/%2e%2e/outside/secret",
		"/%252e%252e/outside/secret", "/%c0%ae%c0%ae/outside/secret", "/a/..;/../outside/secret",
		"//../outside/secret", "/./../outside/secret", "/a%00/../../outside/secret", "/%00",
	} {
		for _, method := range everyMethod {
			if method == "OPTIONS" {
				continue
			}
			if status := s.raw(method, base+path, bodyFor(method)); status < 400 && method != "PUT" && method != "MKCOL" && method != "LOCK" {
				t.Errorf("%s %s: %d", method, path, status)
			}
		}
		s.do("COPY", "/a/inside", "", "Destination", s.url+base+path)
	}
	s.expect(201, "PUT", "/..%5coutside%5csecret", "a name like any other here")
	s.expect(502, "COPY", "/a/inside", "", "Destination", s.url+base+"/a/%00")
	s.untouched()
	if entries, _ := os.ReadDir(filepath.Dir(s.dir)); len(entries) != 2 {
		t.Errorf("something was made beside the tree: %v", entries)
	}
}

func TestTheBaseIsAPathAndNotAText(t *testing.T) {
	s := newSite(t)
	s.put("2/x", "rachel's")
	for _, target := range []string{base + "2/x", "/files/rache", "/files", "/", "/files/RACHEL/2/x", "*", "http://x/2/x"} {
		if status := s.raw("GET", target, ""); status != 404 && status != 400 {
			t.Errorf("%s: %d", target, status)
		}
	}
	s.expect(502, "COPY", "/2/x", "", "Destination", s.url+base+"2/x")
	s.expect(502, "MOVE", "/2/x", "", "Destination", s.url+"/files/ruth/x")
	s.expect(502, "MOVE", "/2/x", "", "Destination", s.url+base+"/../ruth/x")
	s.expect(502, "MOVE", "/2/x", "", "Destination", "http://elsewhere"+base+"/x")
	s.expect(400, "MOVE", "/2/x", "")
	s.expect(200, "GET", "/2/x", "")
}

func TestNoLinkLeadsOut(t *testing.T) {
	s := newSite(t)
	s.put("file", "file")
	s.link(s.outside, "absolute")
	s.link("../outside", "relative")
	s.link("../outside/secret", "file-link")
	s.link("absolute", "twice")
	for _, name := range []string{"/absolute", "/relative", "/twice"} {
		for _, method := range []string{"GET", "PUT", "MKCOL", "PROPPATCH", "LOCK", "HEAD"} {
			for _, inner := range []string{"/secret", "/new"} {
				if status, _ := s.do(method, name+inner, bodyFor(method)); status < 400 {
					t.Errorf("%s %s%s: %d", method, name, inner, status)
				}
			}
		}
		if status, _ := s.do("DELETE", name+"/secret", ""); status < 400 {
			t.Errorf("DELETE %s/secret: %d", name, status)
		}
		for _, method := range []string{"COPY", "MOVE"} {
			if status, _ := s.do(method, name+"/secret", "", "Destination", s.url+base+"/stolen"); status < 400 {
				t.Errorf("%s out of %s: %d", method, name, status)
			}
			if status, _ := s.do(method, "/file", "", "Destination", s.url+base+name+"/planted"); status < 400 {
				t.Errorf("%s into %s: %d", method, name, status)
			}
		}
	}
	if status, _ := s.do("PUT", "/file-link", "overwritten"); status < 400 {
		t.Errorf("PUT through the link: %d", status)
	}
	if status, text := s.do("GET", "/file-link", ""); status < 400 || strings.Contains(text, "secret\n") {
		t.Errorf("GET through the link: %d %s", status, text)
	}
	if _, listing := s.do("PROPFIND", "/", "", "Depth", "1"); strings.Contains(listing, "absolute") || strings.Contains(listing, "file-link") {
		t.Error("a link that leads out is listed")
	}
	s.untouched()
}

func TestRemovingAFolderRemovesLinksAndNotTheirTargets(t *testing.T) {
	s := newSite(t)
	s.put("folder/file", "")
	s.link(s.outside, "folder/out")
	s.link("nowhere", "folder/dangling")
	s.expect(204, "DELETE", "/folder", "")
	if s.has("folder") {
		t.Error("still there")
	}
	s.untouched()
}

func TestLinksInsideAreFollowed(t *testing.T) {
	s := newSite(t)
	s.put("real/file", "old")
	s.link("real", "folder")
	s.link("real/file", "link")
	s.expect(200, "GET", "/folder/file", "")
	s.expect(204, "PUT", "/link", "new")
	if info, err := os.Lstat(filepath.Join(s.dir, "link")); err != nil || info.Mode()&os.ModeSymlink == 0 || s.get("real/file") != "new" {
		t.Error("the link was not written through")
	}
}

// A link that is swapped while requests are on their way.
func TestASwapNeverLeadsOut(t *testing.T) {
	s := newSite(t)
	must(t, os.Mkdir(filepath.Join(s.dir, "real"), 0o755))
	s.put("real/secret", "harmless")
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		name := filepath.Join(s.dir, "folder")
		for {
			select {
			case <-stop:
				return
			default:
				_ = os.Symlink("real", name)
				_ = os.Remove(name)
				_ = os.Symlink("../outside", name)
				_ = os.Remove(name)
			}
		}
	}()
	for range 500 {
		if status, text := s.do("GET", "/folder/secret", ""); status == 200 && text != "harmless" {
			t.Fatalf("read outside: %s", text)
		}
		s.do("PUT", "/folder/planted", "x")
		s.do("DELETE", "/folder/secret-of-nobody", "")
	}
	close(stop)
	<-stopped
	s.untouched()
}

func TestLongNamesAreRefusedInOrder(t *testing.T) {
	s := newSite(t)
	long := "/" + strings.Repeat("n", 4096)
	deep := strings.Repeat("/d", 2048)
	for _, name := range []string{long, deep} {
		for _, method := range everyMethod {
			if method == "OPTIONS" {
				continue
			}
			if status, _ := s.do(method, name, bodyFor(method), "Depth", "0", "Destination", s.url+base+"/x"); status < 400 || status >= 500 {
				t.Errorf("%s: %d", method, status)
			}
		}
	}
	s.expect(414, "PUT", long, "x")
	s.put("file", "")
	if status, _ := s.do("MOVE", "/file", "", "Destination", s.url+base+long); status < 400 || !s.has("file") {
		t.Errorf("MOVE: %d", status)
	}
	if entries, _ := os.ReadDir(s.dir); len(entries) != 1 {
		t.Errorf("remains: %v", entries)
	}
}

func TestWhatIsNoFileIsNeitherSeenNorWaitedFor(t *testing.T) {
	s := newSite(t)
	must(t, unix.Mkfifo(filepath.Join(s.dir, "pipe"), 0o666))
	s.put("file", "")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, method := range []string{"GET", "PUT", "PROPFIND", "PROPPATCH", "COPY"} {
			if status, _ := s.do(method, "/pipe", bodyFor(method), "Depth", "0", "Destination", s.url+base+"/copy"); status < 400 {
				t.Errorf("%s: %d", method, status)
			}
		}
		if status, listing := s.do("PROPFIND", "/", "", "Depth", "1"); status != 207 || strings.Contains(listing, "pipe") {
			t.Errorf("PROPFIND: %d", status)
		}
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("somebody waits for the other end of the pipe")
	}
}

func TestTheRootAndMountedVolumesStay(t *testing.T) {
	s := newSite(t)
	s.put("volume/data", "")
	s.put("holds/volume/data", "")
	s.put("file", "")
	s.handler.tree.mounts = mounts{s.dir, filepath.Join(s.dir, "volume"), filepath.Join(s.dir, "holds/volume")}
	for _, name := range []string{"/", "", "/volume", "/volume/", "/holds"} {
		if status, _ := s.do("DELETE", name, ""); status != 403 {
			t.Errorf("DELETE %q: %d", name, status)
		}
		for _, method := range []string{"MOVE", "COPY"} {
			if status, _ := s.do(method, "/file", "", "Destination", s.url+base+name, "Overwrite", "T"); status < 400 {
				t.Errorf("%s over %q: %d", method, name, status)
			}
		}
		if status, _ := s.do("MOVE", name, "", "Destination", s.url+base+"/elsewhere"); status < 400 {
			t.Errorf("MOVE %q: %d", name, status)
		}
	}
	s.link("holds", "link")
	s.expect(403, "DELETE", "/link/volume", "")
	if !s.has("volume/data") || !s.has("holds/volume/data") || !s.has("file") {
		t.Error("something is gone")
	}
	s.expect(204, "DELETE", "/volume/data", "")
}

func TestMountsAreReadAsTheKernelWritesThem(t *testing.T) {
	found := parseMounts("36 35 98:0 /a /mnt/with\\040blank rw - ext3 /dev/root rw\n37 36 0:1 / /mnt rw - tmpfs none rw\nbad\n")
	if len(found) != 2 || found[0] != "/mnt/with blank" || !found.hold("/mnt") || found.hold("/mnt/with") || found.hold("") {
		t.Errorf("%q", found)
	}
}
