package bapi

import (
	"errors"
	"iter"
	"strings"
)

// pages is how a list is walked.
type pages[T any] struct {
	limit, offset, max int
	after              string
	cursor             bool            // fetch takes the ID of the last item instead of an offset
	id                 func(*T) string // nil when the items have none
	fetch              func(limit, offset int, after string) (*Page[T], error)
}

// walk yields the items of all pages. It fetches a page when the loop has used up the one
// before, yields an error once and ends, and starts again when it is ranged over again.
func walk[T any](p pages[T]) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		w := walker{limit: p.limit, first: p.offset, start: p.after, cursor: p.cursor}
		if w.limit == 0 {
			w.limit = p.max
		}
		if !p.cursor && p.id != nil {
			w.overlap = min(1, w.limit-1)
		}
		err := w.run(func(offset int, after string) (view, error) {
			page, err := p.fetch(w.limit, offset, after)
			if err != nil {
				return view{}, err
			}
			v := view{n: len(page.Data), total: page.TotalCount, yield: func(i int) bool { return yield(&page.Data[i], nil) }}
			v.id = func(i int) string {
				if p.id == nil {
					return ""
				}
				return p.id(&page.Data[i])
			}
			return v, nil
		})
		if err != nil {
			yield(nil, err)
		}
	}
}

// view is a page whose items are known by their place only, so that the code below is
// compiled once and not for each type.
type view struct {
	n     int
	total int64 // -1 when the API does not say
	id    func(i int) string
	yield func(i int) bool
}

// maxStepsBack bounds how often in a row a walk goes back: by offset, to look for items
// that moved up because others before them were removed; by cursor, to an item before the
// one that is gone.
const maxStepsBack = 3

// walker is the state of one walk.
//
// By cursor the API itself continues after the last item; a server that ignores the cursor
// is walked by offset. By offset, the pages overlap by one item. When it is not where it
// was, the list has changed: what was yielded before is left out, and when nothing of it is
// in sight, items before were removed, and the walk goes back until it meets what it knows.
type walker struct {
	limit, first, overlap int
	start                 string
	cursor                bool

	next    int      // offset of the first item not seen
	after   string   // cursor
	trail   []string // the last IDs of the page before, for a cursor that is gone
	yielded int
	seen    recent
}

// run fetches and yields until the list or the loop ends.
func (w *walker) run(fetch func(offset int, after string) (view, error)) error {
	w.next, w.after, w.seen = w.first, w.start, recent{size: 4 * w.limit}
	back, stale := 0, 0 // steps back for this page; pages in a row that led no further
	for {
		offset := w.next
		if w.next > w.first {
			offset = max(w.first, w.next-w.overlap-back*w.limit/2)
		}
		if w.cursor {
			offset = 0
		}
		page, err := fetch(offset, w.after)
		if err != nil {
			if w.cursor && len(w.trail) > 1 && (errors.Is(err, ErrNotFound) || errors.Is(err, ErrValidation)) {
				// The page before was fine, so it is the cursor: that item is gone.
				w.trail = w.trail[:len(w.trail)-1]
				w.after = w.trail[len(w.trail)-1]
				continue
			}
			return err
		}
		if w.cursor && w.after != w.start && w.knows(page) {
			w.byOffset(min(1, w.limit-1)) // the server knows no cursor and began anew
			continue
		}
		if w.overlap > 0 && offset > w.first && back < maxStepsBack && !w.knows(page) {
			back++
			continue
		}
		back = 0
		fresh, more := w.yield(page)
		if !more {
			return nil
		}
		end := offset + page.n
		if stale++; fresh > 0 && (w.cursor || end > w.next) {
			stale = 0
		}
		if stale > maxStepsBack || w.last(page, end, fresh) {
			return nil
		}
		w.next = max(end, w.first+1)
	}
}

// byOffset goes on without cursors.
func (w *walker) byOffset(overlap int) {
	w.cursor, w.after, w.next, w.overlap = false, w.start, w.yielded, overlap
}

// knows reports whether any item of a page was seen before.
func (w *walker) knows(page view) bool {
	for i := range page.n {
		if w.seen.has(page.id(i)) {
			return true
		}
	}
	return false
}

// yield hands out what is new on a page. more is false when the loop has ended.
func (w *walker) yield(page view) (fresh int, more bool) {
	w.trail = nil
	for i := range page.n {
		id := page.id(i)
		if !w.seen.add(id) {
			continue
		}
		if w.cursor {
			w.after = id
			w.trail = append(w.trail, id)
			w.trail = w.trail[max(0, len(w.trail)-1-maxStepsBack):]
		}
		fresh++
		w.yielded++
		if !page.yield(i) {
			return fresh, false
		}
	}
	return fresh, true
}

// last reports whether nothing follows a page.
func (w *walker) last(page view, end, fresh int) bool {
	switch {
	case page.n == 0, w.cursor && fresh == 0:
		return true
	case page.total >= 0 && !w.cursor:
		return int64(end) >= page.total
	case page.n >= w.limit:
		return false
	}
	// A short page ends the list, unless a server with a lower limit of its own cut it: such
	// limits are round numbers, and asking once more is cheaper than losing the rest.
	return page.n%10 != 0
}

// recent remembers the IDs seen last.
type recent struct {
	size  int
	order []string
	ids   map[string]struct{}
}

func (r *recent) has(id string) bool {
	_, ok := r.ids[id]
	return ok
}

// add reports whether id is new. Items without an ID are always new.
func (r *recent) add(id string) bool {
	if id == "" {
		return true
	}
	if r.has(id) {
		return false
	}
	if r.ids == nil {
		r.ids = make(map[string]struct{}, r.size)
	}
	if len(r.order) >= r.size {
		drop := r.order[:len(r.order)/2]
		for _, old := range drop {
			delete(r.ids, old)
		}
		r.order = append([]string(nil), r.order[len(drop):]...)
	}
	r.ids[id] = struct{}{}
	r.order = append(r.order, id)
	return true
}

// byCreation reports whether an order is one that the API can continue by cursor.
func byCreation(order string) bool {
	return order == "" || strings.TrimLeft(order, "+-") == "created_at"
}
