package budget

import "time"

// window counts recent calls by purpose, in slots of half a second. A sum over d covers
// whole slots, so it counts up to one slot more than d. A limit on the sum therefore
// holds for any interval of length d.
type window struct {
	slots [windowSlots][counted]int32
	head  int64 // the number of the newest slot, in slots since the epoch
}

// learned counts calls for unknown tokens that were valid, in addition to their
// purpose.
const (
	learned Purpose = purposes
	counted         = purposes + 1
)

const (
	slotLength  = 500 * time.Millisecond
	windowSlots = 64
)

// advance drops slots that are older than the ring, and adds slots up to now.
func (w *window) advance(now time.Time) {
	n := now.UnixNano() / int64(slotLength)
	if n < w.head-1 { // the clock was set back: start over
		*w = window{head: n}
	}
	for i := max(w.head+1, n-windowSlots+1); i <= n; i++ {
		w.slots[i%windowSlots] = [counted]int32{}
	}
	w.head = max(w.head, n)
}

func (w *window) add(p Purpose) { w.slots[w.head%windowSlots][p]++ }

// sums returns the number of calls in the last d.
func (w *window) sums(d time.Duration) (n [counted]int) {
	for i := range min(int64(d/slotLength)+1, windowSlots) {
		for p, calls := range &w.slots[(w.head-i+windowSlots)%windowSlots] {
			n[p] += int(calls)
		}
	}
	return n
}
