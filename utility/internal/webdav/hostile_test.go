package webdav

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestAGuesserDoesNotLockTheOwnerOut(t *testing.T) {
	b := newBerth(t)
	s, clock, _ := guarded(t, b)
	s.expectAs(200, "rachel", "gt-secret")
	clock.pass(longestTrust)
	for i := range guessLimit {
		s.expectAs(401, "rachel", "guess-"+strconv.Itoa(i))
	}
	s.expectAs(429, "rachel", "guess-11")
	before := b.asked.Load()
	s.expectAs(200, "rachel", "gt-secret")
	if b.asked.Load() != before+1 {
		t.Error("what was good five minutes ago is believed without asking")
	}

	b.valid.Store(false)
	clock.pass(longestTrust)
	s.expectAs(401, "rachel", "gt-secret")
	for i := range guessLimit - 1 {
		s.expectAs(401, "rachel", "guess-"+strconv.Itoa(i))
	}
	s.expectAs(429, "rachel", "gt-secret")
}

func TestRemembersOnlySoMany(t *testing.T) {
	v := newVerifier("http://unused", serverKey, log.New(io.Discard, "", 0))
	now := time.Now()
	for i := range 3 * trustedMost {
		v.remember(v.digest("rachel", strconv.Itoa(i)), now.Add(time.Duration(i)*time.Second))
	}
	if len(v.trusted) != trustedMost {
		t.Errorf("%d are remembered", len(v.trusted))
	}
	for i := 2 * trustedMost; i < 3*trustedMost; i++ {
		if _, ok := v.trusted[v.digest("rachel", strconv.Itoa(i))]; !ok {
			t.Fatalf("%d is forgotten, although others expire before", i)
		}
	}
}

func TestNothingThatIsRememberedTellsThePassword(t *testing.T) {
	one := newVerifier("http://unused", serverKey, log.New(io.Discard, "", 0))
	other := newVerifier("http://unused", serverKey, log.New(io.Discard, "", 0))
	if one.digest("rachel", "gt-secret") == other.digest("rachel", "gt-secret") {
		t.Error("the hash needs no key")
	}
	if one.digest("rachel", "gt") == one.digest("rachelg", "t") {
		t.Error("where the name ends does not count")
	}
}

func TestCredentialsThatAreNoTextAreRefusedWithoutAsking(t *testing.T) {
	b := newBerth(t)
	s, _, _ := guarded(t, b)
	s.expectAs(401, "rachel", "gt-\xff")
	s.expectAs(401, "rachel\xc0\xae", "gt-secret")
	if b.asked.Load() != 0 {
		t.Errorf("asked %d times", b.asked.Load())
	}
}

// An answer that says nothing would be 200 for whoever stands between.
func TestWhoeverLeavesBeforeTheAnswerGetsNoSuccess(t *testing.T) {
	b := newBerth(t)
	b.hold = make(chan struct{})
	s, _, _ := guarded(t, b)
	t.Cleanup(func() { close(b.hold) })
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	request := httptest.NewRequest("DELETE", base+"/file", nil).WithContext(gone)
	request.SetBasicAuth("rachel", "gt-secret")
	answer := httptest.NewRecorder()
	s.handler.ServeHTTP(answer, request)
	if answer.Code != http.StatusServiceUnavailable || s.get("file") != "rachel's" {
		t.Errorf("%d", answer.Code)
	}
}

// A stranger who announces a body and sends nothing must not keep the server from ending.
func TestAStrangerWhoSendsNothingIsGivenUp(t *testing.T) {
	b := newBerth(t)
	s, _, _ := guarded(t, b)
	limits := make(chan string, 8)
	request := httptest.NewRequest("PUT", base+"/file", strings.NewReader("x"))
	s.handler.ServeHTTP(&limited{httptest.NewRecorder(), limits}, request)
	close(limits)
	var set []string
	for each := range limits {
		set = append(set, each)
	}
	if strings.Join(set, " ") != "write read" {
		t.Errorf("limits: %v", set)
	}
}

// limited notes which limits are set.
type limited struct {
	*httptest.ResponseRecorder
	limits chan string
}

func (l *limited) SetReadDeadline(until time.Time) error  { return l.note("read", until) }
func (l *limited) SetWriteDeadline(until time.Time) error { return l.note("write", until) }

func (l *limited) note(what string, until time.Time) error {
	if left := time.Until(until); left > 0 && left <= stallTimeout {
		l.limits <- what
	}
	return nil
}

func TestFoldersChangePlacesInOneStep(t *testing.T) {
	s := newSite(t)
	s.put("new/a", "new")
	s.put("old/b", "old")
	must(t, s.handler.tree.swap("new", "old"))
	if s.get("old/a") != "new" || s.get("new/b") != "old" {
		t.Error("they did not change places")
	}
	s.link("../outside", "out")
	if err := s.handler.tree.swap("old", "out/secret"); err == nil {
		t.Error("something outside was exchanged")
	}
	s.untouched()
}

func TestWhatAUserCalledLikeAnUploadIsNotSwept(t *testing.T) {
	s := newSite(t)
	s.put(uploadPrefix+"folder/thesis", "years of work")
	old := time.Now().Add(-25 * time.Hour)
	must(t, os.Chtimes(filepath.Join(s.dir, uploadPrefix+"folder"), old, old))
	s.expect(207, "PROPFIND", "/", "", "Depth", "1")
	if s.get(uploadPrefix+"folder/thesis") != "years of work" {
		t.Error("it is gone")
	}
}

func TestADestinationMayNameThePortThatItsSchemeStandsFor(t *testing.T) {
	s := newSite(t)
	move := func(host, destination string) int {
		s.put("a", "a")
		request, err := http.NewRequest("MOVE", s.url+base+"/a", nil)
		must(t, err)
		request.Host = host
		request.Header.Set("Destination", destination+base+"/b")
		response, err := http.DefaultTransport.RoundTrip(request)
		must(t, err)
		_ = response.Body.Close()
		return response.StatusCode
	}
	for _, pair := range [][2]string{
		{"data.example.org", "https://data.example.org"}, {"data.example.org", "https://data.example.org:443"},
		{"data.example.org:443", "https://DATA.example.org"}, {"data.example.org:8443", "https://data.example.org:8443"},
	} {
		if status := move(pair[0], pair[1]); status >= 300 {
			t.Errorf("%v: %d", pair, status)
		}
	}
	for _, pair := range [][2]string{
		{"data.example.org", "https://data.example.org:80"}, {"data.example.org", "https://example.org"},
		{"data.example.org:8443", "https://data.example.org"},
	} {
		if status := move(pair[0], pair[1]); status != 502 {
			t.Errorf("%v: %d", pair, status)
		}
	}
}

func TestALineOfTheLogIsOneLine(t *testing.T) {
	s := newSite(t)
	var said strings.Builder
	s.handler.log = log.New(&said, "", 0)
	e := &exchange{method: "GET", err: &os.PathError{Op: "open", Path: "a\nworblehat: all is well", Err: unix.EIO}}
	s.handler.complain(&answer{status: 500, exchange: e}, httptest.NewRequest("GET", base+"/a%0Ab", nil))
	if strings.Count(said.String(), "\n") != 1 {
		t.Errorf("%s", said.String())
	}
}
