package webdav

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const serverKey = "uid-1.key"

// berth is a Berth that knows one token of rachel's.
type berth struct {
	*httptest.Server
	asked   atomic.Int32
	valid   atomic.Bool
	answer  atomic.Pointer[http.HandlerFunc]
	hold    chan struct{}
	seconds int
}

func newBerth(t *testing.T) *berth {
	t.Helper()
	b := &berth{seconds: 300}
	b.valid.Store(true)
	b.Server = httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(b.Close)
	return b
}

func (b *berth) serve(w http.ResponseWriter, r *http.Request) {
	b.asked.Add(1)
	if b.hold != nil {
		<-b.hold
	}
	if other := b.answer.Load(); other != nil {
		(*other)(w, r)
		return
	}
	var asked struct{ Username, Password string }
	_ = json.NewDecoder(r.Body).Decode(&asked)
	switch {
	case r.Header.Get("Authorization") != "Bearer "+serverKey:
		w.WriteHeader(http.StatusUnauthorized)
	case asked.Username == "rachel" && asked.Password == "gt-secret" && b.valid.Load():
		fmt.Fprintf(w, `{"username": "rachel", "valid_for": %d}`, b.seconds)
	default:
		w.WriteHeader(http.StatusForbidden)
	}
}

func (b *berth) answers(handler http.HandlerFunc) { b.answer.Store(&handler) }

type clock struct {
	mutex sync.Mutex
	now   time.Time
}

func (c *clock) read() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.now
}

func (c *clock) pass(duration time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = c.now.Add(duration)
}

func guarded(t *testing.T, b *berth) (*site, *clock, *bytes.Buffer) {
	t.Helper()
	s := newSite(t)
	s.put("file", "rachel's")
	var said bytes.Buffer
	s.handler.verifier = newVerifier(b.URL, serverKey, log.New(&said, "", 0))
	time := &clock{now: time.Now()}
	s.handler.verifier.clock = time.read
	return s, time, &said
}

// as is GET of the file, with credentials.
func (s *site) as(user, password string) (int, http.Header) {
	s.t.Helper()
	request, err := http.NewRequest("GET", s.url+base+"/file", nil)
	must(s.t, err)
	request.SetBasicAuth(user, password)
	response, err := http.DefaultTransport.RoundTrip(request)
	must(s.t, err)
	_ = response.Body.Close()
	return response.StatusCode, response.Header
}

func (s *site) expectAs(want int, user, password string) http.Header {
	s.t.Helper()
	status, header := s.as(user, password)
	if status != want {
		s.t.Errorf("%s: %d, not %d", user, status, want)
	}
	return header
}

func TestNobodyComesInWithoutCredentials(t *testing.T) {
	b := newBerth(t)
	s, _, _ := guarded(t, b)
	for _, method := range everyMethod {
		status, _, header := s.ask(method, "/file", bodyFor(method))
		if status != 401 || header.Get("WWW-Authenticate") != `Basic realm="files", charset="UTF-8"` {
			t.Errorf("%s: %d %v", method, status, header)
		}
	}
	for _, target := range []string{"/", "*", "/healthz", base + "/../x"} {
		if status := s.raw("OPTIONS", target, ""); status != 401 && status != 400 {
			t.Errorf("OPTIONS %s: %d", target, status)
		}
	}
	s.expect(401, "GET", "/file", "", "Authorization", "Bearer gt-secret")
	s.expect(401, "GET", "/file", "", "Authorization", "Basic not-base64")
	if b.asked.Load() != 0 || s.get("file") != "rachel's" {
		t.Errorf("asked %d times", b.asked.Load())
	}
}

func TestTheOwnerIsAskedForOnceInFiveMinutes(t *testing.T) {
	b := newBerth(t)
	b.seconds = 100_000
	s, clock, _ := guarded(t, b)
	for range 3 {
		s.expectAs(200, "rachel", "gt-secret")
	}
	clock.pass(longestTrust - time.Second)
	s.expectAs(200, "rachel", "gt-secret")
	if b.asked.Load() != 1 {
		t.Errorf("asked %d times", b.asked.Load())
	}
	b.valid.Store(false)
	clock.pass(time.Second)
	s.expectAs(401, "rachel", "gt-secret")
	for _, trusted := range []int{0, -5} {
		b.seconds = trusted
		b.valid.Store(true)
		before := b.asked.Load()
		s.expectAs(200, "rachel", "gt-secret")
		s.expectAs(200, "rachel", "gt-secret")
		if b.asked.Load() != before+2 {
			t.Error("an answer was remembered longer than it is good")
		}
	}
}

func TestOthersStayOutWhateverTheyKnow(t *testing.T) {
	b := newBerth(t)
	s, _, _ := guarded(t, b)
	s.expectAs(200, "rachel", "gt-secret")
	s.expectAs(401, "ruth", "gt-secret")
	s.expectAs(401, "rachelg", "t-secret")
	s.expectAs(401, "rachel", "")
	s.expectAs(401, "", "gt-secret")
	b.answers(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"username": "rachel", "valid_for": 300}`))
	})
	if status, _ := s.as("ruth", "gt-other"); status != 503 {
		t.Errorf("an answer about somebody else lets in: %d", status)
	}
}

func TestTenGuessesAMinuteAndTheOwnerWorksOn(t *testing.T) {
	b := newBerth(t)
	s, clock, _ := guarded(t, b)
	s.expectAs(200, "rachel", "gt-secret")
	for i := range guessLimit {
		s.expectAs(401, "rachel", "guess-"+strconv.Itoa(i))
	}
	header := s.expectAs(429, "rachel", "guess-11")
	if header.Get("Retry-After") != "60" || b.asked.Load() != 1+guessLimit {
		t.Errorf("Retry-After %s, asked %d", header.Get("Retry-After"), b.asked.Load())
	}
	s.expectAs(200, "rachel", "gt-secret")
	clock.pass(guessWindow)
	s.expectAs(401, "rachel", "guess-12")
}

func TestGuessingInParallelIsNoWayAround(t *testing.T) {
	b := newBerth(t)
	b.hold = make(chan struct{})
	s, _, _ := guarded(t, b)
	var group sync.WaitGroup
	var refused atomic.Int32
	for i := range 50 {
		group.Go(func() {
			if status, _ := s.as("rachel", "guess-"+strconv.Itoa(i)); status == 429 {
				refused.Add(1)
			}
		})
	}
	waitFor(t, func() bool { return refused.Load() == 50-guessLimit })
	close(b.hold)
	group.Wait()
	if b.asked.Load() != guessLimit {
		t.Errorf("asked %d times", b.asked.Load())
	}
}

func TestEqualQuestionsAtOnceAreOne(t *testing.T) {
	b := newBerth(t)
	b.hold = make(chan struct{})
	s, _, _ := guarded(t, b)
	var group sync.WaitGroup
	for range 30 {
		group.Go(func() { s.expectAs(200, "rachel", "gt-secret") })
	}
	waitFor(t, func() bool { return b.asked.Load() == 1 })
	close(b.hold)
	group.Wait()
	if b.asked.Load() != 1 {
		t.Errorf("asked %d times", b.asked.Load())
	}
}

func TestWithoutBerthNobodyNewComesIn(t *testing.T) {
	b := newBerth(t)
	s, clock, said := guarded(t, b)
	s.expectAs(200, "rachel", "gt-secret")
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	for what, answer := range map[string]http.HandlerFunc{
		"an error": status(500), "nothing to read": status(200), "no route": status(404), "its own trouble": status(503),
		"a redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) },
		"a page":     func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
	} {
		b.answers(answer)
		if code, header := s.as("rachel", "gt-other"); code != 503 || header.Get("Retry-After") != "5" {
			t.Errorf("%s: %d %v", what, code, header)
		}
	}
	b.Close()
	if code, _ := s.as("rachel", "gt-other"); code != 503 {
		t.Errorf("down: %d", code)
	}
	s.expectAs(200, "rachel", "gt-secret")
	clock.pass(longestTrust)
	s.expectAs(503, "rachel", "gt-secret")
	if strings.Contains(said.String(), "gt-") || strings.Contains(said.String(), serverKey) {
		t.Errorf("a secret was logged: %s", said)
	}
}

func TestAKeyThatIsRefusedIsSaidOnce(t *testing.T) {
	b := newBerth(t)
	s, _, said := guarded(t, b)
	s.handler.verifier.key = "another"
	for range 3 {
		s.expectAs(503, "rachel", "gt-secret")
	}
	if strings.Count(said.String(), "key") != 1 {
		t.Errorf("said %q", said)
	}
}

func TestBerthsOwnLimitIsPassedOn(t *testing.T) {
	b := newBerth(t)
	s, _, _ := guarded(t, b)
	for given, want := range map[string]string{"17": "17", "": "60", "soon": "60"} {
		b.answers(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", given)
			w.WriteHeader(http.StatusTooManyRequests)
		})
		if header := s.expectAs(429, "rachel", "gt-x"); header.Get("Retry-After") != want {
			t.Errorf("%q became %q", given, header.Get("Retry-After"))
		}
	}
}

func TestAnImpatientClientDoesNotSpoilTheAnswer(t *testing.T) {
	b := newBerth(t)
	b.hold = make(chan struct{})
	_, _, _ = guarded(t, b)
	v := newVerifier(b.URL, serverKey, log.New(&bytes.Buffer{}, "", 0))
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := v.check(gone, "rachel", "gt-secret"); err == nil {
		t.Error("no error")
	}
	close(b.hold)
	if found, err := v.check(context.Background(), "rachel", "gt-secret"); err != nil || found.status != 200 || b.asked.Load() != 1 {
		t.Errorf("%v %v, asked %d", found, err, b.asked.Load())
	}
}
