package bapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// maxDepth is the maximum nesting of a response, as in encoding/json.
const maxDepth = 10000

// decoder reads JSON (RFC 8259) in one pass. Strings without escapes are substrings of
// the text and are not copied. After the first error all reads return zero values and
// do not move the position.
type decoder struct {
	s     string
	i     int
	depth int
	name  string // of the current field
	first bool   // no field of the current object was read yet
	err   error
}

// decode decodes the whole text with f.
func decode(s string, f func(*decoder)) error {
	d := decoder{s: s}
	f(&d)
	d.space()
	if d.err == nil && d.i < len(d.s) {
		d.broken()
	}
	return d.err
}

// unmarshal implements the UnmarshalJSON methods. It copies the text because the value
// keeps it.
func unmarshal(b []byte, v answer) error { return decode(string(b), v.decode) }

func (d *decoder) broken() {
	if d.err == nil {
		d.err = fmt.Errorf("bapi: not valid JSON at byte %d", d.i)
	}
}

// mismatch sets the error for a value of another type. It names the field and the types
// but not the value.
func (d *decoder) mismatch(want reflect.Type) {
	if d.err != nil {
		return
	}
	var kind string
	switch d.peek() {
	case '"':
		kind = "string"
	case '{':
		kind = "object"
	case '[':
		kind = "array"
	case 't', 'f':
		kind = "bool"
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		kind = "number"
	default:
		d.broken()
		return
	}
	d.err = &json.UnmarshalTypeError{Value: kind, Type: want, Offset: int64(d.i), Field: d.name}
}

func (d *decoder) space() {
	for d.i < len(d.s) {
		switch d.s[d.i] {
		case ' ', '\n', '\r', '\t':
			d.i++
		default:
			return
		}
	}
}

// peek skips white space and returns the next byte, 0 at the end or after an error.
func (d *decoder) peek() byte {
	d.space()
	if d.err != nil || d.i >= len(d.s) {
		return 0
	}
	return d.s[d.i]
}

func (d *decoder) literal(s string) bool {
	if d.err == nil && strings.HasPrefix(d.s[d.i:], s) {
		d.i += len(s)
		return true
	}
	return false
}

func (d *decoder) null() bool { return d.peek() == 'n' && d.literal("null") }

// object enters an object. It returns false for null, which it consumes, and after an
// error. start is the offset of the value.
func (d *decoder) object() (start int, ok bool) {
	c := d.peek()
	start = d.i
	switch {
	case c == '{':
		d.enter()
		return start, d.err == nil
	case c == 'n' && d.literal("null"):
	default:
		d.mismatch(reflect.TypeFor[map[string]any]())
	}
	return start, false
}

func (d *decoder) enter() {
	d.i++
	d.first = true
	if d.depth++; d.depth > maxDepth {
		d.err = errors.New("bapi: JSON nested too deeply")
	}
}

// more reads the name of the next field. It returns false at the end of the object.
func (d *decoder) more() bool {
	c := d.peek()
	if c == '}' {
		d.i++
		d.depth--
		d.first = false
		return false
	}
	if !d.first {
		if c != ',' {
			d.broken()
			return false
		}
		d.i++
		c = d.peek()
	}
	d.first = false
	if c != '"' {
		d.broken()
		return false
	}
	d.name = d.quoted()
	if d.peek() != ':' {
		d.broken()
		return false
	}
	d.i++
	return d.err == nil
}

// since returns the text of the value that began at start, or "" after an error.
func (d *decoder) since(start int) string {
	if d.err != nil {
		return ""
	}
	return d.s[start:d.i]
}

// elements calls f for each element of an array. It returns false for null, which it
// consumes, and after an error.
func (d *decoder) elements(f func()) bool {
	switch c := d.peek(); {
	case c == '[':
	case c == 'n' && d.literal("null"):
		return false
	default:
		d.mismatch(reflect.TypeFor[[]any]())
		return false
	}
	d.enter()
	for first := true; d.err == nil; first = false {
		c := d.peek()
		if c == ']' {
			d.i++
			d.depth--
			d.first = false
			return true
		}
		if !first {
			if c != ',' {
				d.broken()
				return false
			}
			d.i++
			if d.peek() == ']' {
				d.broken()
				return false
			}
		}
		f()
	}
	return false
}

// list reads an array of objects. An empty array gives an empty slice, null gives nil.
func list[T any, P answerOf[T]](d *decoder) []T {
	out := []T{}
	if !d.elements(func() {
		var v T
		P(&v).decode(d)
		out = append(out, v)
	}) {
		return nil
	}
	return out
}

// texts reads an array of strings.
func texts[T ~string](d *decoder) []T {
	out := []T{}
	if !d.elements(func() { out = append(out, T(d.text())) }) {
		return nil
	}
	return out
}

// stringMap reads an object of strings. A null value is "".
func (d *decoder) stringMap() map[string]string {
	_, ok := d.object()
	if !ok {
		return nil
	}
	out := map[string]string{}
	for d.more() {
		name := d.name
		out[name] = d.text()
	}
	return out
}

// raw consumes any value and returns its text, or "" for null.
func (d *decoder) raw() string {
	d.space()
	start := d.i
	d.skip()
	if s := d.since(start); s != "null" {
		return s
	}
	return ""
}

// skip consumes any value and checks that it is valid JSON.
func (d *decoder) skip() {
	switch c := d.peek(); {
	case c == '"':
		d.quoted()
	case c == '{':
		name := d.name
		for _, ok := d.object(); ok && d.more(); {
			d.skip()
		}
		d.name = name
	case c == '[':
		d.elements(d.skip)
	case c == 't' || c == 'f':
		d.boolean()
	case c == 'n':
		if !d.null() {
			d.broken()
		}
	default:
		d.number(reflect.TypeFor[any]())
	}
}

// eachField calls f for each field of an object that was checked before.
func eachField(raw string, f func(key, value string)) {
	d := decoder{s: raw}
	if d.peek() != '{' {
		return
	}
	for _, ok := d.object(); ok && d.more(); {
		key := d.name
		d.space()
		start := d.i
		d.skip()
		f(key, d.since(start))
	}
}
