package clerktest

import (
	"time"
)

// Request is one request to the emulator. It holds no token, cookie, password or query.
type Request struct {
	// Time is the emulator's time when it came.
	Time time.Time
	// Duration is how long the answer took.
	Duration time.Duration
	// Method and Path are the request's.
	Method, Path string
	// API is FAPI, BAPI, Pages for the sign-in pages, or Control for the control
	// API, of which only what changes something is logged; "" where no API has
	// the path.
	API string
	// Operation is the name of the operation in Clerk's description of the API,
	// GetJWKS, say.
	Operation string
	// Status is the status of the answer, 0 where the connection was cut.
	Status int
	// Meaning says in a few words what happened.
	Meaning string
}

// RequestCount returns the number of requests so far, including those that
// [Emulator.Requests] no longer has. If it stays the same, no request changed anything.
func (e *Emulator) RequestCount() uint64 {
	_, count, _ := e.server.Log.All()
	return count
}

// Requests returns the last requests, oldest first, up to a few thousand.
func (e *Emulator) Requests() []Request {
	all, _, _ := e.server.Log.All()
	out := make([]Request, len(all))
	for i, r := range all {
		out[i] = Request(r)
	}
	return out
}
