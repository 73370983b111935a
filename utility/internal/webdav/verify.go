package webdav

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// docs/fileserver-contract.md says why each of these is what it is.
const (
	askTimeout   = 10 * time.Second
	longestTrust = 300 * time.Second
	guessWindow  = time.Minute
	guessLimit   = 10
	trustedMost  = 100
	answerLimit  = 64 << 10
	unknownRetry = 5 * time.Second
	longestWait  = 3600
)

type digest [sha256.Size]byte

// verdict is what is known of somebody's credentials: the status 200, 401, 429 or 503.
type verdict struct {
	status     int
	retryAfter time.Duration
}

// verifier asks Berth whose credentials are, and remembers good answers for a while as keyed hashes.
type verifier struct {
	address string
	key     string
	client  *http.Client
	log     *log.Logger
	clock   func() time.Time

	mutex  sync.Mutex
	secret []byte
	// Until when what was good once is believed without asking.
	trusted  map[digest]time.Time
	asking   map[digest]*question
	refusals []time.Time
	// Whether it was said already that the key is refused.
	complained bool
}

type question struct {
	done    chan struct{}
	verdict verdict
}

func newVerifier(address, key string, logger *log.Logger) *verifier {
	secret := make([]byte, sha256.Size)
	_, _ = rand.Read(secret)
	return &verifier{
		address: address, key: key, log: logger, clock: time.Now, secret: secret,
		trusted: map[digest]time.Time{}, asking: map[digest]*question{},
		client: &http.Client{
			Timeout:       askTimeout,
			Transport:     &http.Transport{MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// admit answers whoever may not come in, and says whether the request goes on.
func (v *verifier) admit(w http.ResponseWriter, r *http.Request) bool {
	user, password, given := r.BasicAuth()
	if !given || !utf8.ValidString(user) || !utf8.ValidString(password) {
		challenge(w)
		return false
	}
	found, err := v.check(r.Context(), user, password)
	if err != nil {
		// Nobody waits any more, and without an answer this would look like a success.
		found = verdict{status: http.StatusServiceUnavailable, retryAfter: unknownRetry}
	}
	switch found.status {
	case http.StatusOK:
		return true
	case http.StatusUnauthorized:
		challenge(w)
	default:
		w.Header().Set("Retry-After", strconv.Itoa(int((found.retryAfter+time.Second-1)/time.Second)))
		refuse(w, found.status, "whose files these are cannot be checked now; try again later")
	}
	return false
}

func challenge(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", `Basic realm="files", charset="UTF-8"`)
	refuse(w, http.StatusUnauthorized, "your user name and a token as the password are needed")
}

// check fails only if ctx ends first. Whoever asks the same meanwhile shares the answer.
func (v *verifier) check(ctx context.Context, user, password string) (verdict, error) {
	id := v.digest(user, password)
	v.mutex.Lock()
	now := v.clock()
	until, known := v.trusted[id]
	if known && now.Before(until) {
		v.mutex.Unlock()
		return verdict{status: http.StatusOK}, nil
	}
	asked, ok := v.asking[id]
	if !ok {
		// What was good once is asked for again and is no guess: a stranger who guesses must not lock the owner out.
		if wait := v.guessWait(now); wait > 0 && !known {
			v.mutex.Unlock()
			return verdict{status: http.StatusTooManyRequests, retryAfter: wait}, nil
		}
		asked = &question{done: make(chan struct{})}
		v.asking[id] = asked
		go v.ask(id, asked, now, user, password)
	}
	v.mutex.Unlock()
	select {
	case <-asked.done:
		return asked.verdict, nil
	case <-ctx.Done():
		return verdict{}, ctx.Err()
	}
}

func (v *verifier) digest(user, password string) digest {
	mac := hmac.New(sha256.New, v.secret)
	_ = binary.Write(mac, binary.BigEndian, uint64(len(user)))
	_, _ = io.WriteString(mac, user+password)
	return digest(mac.Sum(nil))
}

// guessWait counts open questions as refusals, so that guessing in parallel is no way around.
func (v *verifier) guessWait(now time.Time) time.Duration {
	for len(v.refusals) > 0 && now.Sub(v.refusals[0]) >= guessWindow {
		v.refusals = v.refusals[1:]
	}
	if len(v.refusals) >= guessLimit {
		return guessWindow - now.Sub(v.refusals[0])
	}
	if len(v.refusals)+len(v.asking) >= guessLimit {
		return time.Second
	}
	return 0
}

func (v *verifier) ask(id digest, asked *question, sent time.Time, user, password string) {
	found, trust := v.post(user, password)
	v.mutex.Lock()
	defer v.mutex.Unlock()
	delete(v.asking, id)
	switch found.status {
	case http.StatusOK:
		v.remember(id, sent.Add(trust))
	case http.StatusUnauthorized:
		delete(v.trusted, id)
		v.refusals = append(v.refusals, v.clock())
	}
	asked.verdict = found
	close(asked.done)
}

// remember keeps what has expired too, since that was no guess; whatever expires first goes when there are too many.
func (v *verifier) remember(id digest, until time.Time) {
	v.trusted[id] = until
	for len(v.trusted) > trustedMost {
		first := id
		for other, end := range v.trusted {
			if end.Before(v.trusted[first]) {
				first = other
			}
		}
		delete(v.trusted, first)
	}
}

func (v *verifier) post(user, password string) (found verdict, trust time.Duration) {
	unknown := verdict{status: http.StatusServiceUnavailable, retryAfter: unknownRetry}
	content, err := json.Marshal(map[string]string{"username": user, "password": password})
	if err != nil {
		return unknown, 0
	}
	request, err := http.NewRequest(http.MethodPost, v.address, bytes.NewReader(content))
	if err != nil {
		return unknown, 0
	}
	request.Header.Set("Authorization", "Bearer "+v.key)
	request.Header.Set("Content-Type", "application/json")
	response, err := v.client.Do(request)
	if err != nil {
		v.log.Printf("Berth cannot be asked whose credentials these are: %v", err)
		return unknown, 0
	}
	defer response.Body.Close()
	return v.understand(response, user, unknown)
}

func (v *verifier) understand(response *http.Response, user string, unknown verdict) (verdict, time.Duration) {
	var text struct {
		Username string  `json:"username"`
		ValidFor float64 `json:"valid_for"`
		Detail   any     `json:"detail"`
	}
	err := json.NewDecoder(io.LimitReader(response.Body, answerLimit)).Decode(&text)
	switch {
	case response.StatusCode == http.StatusOK && err == nil && text.Username != "" && text.Username == user:
		trust := time.Duration(max(text.ValidFor, 0) * float64(time.Second))
		return verdict{status: http.StatusOK}, min(trust, longestTrust)
	case response.StatusCode == http.StatusForbidden:
		return verdict{status: http.StatusUnauthorized}, 0
	case response.StatusCode == http.StatusTooManyRequests:
		wait, err := strconv.Atoi(strings.TrimSpace(response.Header.Get("Retry-After")))
		if err != nil || wait < 1 || wait > longestWait {
			wait = int(guessWindow / time.Second)
		}
		return verdict{status: http.StatusTooManyRequests, retryAfter: time.Duration(wait) * time.Second}, 0
	case response.StatusCode == http.StatusUnauthorized:
		v.complain()
	default:
		v.log.Printf("Berth answers %s to the question whose credentials these are", response.Status)
	}
	return unknown, 0
}

func (v *verifier) complain() {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if !v.complained {
		v.log.Print("Berth does not accept this server's key (any more): nobody is let in who is not remembered")
	}
	v.complained = true
}
