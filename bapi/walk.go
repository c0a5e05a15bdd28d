package bapi

import (
	"errors"
	"iter"
	"strings"
)

// pages describes how to walk a list.
type pages[T any] struct {
	limit, offset, max int
	after              string
	cursor             bool            // fetch takes the ID of the last item instead of an offset
	id                 func(*T) string // nil if the items have none
	fetch              func(limit, offset int, after string) (*Page[T], error)
}

// walk yields the items of all pages. It fetches a page after the loop has used the
// previous one. It yields an error once and then ends. Ranging again starts from the
// beginning.
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

// view is a page whose items are accessed by index, so that the code below is compiled
// once and not for each type.
type view struct {
	n     int
	total int64 // -1 if the API does not say
	id    func(i int) string
	yield func(i int) bool
}

// maxStepsBack bounds how often in a row a walk goes back. By offset it goes back to
// find items that moved up because earlier items were removed. By cursor it goes back
// to an earlier item if the item of the cursor was removed.
const maxStepsBack = 3

// walker is the state of one walk.
//
// With a cursor the API continues after the last item. If a server ignores the cursor,
// the walk uses offsets. With offsets, consecutive pages overlap by one item. If that
// item has moved, the list has changed. The walk then skips items that it has already
// yielded. If a page has none of them, earlier items were removed, and the walk goes
// back until it finds a known item.
type walker struct {
	limit, first, overlap int
	start                 string
	cursor                bool

	next    int      // offset of the first item that was not seen
	after   string   // cursor
	trail   []string // the last IDs of the previous page, in case the item of the cursor is removed
	yielded int
	seen    recent
}

// run fetches and yields until the list ends or the loop stops.
func (w *walker) run(fetch func(offset int, after string) (view, error)) error {
	w.next, w.after, w.seen = w.first, w.start, recent{size: 4 * w.limit}
	back, stale := 0, 0 // steps back for this page; consecutive pages without a new item
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
				// The previous page succeeded, so the item of the cursor was removed.
				w.trail = w.trail[:len(w.trail)-1]
				w.after = w.trail[len(w.trail)-1]
				continue
			}
			return err
		}
		if w.cursor && w.after != w.start && w.knows(page) {
			w.byOffset(min(1, w.limit-1)) // the server ignores the cursor and started over
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

// byOffset continues with offsets.
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

// yield yields the new items of a page. more is false if the loop has stopped.
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

// last reports whether a page is the last one.
func (w *walker) last(page view, end, fresh int) bool {
	switch {
	case page.n == 0, w.cursor && fresh == 0:
		return true
	case page.total >= 0 && !w.cursor:
		return int64(end) >= page.total
	case page.n >= w.limit:
		return false
	}
	// A short page ends the list, unless the server has a lower limit. Such limits are
	// round numbers, and one more request is better than losing the rest.
	return page.n%10 != 0
}

// recent holds the IDs that were seen last.
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

// byCreation reports whether the API can continue a list in this order by cursor.
func byCreation(order string) bool {
	return order == "" || strings.TrimLeft(order, "+-") == "created_at"
}
