package budget

import "time"

// window counts the calls of each purpose in the recent past, in slots of half a
// second. Sums take whole slots, so a sum over d counts what happened within d and
// up to one slot more: a bound on it holds for any interval of length d.
type window struct {
	slots [windowSlots][counted]int32
	head  int64 // the number of the newest slot, in slots since the epoch
}

// learned counts calls for unknown tokens that turned out good, beside their
// purpose.
const (
	learned Purpose = purposes
	counted         = purposes + 1
)

const (
	slotLength  = 500 * time.Millisecond
	windowSlots = 64
)

// advance forgets what is older than the ring, and makes room for now.
func (w *window) advance(now time.Time) {
	n := now.UnixNano() / int64(slotLength)
	if n < w.head-1 { // the clock was set back: begin again
		*w = window{head: n}
	}
	for i := max(w.head+1, n-windowSlots+1); i <= n; i++ {
		w.slots[i%windowSlots] = [counted]int32{}
	}
	w.head = max(w.head, n)
}

func (w *window) add(p Purpose) { w.slots[w.head%windowSlots][p]++ }

// sums counts the calls of the last d.
func (w *window) sums(d time.Duration) (n [counted]int) {
	for i := range min(int64(d/slotLength)+1, windowSlots) {
		for p, calls := range &w.slots[(w.head-i+windowSlots)%windowSlots] {
			n[p] += int(calls)
		}
	}
	return n
}
