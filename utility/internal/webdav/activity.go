package webdav

import (
	"hash/maphash"
	"sync"
	"time"
)

// So many folders are remembered as already opened; in a larger tree, opening the others is no activity.
const foldersKnown = 100_000

// activity knows since when nobody has read or written.
type activity struct {
	mutex   sync.Mutex
	clock   func() time.Time
	last    time.Time
	running int
	seed    maphash.Seed
	folders map[uint64]struct{}
}

func newActivity(clock func() time.Time) *activity {
	return &activity{clock: clock, last: clock(), seed: maphash.MakeSeed(), folders: map[uint64]struct{}{}}
}

// begin notes that a request is being served, and returns what is to be called at its end. A transfer is activity for as
// long as it lasts.
func (a *activity) begin(transfer bool) (end func(active bool)) {
	if transfer {
		a.mutex.Lock()
		a.running++
		a.mutex.Unlock()
	}
	return func(active bool) {
		a.mutex.Lock()
		defer a.mutex.Unlock()
		if transfer {
			a.running--
		}
		if active {
			a.last = a.clock()
		}
	}
}

// isNew tells whether a folder is opened for the first time in the server's life.
func (a *activity) isNew(folder string) bool {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	key := maphash.String(a.seed, folder)
	if _, known := a.folders[key]; known || len(a.folders) >= foldersKnown {
		return false
	}
	a.folders[key] = struct{}{}
	return true
}

// idleFor is zero while anything is transferred.
func (a *activity) idleFor() time.Duration {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.running > 0 {
		return 0
	}
	return a.clock().Sub(a.last)
}
