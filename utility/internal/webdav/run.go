package webdav

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const (
	headerTimeout = 30 * time.Second
	// Longer than the 60 s of common ingress controllers, so that they never reuse a connection that is being closed.
	keepAlive = 90 * time.Second
	headerMax = 64 << 10
	// What transfers that were cut may take to leave no remains.
	cleanUp = 5 * time.Second
)

// Run serves until nobody has worked for the idle timeout or SIGTERM or SIGINT comes, then lets transfers end, and returns
// the exit code: 0; 1 if it cannot serve, with the reason on errors; 2 for wrong usage. A second signal ends it at once.
func Run(arguments []string, getenv func(string) string, output io.Writer) int {
	logger := log.New(output, "worblehat: ", log.LstdFlags|log.LUTC|log.Lmsgprefix)
	settings, err := readSettings(arguments, getenv, output)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		logger.Print(err)
		if errors.As(err, &wrongUsage{}) {
			return 2
		}
		return 1
	}
	if err := serve(settings, logger); err != nil {
		logger.Print(err)
		return 1
	}
	return 0
}

func serve(settings Settings, logger *log.Logger) error {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	defer signal.Stop(signals)

	tree, err := openTree(settings.Directory)
	if err != nil {
		return fmt.Errorf("cannot serve %s: %w", settings.Directory, err)
	}
	defer tree.root.Close()
	listener, err := net.Listen("tcp", fmt.Sprintf(":%d", settings.Port))
	if err != nil {
		return fmt.Errorf("cannot listen: %w", err)
	}
	activity := newActivity(time.Now)
	handler := newHandler(settings, tree, activity, logger)
	server := newServer(handler, logger)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	logger.Printf("serving %s at http://%s%s, until nobody has worked for %s", settings.Directory, listener.Addr(),
		settings.BaseHref, settings.Idle)

	select {
	case err := <-failed:
		return err
	case received := <-signals:
		logger.Printf("%s: letting transfers end", received)
	case <-waitIdle(activity, settings.Idle):
		logger.Printf("nobody has worked for %s", settings.Idle)
	}
	return drain(server, handler, signals, settings.Drain)
}

func newServer(handler http.Handler, logger *log.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       keepAlive,
		MaxHeaderBytes:    headerMax,
		ErrorLog:          logger,
		// It would answer `OPTIONS *` without asking who it is.
		DisableGeneralOptionsHandler: true,
	}
}

// waitIdle looks when the time could be up at the earliest.
func waitIdle(activity *activity, limit time.Duration) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		for {
			left := limit - activity.idleFor()
			if left <= 0 {
				close(done)
				return
			}
			time.Sleep(min(left, time.Second) + time.Millisecond)
		}
	}()
	return done
}

// drain ends when all transfers have, at a second signal, or after the limit, if there is one. A client that stalls is given
// up after the stall timeout. What is cut leaves the old file, and no remains.
func drain(server *http.Server, handler *handler, signals <-chan os.Signal, limit time.Duration) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if limit > 0 {
		defer time.AfterFunc(limit, cancel).Stop()
	}
	go func() {
		select {
		case <-signals:
			cancel()
		case <-ctx.Done():
		}
	}()
	if err := server.Shutdown(ctx); err != nil {
		err = errors.Join(err, server.Close())
		handler.waitForServed(cleanUp)
		return fmt.Errorf("transfers were cut: %w", err)
	}
	return nil
}
