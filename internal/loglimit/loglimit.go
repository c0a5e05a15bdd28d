// Package loglimit limits log lines that anyone can cause. It lets through one line of
// a kind per interval, together with the number of lines left out.
package loglimit

import (
	"log/slog"
	"sync/atomic"
	"time"
)

// Line is one kind of log line. The zero value is ready to use. It is safe for
// concurrent use and must not be copied after first use.
//
//	if leftOut, due := line.Due(now, time.Second); due {
//		logger.Warn("clerk: …", loglimit.LeftOut(leftOut))
//	}
//
// Lines that were left out are reported with the next line, not by a timer.
type Line struct {
	last    atomic.Int64 // time of the last line in Unix nanoseconds; 0 means never
	leftOut atomic.Int64
}

// Due reports whether the line may be written at the time now, which is once per every.
// leftOut is the number of lines left out since the last one. If the clock was set back
// before the last line, the line is due.
func (l *Line) Due(now time.Time, every time.Duration) (leftOut int64, due bool) {
	at, last := now.UnixNano(), l.last.Load()
	if last != 0 && at >= last && at-last < int64(every) || !l.last.CompareAndSwap(last, at) {
		l.leftOut.Add(1)
		return 0, false
	}
	return l.leftOut.Swap(0), true
}

// LeftOut returns the attribute with the number of lines left out. It is empty if n is
// 0.
func LeftOut(n int64) slog.Attr {
	if n == 0 {
		return slog.Attr{}
	}
	return slog.Int64("left_out", n)
}
