package webdav

import (
	"regexp"
	"strings"
	"testing"
)

const (
	exclusiveLock = `<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype>` +
		`<D:owner>rachel</D:owner></D:lockinfo>`
	sharedLock = `<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:shared></D:shared></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>`
)

var tokenHeader = regexp.MustCompile(`^<(urn:uuid:[0-9a-f-]{36})>$`)

func (s *site) lock(name, body string, headers ...string) (token string) {
	s.t.Helper()
	status, text, header := s.ask("LOCK", name, body, headers...)
	found := tokenHeader.FindStringSubmatch(header.Get("Lock-Token"))
	if status >= 300 || found == nil {
		s.t.Fatalf("LOCK %s: %d %q %s", name, status, header.Get("Lock-Token"), text)
	}
	return found[1]
}

func TestALockKeepsOthersOut(t *testing.T) {
	s := newSite(t)
	s.put("folder/file", "old")
	token := s.lock("/folder", exclusiveLock)
	with := []string{"If", "<" + s.url + base + "/folder> (<" + token + ">)"}
	s.expect(423, "PUT", "/folder/file", "new")
	s.expect(423, "DELETE", "/folder", "")
	s.expect(423, "MKCOL", "/folder/sub", "")
	s.expect(423, "LOCK", "/folder/file", exclusiveLock)
	s.expect(423, "LOCK", "/", exclusiveLock, "Depth", "infinity")
	s.expect(204, "PUT", "/folder/file", "new", with...)
	s.expect(200, "GET", "/folder/file", "")
	s.expect(409, "UNLOCK", "/elsewhere", "", "Lock-Token", "<"+token+">")
	s.expect(204, "UNLOCK", "/folder", "", "Lock-Token", "<"+token+">")
	s.expect(204, "PUT", "/folder/file", "free")
}

func TestSharedLocksStandTogether(t *testing.T) {
	s := newSite(t)
	s.put("file", "")
	one, two := s.lock("/file", sharedLock), s.lock("/file", sharedLock)
	s.expect(423, "LOCK", "/file", exclusiveLock)
	s.expect(423, "PUT", "/file", "x")
	s.expect(204, "PUT", "/file", "x", "If", "(<"+two+">)")
	if _, text := s.do("PROPFIND", "/file", "", "Depth", "0"); strings.Count(text, "<D:shared/>") != 2 || !strings.Contains(text, one) {
		t.Errorf("lockdiscovery: %s", text)
	}
	if _, text := s.do("LOCK", "/file", "", "If", "(<"+one+">)", "Timeout", "Second-7"); !strings.Contains(text, "<D:shared/>") ||
		!strings.Contains(text, "Second-7<") {
		t.Errorf("refresh: %s", text)
	}
	s.expect(204, "UNLOCK", "/file", "", "Lock-Token", "<"+one+">")
	s.expect(204, "UNLOCK", "/file", "", "Lock-Token", "<"+two+">")
	s.expect(204, "PUT", "/file", "y")
}

func TestConditionsInIfAreEvaluated(t *testing.T) {
	s := newSite(t)
	s.put("file", "")
	_, _, header := s.ask("HEAD", "/file", "")
	etag := header.Get("ETag")
	s.expect(412, "PUT", "/file", "x", "If", `(["other"])`)
	s.expect(412, "PUT", "/file", "x", "If", `(Not [`+etag+`])`)
	s.expect(204, "PUT", "/file", "x", "If", `(["other"]) (Not <DAV:no-lock> [`+etag+`])`)
	token := s.lock("/file", exclusiveLock)
	s.expect(412, "PUT", "/file", "x", "If", "(<"+token+`> ["other"])`)
	s.expect(412, "PUT", "/file", "x", "If", "(Not <"+token+">)")
	s.expect(423, "PUT", "/file", "x", "If", "(Not <DAV:no-lock>)")
}

func TestALockGoesWithWhatItIsOn(t *testing.T) {
	s := newSite(t)
	token := s.lock("/new", exclusiveLock)
	if !s.has("new") {
		t.Error("locking a free name makes an empty file")
	}
	with := []string{"If", "(<" + token + ">)"}
	s.expect(423, "MOVE", "/new", "", "Destination", s.url+base+"/moved")
	s.expect(201, "MOVE", "/new", "", append(with, "Destination", s.url+base+"/moved")...)
	s.expect(201, "PUT", "/new", "")
	s.expect(409, "LOCK", "/no/such/folder", exclusiveLock)
}

func TestALockOnAFolderAloneIsOnTheListOfItsMembers(t *testing.T) {
	s := newSite(t)
	s.put("folder/file", "old")
	status, _, header := s.ask("LOCK", "/folder", exclusiveLock, "Depth", "0")
	found := tokenHeader.FindStringSubmatch(header.Get("Lock-Token"))
	if status != 200 || found == nil {
		t.Fatalf("LOCK: %d %v", status, header)
	}
	with := []string{"If", "<" + s.url + base + "/folder> (<" + found[1] + ">)"}
	s.expect(204, "PUT", "/folder/file", "new")
	s.expect(200, "LOCK", "/folder/file", exclusiveLock)
	s.expect(423, "PUT", "/folder/free", "")
	s.expect(423, "LOCK", "/folder/free", exclusiveLock)
	if s.has("folder/free") {
		t.Error("somebody else's LOCK made a file")
	}
	s.expect(201, "LOCK", "/folder/free", exclusiveLock, with...)
}

func TestAMoveNeedsTheTokensOfBothEnds(t *testing.T) {
	s := newSite(t)
	s.put("a", "a")
	s.put("b", "b")
	one, two := s.lock("/a", exclusiveLock), s.lock("/b", exclusiveLock)
	to := s.url + base + "/b"
	s.expect(423, "MOVE", "/a", "", "Destination", to, "If", "(<"+one+">)")
	s.expect(204, "MOVE", "/a", "", "Destination", to, "If", "<"+s.url+base+"/a> (<"+one+">) <"+to+"> (<"+two+">)")
	if s.get("b") != "a" {
		t.Errorf("b is %q", s.get("b"))
	}
}
