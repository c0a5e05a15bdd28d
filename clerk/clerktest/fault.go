package clerktest

import (
	"net/http"
	"sync"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// Fault makes requests fail. Delay applies first. Then the first that is set of Hang,
// CutConnection, and Status with Header and Body applies. A Fault with only a Delay
// slows requests down.
type Fault struct {
	// Method limits the fault to one method. Empty means all.
	Method string
	// Path is the path that fails, /v1/jwks. A * at the end stands for anything,
	// and an empty Path for all paths.
	Path string
	// Times is how many requests fail. Zero means all, until the fault is removed.
	Times int

	// Delay delays the answer, in real time.
	Delay time.Duration
	// Hang never answers: until the caller gives up, the fault is undone or the
	// emulator is closed.
	Hang bool
	// CutConnection closes the connection without an answer.
	CutConnection bool
	// Status is the status of the answer, 500 if only Header or Body are given.
	// Without a Body the answer is an error in Clerk's envelope.
	Status int
	// Header is added to the answer: Retry-After, say.
	Header http.Header
	// Body is sent as it is, malformed or not.
	Body string
}

// Fault makes further requests fail. Of several faults for one path the oldest applies
// until its Times are used up. The returned function removes the fault and releases the
// requests that hang in it; calling it twice is fine. A Status other than 200 to 599 is
// refused. The control API never fails.
func (e *Emulator) Fault(f Fault) (undo func()) {
	e.helper()
	added, err := e.server.Faults.Add(wire.FaultSpec(f))
	if err != nil {
		e.fail("Fault: %v", err)
		return func() {}
	}
	var once sync.Once
	return func() { once.Do(func() { e.server.Faults.Remove(added) }) }
}

// ClearFaults removes all faults and releases the requests that hang in them.
func (e *Emulator) ClearFaults() { e.server.Faults.Clear() }
