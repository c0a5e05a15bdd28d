// Package loglimit keeps log lines that strangers can cause from filling a log:
// of one kind of line, one is written in a while, and it says how many were left
// out.
package loglimit

import (
	"log/slog"
	"sync/atomic"
	"time"
)

// Line is one kind of log line. The zero value is ready. It is safe for
// concurrent use, and must not be copied after its first use.
//
//	if leftOut, due := line.Due(now, time.Second); due {
//		logger.Warn("clerk: …", loglimit.LeftOut(leftOut))
//	}
//
// No line is written later by itself: how many were left out, the next line says.
type Line struct {
	last    atomic.Int64 // when the last one was written, in Unix nanoseconds; 0 is never
	leftOut atomic.Int64
}

// Due reports whether the line may be written at the time now, which it may once
// in every, and how many were left out since the last one. A clock that was set
// back does not silence the line: a time before that of the last line counts as
// due.
func (l *Line) Due(now time.Time, every time.Duration) (leftOut int64, due bool) {
	at, last := now.UnixNano(), l.last.Load()
	if last != 0 && at >= last && at-last < int64(every) || !l.last.CompareAndSwap(last, at) {
		l.leftOut.Add(1)
		return 0, false
	}
	return l.leftOut.Swap(0), true
}

// LeftOut is the attribute that tells how many lines were left out; it is not
// shown where there are none.
func LeftOut(n int64) slog.Attr {
	if n == 0 {
		return slog.Attr{}
	}
	return slog.Int64("left_out", n)
}
