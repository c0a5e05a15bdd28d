package wire

import (
	"time"
)

// The resources of both APIs, in the shape of Clerk's descriptions of them. Times
// are Unix milliseconds.

func Millis(t time.Time) int64 { return t.UnixMilli() }

// OptMillis is null for the zero time.
func OptMillis(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}

// OptString is null for "".
func OptString(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
