package loglimit

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestLine(t *testing.T) {
	var l Line
	start := time.Unix(1_750_000_000, 0)
	for i, c := range []struct {
		at      time.Duration
		leftOut int64
		due     bool
	}{
		{0, 0, true},
		{0, 0, false},
		{time.Second - 1, 0, false},
		{time.Second, 2, true},
		{time.Second, 0, false},
		{time.Hour, 1, true},
		{time.Minute, 0, true}, // the clock was set back
		{time.Minute + 1, 0, false},
		{2 * time.Minute, 1, true},
	} {
		if n, due := l.Due(start.Add(c.at), time.Second); n != c.leftOut || due != c.due {
			t.Errorf("%d: %d %v, want %d %v", i, n, due, c.leftOut, c.due)
		}
	}
}

// Of many lines at one moment, one is written and the others are counted.
func TestLineOfMany(t *testing.T) {
	var l Line
	var written, told atomic.Int64
	start := time.Unix(1_750_000_000, 0)
	for second := range 3 {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 1000 {
					if n, due := l.Due(start.Add(time.Duration(second)*time.Second), time.Second); due {
						written.Add(1)
						told.Add(n)
					}
				}
			})
		}
		wg.Wait()
	}
	n, _ := l.Due(start.Add(time.Hour), time.Second)
	if written.Load() != 3 || written.Load()+told.Load()+n != 3*8000 {
		t.Errorf("%d lines, which report %d left out, and %d not reported", written.Load(), told.Load(), n)
	}
}

func TestLeftOutIsShownWhereThereAreSome(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	log.Warn("a", LeftOut(0))
	log.Warn("b", LeftOut(7))
	if s := out.String(); strings.Count(s, "left_out") != 1 || !strings.Contains(s, "msg=b left_out=7\n") {
		t.Error(s)
	}
}

func TestLineAllocatesNothing(t *testing.T) {
	var l Line
	at := time.Unix(1_750_000_000, 0)
	if n := testing.AllocsPerRun(100, func() { l.Due(at, time.Second) }); n != 0 {
		t.Error(n)
	}
}
