package clerktest

import (
	"log/slog"
	"slices"
	"sync"
	"time"
)

// Request is one request that the emulator got, and what it meant. It holds no
// token, cookie, password or query.
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

// maxRequests bounds the log: an emulator may run for weeks.
const maxRequests = 4096

// maxPath bounds what of a path is remembered.
const maxPath = 256

func (r *Request) attrs() []slog.Attr {
	return []slog.Attr{
		slog.String("method", r.Method), slog.String("path", r.Path), slog.String("api", r.API),
		slog.String("operation", r.Operation), slog.Int("status", r.Status),
		slog.Duration("duration", r.Duration), slog.String("meaning", r.Meaning),
	}
}

func levelOf(status int) slog.Level {
	if status >= 500 {
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

type requestLog struct {
	mu       sync.Mutex
	requests []Request
	count    uint64          // of all, forgotten ones included
	shake    *handshakeTrace // the last one
}

// handshakeTrace is what the inspector shows of a handshake.
type handshakeTrace struct {
	seq                           uint64 // of the request, among all
	reason, outcome, format, page string
}

func (l *requestLog) add(r Request, shake *handshakeTrace) {
	if len(r.Path) > maxPath {
		r.Path = r.Path[:maxPath] + "…"
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.requests) == maxRequests {
		n := copy(l.requests, l.requests[maxRequests/2:])
		l.requests = l.requests[:n]
	}
	l.requests = append(l.requests, r)
	l.count++
	if shake != nil && r.Status < 400 {
		shake.seq = l.count
		l.shake = shake
	}
}

func (l *requestLog) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests, l.shake = nil, nil
}

// RequestCount returns how many requests the emulator has got, those that
// [Emulator.Requests] has forgotten included: where it stays the same, no request
// changed anything.
func (e *Emulator) RequestCount() uint64 {
	e.log.mu.Lock()
	defer e.log.mu.Unlock()
	return e.log.count
}

// Requests returns the last requests that the emulator got, oldest first, up to
// some thousands.
func (e *Emulator) Requests() []Request {
	all, _, _ := e.log.all()
	return all
}

// all returns the log, the number of its last entry, and the last handshake.
func (l *requestLog) all() ([]Request, uint64, *handshakeTrace) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.requests), l.count, l.shake
}
