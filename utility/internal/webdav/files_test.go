package webdav

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestSaysWhetherAFileIsNew(t *testing.T) {
	s := newSite(t)
	s.expect(201, "PUT", "/a", "one")
	s.expect(204, "PUT", "/a", "two")
	s.expect(409, "PUT", "/missing/a", "")
	s.expect(409, "PUT", "/a/b", "")
	s.expect(405, "PUT", "/", "")
	s.expect(405, "PUT", "/b/", "")
	s.expect(400, "PUT", "/a", "x", "Content-Range", "bytes 0-0/3")
	if s.get("a") != "two" {
		t.Errorf("a is %q", s.get("a"))
	}
}

func TestHonoursConditions(t *testing.T) {
	s := newSite(t)
	s.expect(412, "PUT", "/a", "", "If-Match", "*")
	s.expect(201, "PUT", "/a", "one", "If-None-Match", "*")
	s.expect(412, "PUT", "/a", "two", "If-None-Match", "*")
	_, _, header := s.ask("GET", "/a", "")
	etag := header.Get("ETag")
	s.expect(204, "PUT", "/a", "two", "If-Match", `"other", `+etag)
	s.expect(412, "PUT", "/a", "three", "If-Match", etag)
	s.expect(412, "DELETE", "/a", "", "If-Match", etag)
	if s.get("a") != "two" {
		t.Errorf("a is %q", s.get("a"))
	}
}

// cutOff begins a PUT and goes away in the middle.
func (s *site) cutOff(name string) {
	s.t.Helper()
	connection, err := net.Dial("tcp", s.address)
	must(s.t, err)
	fmt.Fprintf(connection, "PUT %s%s HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf", base, name)
	waitFor(s.t, func() bool { return len(s.uploads()) > 0 || s.get(name) == "half" })
	must(s.t, connection.Close())
	waitFor(s.t, func() bool { return s.activity.idleFor() > 0 })
}

func (s *site) uploads() []string {
	found, _ := filepath.Glob(filepath.Join(s.dir, uploadPrefix+"*"))
	return found
}

func waitFor(t *testing.T, condition func() bool) {
	t.Helper()
	for range 2000 {
		if condition() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("it never came to pass")
}

func TestAnUploadThatIsCutOffChangesNothing(t *testing.T) {
	s := newSite(t)
	s.put("old", "old")
	s.cutOff("/old")
	s.cutOff("/new")
	if s.get("old") != "old" || s.has("new") || len(s.uploads()) > 0 {
		t.Errorf("old is %q, new is %v, remains %v", s.get("old"), s.has("new"), s.uploads())
	}
}

func TestUploadsOnTheirWayAreHiddenAndOldRemainsGo(t *testing.T) {
	s := newSite(t)
	fresh, stale := uploadPrefix+"FRESH", uploadPrefix+"STALE"
	s.put(fresh, "")
	s.put(stale, "")
	old := time.Now().Add(-25 * time.Hour)
	must(t, os.Chtimes(filepath.Join(s.dir, stale), old, old))
	if _, listing := s.do("PROPFIND", "/", "", "Depth", "1"); strings.Contains(listing, "upload") {
		t.Error("listed")
	}
	if !s.has(fresh) || s.has(stale) {
		t.Error("the wrong one was swept")
	}
	s.expect(404, "GET", "/"+fresh, "")
	if status, _ := s.do("PUT", "/"+uploadPrefix+"mine", ""); status < 400 {
		t.Errorf("PUT: %d", status)
	}
}

func TestReplacingKeepsWhatTheFileWas(t *testing.T) {
	s := newSite(t)
	s.put("script", "old")
	must(t, os.Chmod(filepath.Join(s.dir, "script"), 0o750))
	s.expect(207, "PROPPATCH", "/script", propertyUpdate)
	s.expect(204, "PUT", "/script", "new")
	info, err := os.Stat(filepath.Join(s.dir, "script"))
	if err != nil || info.Mode().Perm() != 0o750 {
		t.Errorf("mode %v %v", info, err)
	}
	if _, text := s.do("PROPFIND", "/script", "", "Depth", "0"); !strings.Contains(text, "bee-value") {
		t.Errorf("the property is gone: %s", text)
	}
	s.put("one", "x")
	must(t, os.Link(filepath.Join(s.dir, "one"), filepath.Join(s.dir, "two")))
	s.expect(204, "PUT", "/one", "both")
	if s.get("two") != "both" {
		t.Error("a file with two names was torn apart")
	}
}

func TestAFullVolumeIsSaidAndLeavesTheOldFile(t *testing.T) {
	needRoot(t)
	s := newSite(t)
	volume := filepath.Join(s.dir, "volume")
	must(t, os.Mkdir(volume, 0o755))
	if err := unix.Mount("tmpfs", volume, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("cannot mount here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(volume, unix.MNT_DETACH) })
	s.put("volume/old", "old")
	s.put("file", strings.Repeat("x", 2<<20))
	s.expect(507, "PUT", "/volume/old", strings.Repeat("x", 2<<20))
	s.expect(507, "COPY", "/file", "", "Destination", s.url+base+"/volume/copy")
	s.expect(403, "MOVE", "/file", "", "Destination", s.url+base+"/volume/moved")
	if s.get("volume/old") != "old" || s.has("volume/copy") || !s.has("file") {
		t.Error("something was lost")
	}
	if found, _ := filepath.Glob(filepath.Join(volume, uploadPrefix+"*")); len(found) > 0 {
		t.Errorf("remains: %v", found)
	}
}

func TestWhatMayNotBeDoneIsForbidden(t *testing.T) {
	needUser(t)
	s := newSite(t)
	s.put("read-only", "old")
	s.put("unreadable", "old")
	s.put("folder/file", "old")
	must(t, os.Chmod(filepath.Join(s.dir, "read-only"), 0o444))
	must(t, os.Chmod(filepath.Join(s.dir, "unreadable"), 0))
	must(t, os.Chmod(filepath.Join(s.dir, "folder"), 0o555))
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(s.dir, "folder"), 0o755) })
	s.expect(403, "PUT", "/read-only", "new")
	s.expect(403, "GET", "/unreadable", "")
	s.expect(403, "PUT", "/folder/new", "new")
	s.expect(403, "DELETE", "/folder/file", "")
	s.expect(403, "MKCOL", "/folder/sub", "")
	s.expect(403, "MOVE", "/folder/file", "", "Destination", s.url+base+"/moved")
	s.expect(204, "PUT", "/folder/file", "in place")
	if s.get("read-only") != "old" || s.get("folder/file") != "in place" {
		t.Error("the wrong file was written")
	}
}

func TestMoveAndCopyLoseNothing(t *testing.T) {
	s := newSite(t)
	to := func(name string) []string { return []string{"Destination", s.url + base + name} }
	s.put("kept", "kept")
	s.expect(404, "MOVE", "/missing", "", to("/kept")...)
	s.expect(404, "COPY", "/missing", "", to("/kept")...)
	s.expect(412, "MOVE", "/kept", "", append(to("/kept2"), "Overwrite", "F", "If", "(<urn:x>)")...)
	s.put("a/b/c", "deep")
	for _, method := range []string{"MOVE", "COPY"} {
		s.expect(403, method, "/a", "", to("/a/b/d")...)
		s.expect(403, method, "/a/b/c", "", to("/a")...)
		s.expect(403, method, "/a", "", to("/a/")...)
	}
	s.link("a", "alias")
	s.expect(403, "COPY", "/a/b/c", "", to("/alias/b/c")...)
	s.expect(403, "COPY", "/a", "", to("/alias/b/x")...)
	s.expect(409, "COPY", "/kept", "", to("/no/such")...)
	if s.get("kept") != "kept" || s.get("a/b/c") != "deep" {
		t.Error("something was lost")
	}
	s.put("folder/x", "x")
	s.expect(204, "MOVE", "/kept", "", to("/folder")...)
	s.put("folder2/y", "y")
	s.expect(204, "MOVE", "/folder2", "", to("/folder")...)
	if s.get("folder/y") != "y" || s.has("kept") || s.has("folder2") || len(s.uploads()) > 0 {
		t.Error("the replacement did not take the place")
	}
	s.expect(412, "MOVE", "/a", "", append(to("/folder"), "Overwrite", "F")...)
}

func TestCopiesATreeWithItsLinksAndEnds(t *testing.T) {
	s := newSite(t)
	s.put("tree/sub/file", "file")
	s.link(".", "tree/loop")
	s.link("../..", "tree/sub/up")
	s.link("nowhere", "tree/dangling")
	s.link("sub/file", "tree/to-file")
	must(t, unix.Mkfifo(filepath.Join(s.dir, "tree/pipe"), 0o600))
	s.expect(201, "COPY", "/tree", "", "Destination", s.url+base+"/copy")
	if s.get("copy/sub/file") != "file" || s.get("copy/to-file") != "file" || s.has("copy/pipe") {
		t.Error("the copy is not complete")
	}
	for name, want := range map[string]string{"copy/loop": ".", "copy/sub/up": "../..", "copy/dangling": "nowhere"} {
		if target, err := os.Readlink(filepath.Join(s.dir, name)); err != nil || target != want {
			t.Errorf("%s leads to %q: %v", name, target, err)
		}
	}
}

func TestServesRangesAndNeverActs(t *testing.T) {
	s := newSite(t)
	s.put("page.html", "<script>0123456789")
	status, text, header := s.ask("GET", "/page.html", "", "Range", "bytes=8-11")
	if status != 206 || text != "0123" || header.Get("Content-Range") != "bytes 8-11/18" {
		t.Errorf("%d %q %v", status, text, header)
	}
	if header.Get("Content-Security-Policy") != "sandbox" || header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("a page may act: %v", header)
	}
	s.expect(416, "GET", "/page.html", "", "Range", "bytes=99-")
	s.expect(304, "GET", "/page.html", "", "If-None-Match", header.Get("ETag"))
	s.expect(405, "GET", "/", "")
	s.expect(405, "POST", "/page.html", "")
}

func TestRefusesQuestionsThatAreTooLarge(t *testing.T) {
	s := newSite(t)
	s.expect(403, "PROPFIND", "/", "", "Depth", "infinity")
	s.expect(403, "PROPFIND", "/", "")
	s.expect(400, "PROPFIND", "/", "", "Depth", "2")
	s.expect(413, "PROPFIND", "/", strings.Repeat(" ", documentLimit+1), "Depth", "0")
	s.expect(400, "PROPFIND", "/", `<D:propfind xmlns:D="DAV:" xmlns:x=""><D:prop><x:a/></D:prop></D:propfind>`, "Depth", "0")
	s.expect(415, "MKCOL", "/x", "<x/>")
	if status, text := s.do("OPTIONS", "/", ""); status != 200 || text != "" {
		t.Errorf("OPTIONS: %d %s", status, text)
	}
}

func TestKeepsPropertiesWhereTheVolumeHasNoAttributes(t *testing.T) {
	needRoot(t)
	s := newSite(t)
	volume := filepath.Join(s.dir, "volume")
	must(t, os.Mkdir(volume, 0o755))
	if err := unix.Mount("ramfs", volume, "ramfs", 0, ""); err != nil {
		t.Skipf("cannot mount here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(volume, unix.MNT_DETACH) })
	s.put("volume/a", "")
	s.expect(207, "PROPPATCH", "/volume/a", propertyUpdate)
	s.expect(201, "MOVE", "/volume/a", "", "Destination", s.url+base+"/volume/b")
	if _, text := s.do("PROPFIND", "/volume/b", "", "Depth", "0"); !strings.Contains(text, "bee-value") {
		t.Errorf("forgotten: %s", text)
	}
	s.expect(204, "DELETE", "/volume/b", "")
	if len(s.handler.tree.props.memory) != 0 {
		t.Error("what is removed is still remembered")
	}
}

func TestPropertiesGoWithTheFile(t *testing.T) {
	s := newSite(t)
	s.put("a", "")
	s.expect(207, "PROPPATCH", "/a", propertyUpdate)
	s.expect(201, "MOVE", "/a", "", "Destination", s.url+base+"/b")
	s.expect(201, "COPY", "/b", "", "Destination", s.url+base+"/c")
	for _, name := range []string{"/b", "/c"} {
		if _, text := s.do("PROPFIND", name, "", "Depth", "0"); !strings.Contains(text, "bee-value") {
			t.Errorf("%s: %s", name, text)
		}
	}
	s.expect(204, "DELETE", "/b", "")
	s.expect(201, "PUT", "/b", "")
	if _, text := s.do("PROPFIND", "/b", "", "Depth", "0"); strings.Contains(text, "bee-value") {
		t.Errorf("a new file has the old one's property: %s", text)
	}
}
