// Package webdav serves a directory by WebDAV under a path, to one owner, until nobody uses it any more.
//
// The protocol is golang.org/x/net/webdav's. What is here keeps it inside the directory, mends what a user would feel
// (uploads that are cut, destinations lost by a failed MOVE, statuses that say the wrong thing), asks who a caller is,
// notices that nobody works any more, and ends without cutting anybody off.
package webdav

import (
	"flag"
	"fmt"
	"io"
	"math"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"
	"time"
)

// Settings are what the server is told by flags, which win, and by environment variables.
type Settings struct {
	// BaseHref is the path under which the directory is served: empty, or beginning with a slash and not ending with one.
	BaseHref  string
	Directory string
	Port      int
	// Idle is the time without real activity after which the server ends.
	Idle time.Duration
	// Drain is how long transfers may go on after SIGTERM; zero is as long as they take.
	Drain time.Duration
	// VerifyURL and VerifyKey, both or neither: whom to ask who a caller is.
	VerifyURL string
	VerifyKey string
}

type wrongUsage struct{ error }

func (w wrongUsage) Unwrap() error { return w.error }

func readSettings(arguments []string, getenv func(string) string, errors io.Writer) (Settings, error) {
	flags := flag.NewFlagSet("worblehat", flag.ContinueOnError)
	flags.SetOutput(errors)
	base := flags.String("b", getenv("WORBLEHAT_BASE_HREF"), "`path` under which the directory is served (WORBLEHAT_BASE_HREF)")
	directory := flags.String("d", orElse(getenv("WORBLEHAT_DIR"), "./"), "`directory` to serve (WORBLEHAT_DIR)")
	port := flags.String("p", orElse(getenv("WORBLEHAT_PORT"), "8000"), "TCP `port`, 0 for any free one (WORBLEHAT_PORT)")
	idle := flags.String("t", orElse(getenv("WORBLEHAT_TIMEOUT"), "600"),
		"`seconds` without reads and writes after which the server ends (WORBLEHAT_TIMEOUT)")
	if err := flags.Parse(arguments); err != nil {
		return Settings{}, wrongUsage{err}
	}
	if flags.NArg() > 0 {
		return Settings{}, wrongUsage{fmt.Errorf("no arguments are taken, but there is %q", flags.Arg(0))}
	}
	settings := Settings{BaseHref: cleanBase(*base), Directory: *directory}
	var err error
	if settings.Port, err = number("the port (WORBLEHAT_PORT)", *port, 0, math.MaxUint16); err != nil {
		return Settings{}, err
	}
	seconds, err := number("the idle timeout (WORBLEHAT_TIMEOUT)", *idle, 1, math.MaxInt32)
	if err != nil {
		return Settings{}, err
	}
	settings.Idle = time.Duration(seconds) * time.Second
	if settings.Drain, err = readDrain(getenv("BERTH_DRAIN_SECONDS")); err != nil {
		return Settings{}, err
	}
	settings.VerifyURL = getenv("BERTH_VERIFY_URL")
	settings.VerifyKey, err = readKey(settings.VerifyURL, getenv("BERTH_VERIFY_KEY_FILE"))
	return settings, err
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

func cleanBase(base string) string {
	if base = path.Clean("/" + base); base == "/" {
		return ""
	}
	return base
}

func number(what, text string, least, most int) (int, error) {
	value, err := strconv.Atoi(text)
	if err != nil || value < least || value > most {
		return 0, fmt.Errorf("%s must be a whole number from %d to %d, but is %q", what, least, most, text)
	}
	return value, nil
}

// readDrain: whoever gives the server's pod a grace period can tell it to be done before that is over.
func readDrain(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	seconds, err := number("the drain (BERTH_DRAIN_SECONDS)", text, 1, math.MaxInt32)
	return time.Duration(seconds) * time.Second, err
}

// readKey refuses half a configuration: a server that asks nobody must never come of a mistake.
func readKey(address, file string) (string, error) {
	if address == "" && file == "" {
		return "", nil
	}
	if address == "" || file == "" {
		return "", fmt.Errorf("BERTH_VERIFY_URL and BERTH_VERIFY_KEY_FILE must both be set, or neither")
	}
	if parsed, err := url.Parse(address); err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return "", fmt.Errorf("BERTH_VERIFY_URL must be a URL that begins with http:// or https://, but is %q", address)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("cannot read the key (BERTH_VERIFY_KEY_FILE): %w", err)
	}
	key := strings.TrimSpace(string(content))
	if key == "" || strings.ContainsAny(key, " \r\n\t") {
		return "", fmt.Errorf("%s (BERTH_VERIFY_KEY_FILE) does not hold a key in one line", file)
	}
	return key, nil
}
