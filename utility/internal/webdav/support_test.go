package webdav

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// site serves a directory that has a neighbour with a secret, under a base as in a cluster.
type site struct {
	t        *testing.T
	dir      string
	outside  string
	url      string
	address  string
	activity *activity
	handler  *handler
}

const base = "/files/rachel"

func newSite(t *testing.T) *site {
	t.Helper()
	parent := t.TempDir()
	s := &site{t: t, dir: filepath.Join(parent, "served"), outside: filepath.Join(parent, "outside")}
	must(t, os.Mkdir(s.dir, 0o755))
	must(t, os.Mkdir(s.outside, 0o755))
	must(t, os.WriteFile(filepath.Join(s.outside, "secret"), []byte("secret"), 0o644))
	tree, err := openTree(s.dir)
	must(t, err)
	t.Cleanup(func() { _ = tree.root.Close() })
	s.activity = newActivity(time.Now)
	quiet := log.New(io.Discard, "", 0)
	s.handler = newHandler(Settings{BaseHref: base, Directory: s.dir}, tree, s.activity, quiet)
	server := httptest.NewUnstartedServer(s.handler)
	server.Config = newServer(s.handler, quiet)
	server.Start()
	t.Cleanup(server.Close)
	s.url, s.address = server.URL, server.Listener.Addr().String()
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// do sends a request to a path below the base; headers are name, value, name, value.
func (s *site) do(method, path, body string, headers ...string) (int, string) {
	status, text, _ := s.ask(method, path, body, headers...)
	return status, text
}

func (s *site) ask(method, path, body string, headers ...string) (int, string, http.Header) {
	s.t.Helper()
	request, err := http.NewRequest(method, s.url+base+path, strings.NewReader(body))
	must(s.t, err)
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	must(s.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(s.t, err)
	return response.StatusCode, string(text), response.Header
}

func (s *site) expect(want int, method, path, body string, headers ...string) {
	s.t.Helper()
	if status, text := s.do(method, path, body, headers...); status != want {
		s.t.Errorf("%s %s: %d, not %d: %s", method, path, status, want, text)
	}
}

// raw sends a request line that no client library would.
func (s *site) raw(method, target, body string) int {
	s.t.Helper()
	connection, err := net.Dial("tcp", s.address)
	must(s.t, err)
	defer connection.Close()
	fmt.Fprintf(connection, "%s %s HTTP/1.1\r\nHost: x\r\nDepth: 0\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s",
		method, target, len(body), body)
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	must(s.t, err)
	return response.StatusCode
}

func (s *site) put(name, content string) {
	s.t.Helper()
	full := filepath.Join(s.dir, name)
	must(s.t, os.MkdirAll(filepath.Dir(full), 0o755))
	must(s.t, os.WriteFile(full, []byte(content), 0o644))
}

func (s *site) get(name string) string {
	content, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		return "(nothing)"
	}
	return string(content)
}

func (s *site) has(name string) bool {
	_, err := os.Lstat(filepath.Join(s.dir, name))
	return err == nil
}

func (s *site) link(target, name string) {
	s.t.Helper()
	must(s.t, os.Symlink(target, filepath.Join(s.dir, name)))
}

// untouched checks that nothing outside changed.
func (s *site) untouched() {
	s.t.Helper()
	entries, err := os.ReadDir(s.outside)
	must(s.t, err)
	content, err := os.ReadFile(filepath.Join(s.outside, "secret"))
	must(s.t, err)
	if len(entries) != 1 || string(content) != "secret" {
		s.t.Errorf("something outside was changed: %v, %q", entries, content)
	}
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can prepare this")
	}
}

func needUser(t *testing.T) {
	t.Helper()
	if os.Geteuid() == 0 {
		t.Skip("root may do anything")
	}
}
