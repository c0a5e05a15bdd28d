package wire

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// Limits of lists (parameters limit and offset of the Backend API).
const (
	defaultLimit = 10
	maxLimit     = 500
)

// Page cuts the part of a list out that limit and offset ask for.
func Page[T any](all []T, query url.Values) ([]T, error) {
	limit, offset, err := PageParams(query)
	if err != nil {
		return nil, err
	}
	all = all[min(offset, len(all)):]
	return all[:min(limit, len(all))], nil
}

// Listing says how a table is listed.
type Listing[T any] struct {
	Made   func(*T) state.Made          // when a record was made
	Fields map[string]func(a, b *T) int // what order_by may name besides created_at
	By     string                       // the order if order_by is absent, -created_at if ""
	Keep   func(*state.Tx, *T) bool     // with the store locked; nil keeps all
}

// Pick filters and orders the records of a table, and copies one page of them.
// total is how many there are in all. Only the page is copied.
func Pick[K comparable, T any](s *state.Store, table func(*state.Tx) map[K]*T, query url.Values, l Listing[T]) (page []T, total int, err error) {
	return state.With3(s, func(tx *state.Tx) (page []T, total int, err error) {
		return PickFrom(tx, table(tx), query, l)
	})
}

func PickFrom[K comparable, T any](tx *state.Tx, table map[K]*T, query url.Values, l Listing[T]) (page []T, total int, err error) {
	limit, offset, err := PageParams(query)
	if err != nil {
		return nil, 0, err
	}
	less, err := l.order(query)
	if err != nil {
		return nil, 0, err
	}
	var all []*T
	for _, v := range table {
		if l.Keep == nil || l.Keep(tx, v) {
			all = append(all, v)
		}
	}
	slices.SortFunc(all, less)
	total = len(all)
	all = all[min(offset, total):]
	page = make([]T, min(limit, len(all)))
	for i := range page {
		page[i] = *all[i]
	}
	return page, total, nil
}

// order returns the order that order_by asks for: a field, with - before it for
// the largest first. Equals stand as they were made.
func (l *Listing[T]) order(query url.Values) (func(a, b *T) int, error) {
	created := func(a, b *T) int { return l.Made(a).Compare(l.Made(b)) }
	by := cmp.Or(query.Get("order_by"), l.By, "-created_at")
	name := strings.TrimLeft(by, "+- ") // a + in a query is a space
	field := l.Fields[name]
	if name == "created_at" {
		field = created
	}
	if field == nil || len(by) > len(name)+1 {
		return nil, refusal.Param("order_by", "form_param_value_invalid", "order_by "+refusal.Quoted(by)+" is not a field that can be ordered by")
	}
	return func(a, b *T) int {
		if by[0] == '-' {
			return cmp.Or(field(b, a), created(a, b))
		}
		return cmp.Or(field(a, b), created(a, b))
	}, nil
}

// OkList answers with a page: bare, or with the number of all there are if the
// caller asks for it (parameter paginated).
func (c *Call) OkList(query url.Values, data any, total int) error {
	if query.Get("paginated") == "true" {
		return c.OK(map[string]any{"data": data, "total_count": total})
	}
	return c.OK(data)
}

// PageParams reads limit and offset.
func PageParams(query url.Values) (limit, offset int, err error) {
	if limit, err = intParam(query, "limit", defaultLimit, 1, maxLimit); err != nil {
		return 0, 0, err
	}
	offset, err = intParam(query, "offset", 0, 0, 1<<31-1)
	return limit, offset, err
}

func intParam(query url.Values, name string, fallback, low, high int) (int, error) {
	s := query.Get(name)
	if s == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		return 0, refusal.Param(name, "form_param_value_invalid", name+" is not a number from "+strconv.Itoa(low)+" to "+strconv.Itoa(high))
	}
	return n, nil
}

// Order sorts a list by the order_by parameter: a field, with - before it for
// the largest first.
func Order[T any](all []T, query url.Values, fields map[string]func(a, b *T) int) error {
	by := cmp.Or(query.Get("order_by"), "-created_at")
	name := strings.TrimLeft(by, "+- ") // a + in a query is a space
	field := fields[name]
	if field == nil || len(by) > len(name)+1 {
		return refusal.Param("order_by", "form_param_value_invalid", "order_by "+refusal.Quoted(by)+" is not a field that can be ordered by")
	}
	slices.SortStableFunc(all, func(a, b T) int {
		if by[0] == '-' {
			a, b = b, a
		}
		return field(&a, &b)
	})
	return nil
}

// ListParam returns the values of a list parameter, name=a&name=b, name[]=a or
// name=a,b.
func ListParam(query url.Values, name string) []string {
	var out []string
	for _, v := range append(slices.Clone(query[name]), query[name+"[]"]...) {
		for one := range strings.SplitSeq(v, ",") {
			if one = strings.TrimSpace(one); one != "" {
				out = append(out, one)
			}
		}
	}
	return out
}

// OneOf reports whether a list parameter is absent or names the value.
func OneOf(names []string, value string) bool {
	return len(names) == 0 || slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, value) })
}

// Holds reports whether any of the texts holds the query, in any case.
func Holds(query string, texts ...string) bool {
	query = strings.ToLower(query)
	return slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(strings.ToLower(t), query) })
}

// Choice makes a test of the values of a list parameter, which may have - before
// them to keep a value out, or +.
func Choice(values []string) func(string) bool {
	in, out := Signed(values)
	return func(value string) bool { return Chosen(in, out, value) }
}

func CompareText(a, b string) int { return strings.Compare(a, b) }

// MaxListParam is how many values a list parameter may have.
const MaxListParam = 100

// Signed splits the values of a list parameter by the + or - before them: what
// must be among them, and what must not.
func Signed(values []string) (in, out map[string]bool) {
	in, out = map[string]bool{}, map[string]bool{}
	for _, v := range values {
		if rest, ok := strings.CutPrefix(v, "-"); ok {
			out[rest] = true
		} else {
			in[strings.TrimPrefix(v, "+")] = true // a + in a query is a space, which ListParam cuts off
		}
	}
	return in, out
}

func Chosen(in, out map[string]bool, value string) bool {
	return (len(in) == 0 || in[value]) && !out[value]
}

// Listed is an answer of one page of a list.
type Listed struct {
	Data  any `json:"data"`
	Total int `json:"total_count"`
}

// MaxBulkInvitations is how many CreateBulkInvitations takes.
const MaxBulkInvitations = 10
