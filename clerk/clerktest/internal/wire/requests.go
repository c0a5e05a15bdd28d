package wire

import (
	"log/slog"
	"slices"
	"sync"
	"time"
)

// LoggedRequest is what is remembered of a request: clerktest.Request, which says more
// of each field.
type LoggedRequest struct {
	Time         time.Time
	Duration     time.Duration
	Method, Path string
	API          string
	Operation    string
	Status       int
	Meaning      string
}

// maxRequests bounds the log: an emulator may run for weeks.
const maxRequests = 4096

// maxPath bounds what of a path is remembered.
const maxPath = 256

func (r *LoggedRequest) attrs() []slog.Attr {
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

type RequestLog struct {
	mu       sync.Mutex
	requests []LoggedRequest
	count    uint64          // of all, forgotten ones included
	shake    *HandshakeTrace // the last one
}

// HandshakeTrace is what the inspector shows of a handshake.
type HandshakeTrace struct {
	Seq                           uint64 // of the request, among all
	Reason, Outcome, Format, Page string
}

func (l *RequestLog) add(r LoggedRequest, shake *HandshakeTrace) {
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
		shake.Seq = l.count
		l.shake = shake
	}
}

func (l *RequestLog) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests, l.shake = nil, nil
}

// All returns the log, the number of its last entry, and the last handshake.
func (l *RequestLog) All() ([]LoggedRequest, uint64, *HandshakeTrace) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.requests), l.count, l.shake
}
