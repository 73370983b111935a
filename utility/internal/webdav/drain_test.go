package webdav

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// busy is a server of its own with an upload of which the first half has arrived.
type busy struct {
	*site
	server     *http.Server
	listener   net.Listener
	connection net.Conn
}

func newBusy(t *testing.T) *busy {
	t.Helper()
	s := newSite(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	server := newServer(s.handler, log.New(io.Discard, "", 0))
	go func() { _ = server.Serve(listener) }()
	connection, err := net.Dial("tcp", listener.Addr().String())
	must(t, err)
	t.Cleanup(func() { _ = connection.Close() })
	fmt.Fprintf(connection, "PUT %s/slow HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nhalf", base)
	waitFor(t, func() bool { return len(s.uploads()) > 0 })
	return &busy{site: s, server: server, listener: listener, connection: connection}
}

// A drain that is over cuts what is left, and takes its remains away before the process ends.
func TestADrainHasAnEnd(t *testing.T) {
	b := newBusy(t)
	err := drain(b.server, b.handler, make(chan os.Signal), time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), "cut") {
		t.Errorf("%v", err)
	}
	if len(b.uploads()) > 0 || b.has("slow") {
		t.Errorf("remains: %v", b.uploads())
	}
	if _, err := bufio.NewReader(b.connection).ReadByte(); err == nil {
		t.Error("somebody still answers")
	}
}

func TestADrainWithoutALimitWaits(t *testing.T) {
	b := newBusy(t)
	drained := make(chan error, 1)
	go func() { drained <- drain(b.server, b.handler, make(chan os.Signal, 1), 0) }()
	waitFor(t, func() bool {
		other, err := net.Dial("tcp", b.listener.Addr().String())
		if err == nil {
			_ = other.Close()
		}
		return err != nil
	})
	fmt.Fprint(b.connection, "half")
	if err := <-drained; err != nil || b.get("slow") != "halfhalf" {
		t.Errorf("%v, %q", err, b.get("slow"))
	}
}

func TestASecondSignalEndsADrain(t *testing.T) {
	b := newBusy(t)
	signals := make(chan os.Signal, 1)
	signals <- syscall.SIGTERM
	if err := drain(b.server, b.handler, signals, 0); err == nil || len(b.uploads()) > 0 {
		t.Errorf("%v, remains %v", err, b.uploads())
	}
}
