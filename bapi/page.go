package bapi

import (
	"errors"
	"iter"
	"slices"
	"strings"
)

// Page is one page of a list.
type Page[T any] struct {
	// Data are the items.
	Data []T
	// TotalCount is how many items there are on all pages, -1 when the API does not say.
	TotalCount int64
}

// decodePage reads a list in either of its forms: an array, or an object with the array in
// it. Each item gets a text of its own, so that keeping one does not keep the page.
func decodePage[T any, P answerOf[T]](d *decoder, p *Page[T]) {
	p.TotalCount = d.page(func(d *decoder, left int) {
		if len(p.Data) == 1 { // the others are likely as long as this one; a page has 500 at most
			p.Data = slices.Grow(p.Data, min(left/len(d.s), 500))
		}
		p.Data = append(p.Data, *new(T))
		P(&p.Data[len(p.Data)-1]).decode(d)
	})
}

// page reads a list, each item with item, which also gets how much text is left from that
// item on, and returns the number of items on all pages, -1
// when the list does not say.
func (d *decoder) page(item func(d *decoder, left int)) int64 {
	total := int64(-1)
	if d.peek() == '[' {
		d.items(item)
		return total
	}
	_, ok := d.object()
	for ok && d.more() {
		switch d.name {
		case "data", "m2m_tokens":
			d.items(item)
		case "total_count":
			total = d.integer()
		default:
			d.skip()
		}
	}
	return total
}

func (d *decoder) items(item func(d *decoder, left int)) {
	d.elements(func() {
		d.space()
		start := d.i
		d.skip()
		if d.err != nil {
			return
		}
		own := decoder{s: strings.Clone(d.s[start:d.i]), depth: d.depth, name: d.name}
		item(&own, len(d.s)-start)
		d.err = own.err
	})
}

// pages is how a list is walked.
type pages[T any] struct {
	limit, offset, max int
	after              string
	cursor             bool            // fetch takes the ID of the last item instead of an offset
	id                 func(*T) string // nil when the items have none
	fetch              func(limit, offset int, after string) (*Page[T], error)
}

// maxStepsBack bounds how often in a row a walk by offset goes back to look for items that
// moved up because others before them were removed.
const maxStepsBack = 3

// walk yields the items of all pages. It fetches a page when the loop has used up the one
// before, yields an error once and ends, and starts again when it is ranged over again.
//
// By cursor the API itself continues after the last item; a server that ignores the cursor
// is walked by offset. By offset, the pages overlap by
// one item. When it is not where it was, the list has changed: what was yielded before is
// left out, and when nothing of it is in sight, items before were removed, and the walk
// goes back until it meets what it knows.
func walk[T any](list pages[T]) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		p := list
		limit := p.limit
		if limit == 0 {
			limit = p.max
		}
		overlap := 0
		if !p.cursor && p.id != nil && limit > 1 {
			overlap = 1
		}
		next, after := p.offset, p.after // next is the offset of the first item not seen
		seen := recent{size: 4 * limit}
		yielded := 0
		stale := 0         // pages in a row without anything new
		var trail []string // the last IDs of the page before, for a cursor that is gone
		for back := 0; ; {
			offset := next
			if next > p.offset {
				offset = max(p.offset, next-overlap-back*limit/2)
			}
			if p.cursor {
				offset = 0
			}
			page, err := p.fetch(limit, offset, after)
			if p.cursor && len(trail) > 1 && (errors.Is(err, ErrNotFound) || errors.Is(err, ErrValidation)) {
				// The page before was fine, so it is the cursor: that user is gone.
				trail = trail[:len(trail)-1]
				after = trail[len(trail)-1]
				continue
			}
			if err != nil {
				yield(nil, err)
				return
			}
			trail = nil
			if p.cursor && after != p.after && sees(&seen, page.Data, p.id) {
				// The server knows no cursor and began anew: go on by offset.
				p.cursor, overlap, next, after = false, min(1, limit-1), yielded, p.after
				continue
			}
			known := overlap == 0 || next == p.offset || offset == p.offset || sees(&seen, page.Data, p.id)
			if !known && back < maxStepsBack {
				back++
				continue
			}
			back = 0
			fresh := 0
			for i := range page.Data {
				v := &page.Data[i]
				if p.id != nil {
					if id := p.id(v); !seen.add(id) {
						continue
					} else if p.cursor {
						after = id
						trail = append(trail, id)
						trail = trail[max(0, len(trail)-1-maxStepsBack):]
					}
				}
				fresh++
				yielded++
				if !yield(v, nil) {
					return
				}
			}
			if stale++; fresh > 0 {
				stale = 0
			}
			end := offset + len(page.Data)
			if stale > maxStepsBack || last(page, end, limit, fresh, p.cursor) {
				return
			}
			next = max(end, p.offset+1)
		}
	}
}

// last reports whether nothing follows a page.
func last[T any](page *Page[T], end, limit, fresh int, cursor bool) bool {
	n := len(page.Data)
	switch {
	case n == 0, cursor && fresh == 0:
		return true
	case page.TotalCount >= 0 && !cursor:
		return int64(end) >= page.TotalCount
	case n >= limit:
		return false
	}
	// A short page ends the list, unless a server with a lower limit of its own cut it: such
	// limits are round numbers, and asking once more is cheaper than losing the rest.
	return n%10 != 0
}

// recent remembers the IDs seen last.
type recent struct {
	size  int
	order []string
	ids   map[string]struct{}
}

// add reports whether id is new. Items without an ID are always new.
func (r *recent) add(id string) bool {
	if id == "" {
		return true
	}
	if _, ok := r.ids[id]; ok {
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

// sees reports whether any of the items was seen.
func sees[T any](r *recent, items []T, id func(*T) string) bool {
	for i := range items {
		if _, ok := r.ids[id(&items[i])]; ok {
			return true
		}
	}
	return false
}

// byCreation reports whether an order is one that the API can continue by cursor.
func byCreation(order string) bool {
	return order == "" || strings.TrimLeft(order, "+-") == "created_at"
}
