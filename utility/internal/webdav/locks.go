package webdav

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/webdav"
)

const (
	// The token of what the library takes for a lock of its own during a request; we only look whether one is in the way.
	passing = "passing"
	// Nobody has so many; whoever makes more is refused.
	locksMost = 10_000
)

// locks are the RFC 4918 locks of the whole tree, in memory. The library's own have neither shared locks nor conditions.
type locks struct {
	mutex   sync.Mutex
	byToken map[string]*lock
}

type lock struct {
	token   string
	shared  bool
	details webdav.LockDetails
	until   time.Time
}

func newLocks() *locks { return &locks{byToken: map[string]*lock{}} }

// covers tells whether the lock is on name, itself or by being on a folder with everything in it.
func (l *lock) covers(name string) bool {
	return l.details.Root == name || !l.details.ZeroDepth && isBelow(name, l.details.Root)
}

func isBelow(name, folder string) bool {
	return name != folder && strings.HasPrefix(name, strings.TrimSuffix(folder, "/")+"/")
}

// live drops what has expired. The caller holds the mutex.
func (l *locks) live(now time.Time) map[string]*lock {
	for token, each := range l.byToken {
		if !now.Before(each.until) {
			delete(l.byToken, token)
		}
	}
	return l.byToken
}

// forget ends the locks on what is no longer there.
func (l *locks) forget(name string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for token, each := range l.byToken {
		if each.details.Root == name || isBelow(each.details.Root, name) {
			delete(l.byToken, token)
		}
	}
}

// discovery is the content of DAV:lockdiscovery.
func (l *locks) discovery(base, name string) string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	var text strings.Builder
	for _, each := range l.live(time.Now()) {
		if each.covers(name) {
			each.describe(&text, base)
		}
	}
	return text.String()
}

func (l *lock) describe(text *strings.Builder, base string) {
	scope, depth := "exclusive", "infinity"
	if l.shared {
		scope = "shared"
	}
	if l.details.ZeroDepth {
		depth = "0"
	}
	fmt.Fprintf(text, `<D:activelock xmlns:D="DAV:"><D:locktype><D:write/></D:locktype><D:lockscope><D:%s/></D:lockscope>`+
		`<D:depth>%s</D:depth><D:owner>%s</D:owner><D:timeout>Second-%d</D:timeout><D:locktoken><D:href>%s</D:href>`+
		`</D:locktoken><D:lockroot><D:href>`, scope, depth, l.details.OwnerXML,
		int(time.Until(l.until)/time.Second), l.token)
	_ = xml.EscapeText(text, []byte(base+l.details.Root))
	text.WriteString(`</D:href></D:lockroot></D:activelock>`)
}

// requestLocks are the locks as one request sees them: which tokens it sent, and which names it wants to change.
type requestLocks struct {
	*locks
	exchange  *exchange
	shared    bool
	submitted map[string]bool
	// The name in the request line, and those that are changed.
	subject string
	changes []string
	// Empty for what does not exist.
	etag func(name string) string
}

var submittedToken = regexp.MustCompile(`\(([^)]*)\)`)
var codedURL = regexp.MustCompile(`<([^>]*)>`)

// forRequest reads the header If: a token counts as sent wherever it stands in there (RFC 4918 section 10.4.1).
func (l *locks) forRequest(r *http.Request, e *exchange, subject, target string, etag func(string) string) *requestLocks {
	view := &requestLocks{locks: l, exchange: e, subject: subject, etag: etag, submitted: map[string]bool{}}
	for _, list := range submittedToken.FindAllString(r.Header.Get("If"), -1) {
		for _, found := range codedURL.FindAllStringSubmatch(list, -1) {
			view.submitted[found[1]] = true
		}
	}
	if r.Method != "COPY" {
		view.changes = append(view.changes, subject)
	}
	if target != "" {
		view.changes = append(view.changes, target)
	}
	return view
}

// blocked tells whether a lock of which the request has no token protects what it wants to change. The caller holds the mutex.
func (v *requestLocks) blocked(now time.Time) bool {
	for _, name := range v.changes {
		others, own := false, false
		for token, each := range v.live(now) {
			if !v.protects(each, name) {
				continue
			}
			if v.submitted[token] {
				own = true
			} else if !each.shared {
				return true
			} else {
				others = true
			}
		}
		if others && !own {
			return true
		}
	}
	return false
}

// protects: a lock on a folder is also on the list of its members, and what is taken away takes along what is in it.
func (v *requestLocks) protects(l *lock, name string) bool {
	if l.covers(name) {
		return true
	}
	removes := v.exchange.method == http.MethodDelete || v.exchange.method == "MOVE"
	if removes && isBelow(l.details.Root, name) {
		return true
	}
	return l.details.Root == path.Dir(name) && (removes || v.etag(name) == "")
}

// Create implements webdav.LockSystem: for LOCK a lock, for other methods only the question whether one is in the way.
func (v *requestLocks) Create(now time.Time, details webdav.LockDetails) (string, error) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if v.exchange.method != "LOCK" {
		if v.blocked(now) {
			return "", webdav.ErrLocked
		}
		return passing, nil
	}
	details.Root = path.Clean("/" + details.Root)
	wanted := &lock{shared: v.shared, details: details, until: now.Add(details.Duration), token: newToken()}
	isNew := v.etag(details.Root) == ""
	for token, each := range v.live(now) {
		meet := each.covers(details.Root) || wanted.covers(each.details.Root)
		if meet && !(each.shared && wanted.shared) {
			return "", webdav.ErrLocked
		}
		// Locking a free name makes a file, which changes the list of its folder.
		if isNew && !meet && each.details.Root == path.Dir(details.Root) && !v.submitted[token] {
			return "", webdav.ErrLocked
		}
	}
	if len(v.byToken) >= locksMost {
		return "", webdav.ErrLocked
	}
	v.byToken[wanted.token] = wanted
	return wanted.token, nil
}

func newToken() string {
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	text := hex.EncodeToString(id)
	return "urn:uuid:" + strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
}

// Confirm implements webdav.LockSystem: the library asks once for each list of conditions in the header If.
func (v *requestLocks) Confirm(now time.Time, tagged, _ string, conditions ...webdav.Condition) (func(), error) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if tagged == "" {
		tagged = v.subject
	}
	tagged = path.Clean("/" + tagged)
	for _, condition := range conditions {
		if v.holds(now, tagged, condition) == condition.Not {
			return nil, webdav.ErrConfirmationFailed
		}
	}
	if v.blocked(now) {
		v.exchange.locked = true
		return nil, webdav.ErrConfirmationFailed
	}
	return func() {}, nil
}

func (v *requestLocks) holds(now time.Time, name string, condition webdav.Condition) bool {
	if condition.ETag != "" {
		return names(condition.ETag, v.etag(name))
	}
	found, ok := v.live(now)[condition.Token]
	return ok && found.covers(name)
}

// Refresh implements webdav.LockSystem.
func (v *requestLocks) Refresh(now time.Time, token string, duration time.Duration) (webdav.LockDetails, error) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	found, ok := v.live(now)[token]
	if !ok || !found.covers(v.subject) {
		return webdav.LockDetails{}, webdav.ErrNoSuchLock
	}
	found.details.Duration = duration
	found.until = now.Add(duration)
	v.exchange.shared = found.shared
	return found.details, nil
}

// Unlock implements webdav.LockSystem.
func (v *requestLocks) Unlock(now time.Time, token string) error {
	if token == passing {
		return nil
	}
	v.mutex.Lock()
	defer v.mutex.Unlock()
	found, ok := v.live(now)[token]
	if !ok || v.exchange.method == "UNLOCK" && !found.covers(v.subject) {
		return webdav.ErrNoSuchLock
	}
	delete(v.byToken, token)
	return nil
}
