package webdav

import (
	"fmt"
	"net"
	"testing"
	"time"
)

// timed is a site with a clock that the spec moves.
func timed(t *testing.T) (*site, *clock) {
	t.Helper()
	s := newSite(t)
	c := &clock{now: time.Now()}
	s.activity.clock = c.read
	s.activity.last = c.read()
	return s, c
}

func TestReadsAndWritesAreActivity(t *testing.T) {
	s, clock := timed(t)
	s.put("file", "x")
	for _, request := range [][2]string{
		{"GET", "/file"}, {"PUT", "/file"}, {"PUT", "/new"}, {"MKCOL", "/folder"}, {"PROPPATCH", "/file"}, {"DELETE", "/new"},
		{"LOCK", "/locked"},
	} {
		clock.pass(time.Hour)
		s.do(request[0], request[1], bodyFor(request[0]))
		if idle := s.activity.idleFor(); idle != 0 {
			t.Errorf("%s: idle for %s", request[0], idle)
		}
	}
	clock.pass(time.Hour)
	s.do("COPY", "/file", "", "Destination", s.url+base+"/copy")
	if s.activity.idleFor() != 0 {
		t.Error("COPY is no activity")
	}
}

func TestAnIdleClientIsNoActivity(t *testing.T) {
	s, clock := timed(t)
	s.put("file", "x")
	token := s.lock("/file", exclusiveLock)
	s.do("PROPFIND", "/", "", "Depth", "1")
	for range 3 {
		clock.pass(time.Hour)
		s.do("PROPFIND", "/", "", "Depth", "1")
		s.do("OPTIONS", "/", "")
		s.do("HEAD", "/file", "")
		s.do("LOCK", "/file", "", "If", "(<"+token+">)")
		s.do("GET", "/missing", "")
		s.do("PUT", "/file", "refused")
		s.do("PROPFIND", "/missing", "", "Depth", "1")
	}
	if idle := s.activity.idleFor(); idle != 3*time.Hour {
		t.Errorf("idle for %s", idle)
	}
}

func TestSomebodyWhoBrowsesIsNotThrownOut(t *testing.T) {
	s, clock := timed(t)
	for _, name := range []string{"/a", "/b", "/c"} {
		s.put(name+"/file", "")
		clock.pass(time.Hour)
		s.do("PROPFIND", name, "", "Depth", "1")
		if idle := s.activity.idleFor(); idle != 0 {
			t.Errorf("%s: idle for %s", name, idle)
		}
	}
}

func TestStrangersAreNoActivity(t *testing.T) {
	b := newBerth(t)
	s, _, _ := guarded(t, b)
	c := &clock{now: time.Now()}
	s.activity.clock, s.activity.last = c.read, c.read()
	c.pass(time.Hour)
	s.expectAs(401, "ruth", "guess")
	if s.activity.idleFor() != time.Hour {
		t.Error("a guess kept the server up")
	}
	s.expectAs(200, "rachel", "gt-secret")
	if s.activity.idleFor() != 0 {
		t.Error("the owner is no activity")
	}
}

func TestATransferIsActivityForAsLongAsItLasts(t *testing.T) {
	s, clock := timed(t)
	connection, err := net.Dial("tcp", s.address)
	must(t, err)
	defer connection.Close()
	fmt.Fprintf(connection, "PUT %s/slow HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nhalf", base)
	waitFor(t, func() bool { return len(s.uploads()) > 0 })
	clock.pass(24 * time.Hour)
	if s.activity.idleFor() != 0 {
		t.Error("the upload does not count")
	}
	fmt.Fprint(connection, "half")
	waitFor(t, func() bool { return s.get("slow") == "halfhalf" })
}
