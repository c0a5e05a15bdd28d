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
	// TotalCount is how many items there are on all pages, -1 when the API does not say.
	TotalCount int64
}

// decodePage reads a list in either of its forms: an array, or an object with the array in
// it. Each item gets a text of its own, so that keeping one does not keep the page.
func decodePage[T any, P promisedOf[T]](d *decoder, p *Page[T]) {
	p.TotalCount = d.page(func(d *decoder, left int) {
		if len(p.Data) == 1 { // the others are likely as long as this one; a page has 500 at most
			p.Data = slices.Grow(p.Data, min(left/len(d.s), 500))
		}
		p.Data = append(p.Data, *new(T))
		decodePromised(d, P(&p.Data[len(p.Data)-1]))
	})
}

// page reads a list, each item with item, which also gets how much text is left from that
// item on, and returns the number of items on all pages, -1 when the list does not say.
// null and an object without a list are errors: "no list" is not "no users". A list that is
// null is taken for an empty one where the answer counts 0 items.
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

// items reads an array of answers. It reports false for null and for an error.
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
