package budget

import "time"

// window counts the calls of each purpose in the recent past, in slots of half a
// second. Sums take whole slots, so a sum over d counts what happened within d and
// up to one slot more: a bound on it holds for any interval of length d.
type window struct {
	slots [windowSlots][purposes]int32
	head  int64 // the number of the newest slot, in slots since the epoch
}

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
		w.slots[i%windowSlots] = [purposes]int32{}
	}
	w.head = max(w.head, n)
}

func (w *window) add(p Purpose) { w.slots[w.head%windowSlots][p]++ }

// move counts a call for another purpose than the one that it was begun for.
func (w *window) move(from, to Purpose) {
	for i := range int64(windowSlots) {
		slot := &w.slots[(w.head-i+windowSlots)%windowSlots]
		if slot[from] > 0 {
			slot[from]--
			slot[to]++
			return
		}
	}
}

// sums counts the calls of the last d.
func (w *window) sums(d time.Duration) (n [purposes]int) {
	for i := range min(int64(d/slotLength)+1, windowSlots) {
		for p, calls := range &w.slots[(w.head-i+windowSlots)%windowSlots] {
			n[p] += int(calls)
		}
	}
	return n
}
