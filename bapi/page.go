package bapi

import (
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/internal/transport"
)

// Page is one page of a list.
type Page[T any] struct {
	// Data are the items.
	Data []T
	// TotalCount is the number of items on all pages, or -1 if the API does not say.
	TotalCount int64
}

// decodePage decodes a list in either form: an array, or an object with the array in
// it. Each item gets its own copy of its JSON, so that keeping one item does not keep
// the page in memory.
func decodePage[T any, P promisedOf[T]](d *decoder, p *Page[T]) {
	p.TotalCount = d.page(func(d *decoder, left int) {
		if len(p.Data) == 1 { // assume that the others are as long; a page has at most 500
			p.Data = slices.Grow(p.Data, min(left/len(d.s), 500))
		}
		p.Data = append(p.Data, *new(T))
		decodePromised(d, P(&p.Data[len(p.Data)-1]))
	})
}

// page decodes a list. It calls item for each item, with the length of the text from
// that item on. It returns the number of items on all pages, or -1 if the list does not
// say. null and an object without a list are errors, because a missing list is not an
// empty one. A list that is null counts as empty only if the response says that there
// are 0 items.
func (d *decoder) page(item func(d *decoder, left int)) int64 {
	total, found := int64(-1), false
	if d.peek() == '[' {
		d.items(item)
		return total
	}
	_, ok := d.object()
	for ok && d.more() {
		switch d.name {
		case "data", "m2m_tokens":
			found = d.items(item) || found
		case "total_count":
			total = d.integer()
		default:
			d.skip()
		}
	}
	if d.err == nil && !found && total != 0 {
		d.err = transport.Lacks("the list")
	}
	return total
}

// items reads an array of items. It returns false for null and after an error.
func (d *decoder) items(item func(d *decoder, left int)) bool {
	return d.elements(func() {
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
