package middleware

import (
	"testing"
	"time"
)

// TestClockAhead: three newer and newer tokens that are about equally late are a
// clock's fault, old tokens are not.
func TestClockAhead(t *testing.T) {
	const s = time.Second
	for name, tt := range map[string]struct {
		at, late []time.Duration // of each token: when it comes, and how long ago it expired
		want     time.Duration   // of the last one, 0 for no warning
	}{
		"ten minutes ahead":        {[]time.Duration{0, 10 * s, 70 * s}, []time.Duration{550 * s, 555 * s, 545 * s}, 545 * s},
		"two tokens":               {[]time.Duration{0, 10 * s}, []time.Duration{550 * s, 550 * s}, 0},
		"one token, again":         {[]time.Duration{0, 10 * s, 20 * s, 30 * s}, []time.Duration{550 * s, 560 * s, 570 * s, 580 * s}, 0},
		"two old tokens, in turns": {[]time.Duration{0, 1 * s, 2 * s, 3 * s}, []time.Duration{500 * s, 490 * s, 502 * s, 492 * s}, 0},
		"idle clients":             {[]time.Duration{0, 60 * s, 120 * s}, []time.Duration{9000 * s, 300 * s, 61 * s}, 0},
		"after an idle one":        {[]time.Duration{0, 60 * s, 120 * s, 180 * s}, []time.Duration{9000 * s, 300 * s, 310 * s, 290 * s}, 290 * s},
	} {
		var a ahead
		start := time.Unix(1_800_000_000, 0)
		var by time.Duration
		var likely bool
		for i, at := range tt.at {
			by, likely = a.expired(start.Add(at), tt.late[i])
		}
		if likely != (tt.want > 0) || likely && by != tt.want {
			t.Errorf("%s: %v, %v; want %v", name, likely, by, tt.want)
		}
	}
}
