package bapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds the nesting of an answer, as encoding/json bounds it.
const maxDepth = 10000

// decoder reads JSON (RFC 8259) in one pass. Strings without escapes are parts of the text
// and cost nothing. The first error sticks: all reads after it return zero values and leave
// the position alone.
type decoder struct {
	s     string
	i     int
	depth int
	name  string // of the field being read
	first bool   // no field of the object at hand was read yet
	err   error
}

// decode reads the whole text with f.
func decode(s string, f func(*decoder)) error {
	d := decoder{s: s}
	f(&d)
	d.space()
	if d.err == nil && d.i < len(d.s) {
		d.broken()
	}
	return d.err
}

// unmarshal is what the UnmarshalJSON methods do. The text is copied: the value keeps it.
func unmarshal(b []byte, v answer) error { return decode(string(b), v.decode) }

func (d *decoder) broken() {
	if d.err == nil {
		d.err = fmt.Errorf("bapi: not valid JSON at byte %d", d.i)
	}
}

// mismatch is the error for a value of another type. It names field and types, no value.
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

// object enters an object. It reports false for null, which it consumes, and for an error.
// start is where the value begins.
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

// more advances to the next field of the object and reads its name; false at its end.
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

// since is the text of the value that began at start; nothing after an error.
func (d *decoder) since(start int) string {
	if d.err != nil {
		return ""
	}
	return d.s[start:d.i]
}

// elements calls f for each element of an array. It reports false for null, which it
// consumes, and for an error.
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

// list reads an array of objects. An empty array is an empty list, null is nil.
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

// stringMap reads an object of strings; null among them is "".
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

// text reads a string; null is "".
func (d *decoder) text() string {
	switch d.peek() {
	case '"':
		return d.quoted()
	case 'n':
		if d.literal("null") {
			return ""
		}
	}
	d.mismatch(reflect.TypeFor[string]())
	return ""
}

// quoted reads the string at hand.
func (d *decoder) quoted() string {
	start := d.i + 1
	plain := true
	for i := start; i < len(d.s); i++ {
		switch c := d.s[i]; {
		case c == '"':
			s := d.s[start:i]
			d.i = i + 1
			if !plain {
				s = strings.ToValidUTF8(s, "\uFFFD")
			}
			return s
		case c == '\\':
			return d.escaped(start, i)
		case c < ' ':
			d.i = i
			d.broken()
			return ""
		case c >= utf8.RuneSelf:
			plain = false
		}
	}
	d.i = len(d.s)
	d.broken()
	return ""
}

// escaped reads the rest of a string from its first escape on.
func (d *decoder) escaped(start, i int) string {
	b := append(make([]byte, 0, 64), d.s[start:i]...)
	for i < len(d.s) {
		c := d.s[i]
		switch {
		case c == '"':
			d.i = i + 1
			return strings.ToValidUTF8(string(b), "\uFFFD")
		case c < ' ':
			d.i = i
			d.broken()
			return ""
		case c != '\\':
			b = append(b, c)
			i++
			continue
		}
		if i++; i >= len(d.s) {
			break
		}
		if j := strings.IndexByte(`"\/bfnrt`, d.s[i]); j >= 0 {
			b = append(b, "\"\\/\b\f\n\r\t"[j])
			i++
			continue
		}
		r, ok := hex4(d.s, i)
		if !ok {
			break
		}
		i += 5
		if utf16.IsSurrogate(r) {
			low, ok := rune(0), false
			if i < len(d.s) && d.s[i] == '\\' {
				low, ok = hex4(d.s, i+1)
			}
			if pair := utf16.DecodeRune(r, low); ok && pair != utf8.RuneError {
				r = pair
				i += 6
			} else {
				r = utf8.RuneError
			}
		}
		b = utf8.AppendRune(b, r)
	}
	d.i = min(i, len(d.s))
	d.broken()
	return ""
}

// hex4 reads u and four hex digits at i.
func hex4(s string, i int) (rune, bool) {
	if i+5 > len(s) || s[i] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range []byte(s[i+1 : i+5]) {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// boolean reads true or false; null is false.
func (d *decoder) boolean() bool {
	switch d.peek() {
	case 't':
		if d.literal("true") {
			return true
		}
	case 'f':
		if d.literal("false") {
			return false
		}
	case 'n':
		if d.literal("null") {
			return false
		}
	}
	d.mismatch(reflect.TypeFor[bool]())
	return false
}

// number consumes a number and returns its text; "" for null and for an error.
func (d *decoder) number(want reflect.Type) string {
	c := d.peek()
	if c == 'n' && d.literal("null") {
		return ""
	}
	if c != '-' && (c < '0' || c > '9') {
		d.mismatch(want)
		return ""
	}
	start, i := d.i, d.i
	if c == '-' {
		i++
	}
	digits := func() bool {
		from := i
		for i < len(d.s) && '0' <= d.s[i] && d.s[i] <= '9' {
			i++
		}
		return i > from
	}
	ok := true
	if i < len(d.s) && d.s[i] == '0' {
		i++
	} else {
		ok = digits()
	}
	if ok && i < len(d.s) && d.s[i] == '.' {
		i++
		ok = digits()
	}
	if ok && i < len(d.s) && (d.s[i] == 'e' || d.s[i] == 'E') {
		i++
		if i < len(d.s) && (d.s[i] == '+' || d.s[i] == '-') {
			i++
		}
		ok = digits()
	}
	if !ok {
		d.broken()
		return ""
	}
	d.i = i
	return d.s[start:i]
}

// integer reads a whole number, also one written as 7.0 or 7e3; null is 0.
func (d *decoder) integer() int64 {
	want := reflect.TypeFor[int64]()
	at := d.i
	s := d.number(want)
	if s == "" {
		return 0
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && f == float64(int64(f)) && f > -1<<53 && f < 1<<53 {
		return int64(f)
	}
	if d.err == nil {
		d.err = &json.UnmarshalTypeError{Value: "number", Type: want, Offset: int64(at), Field: d.name}
	}
	return 0
}

func (d *decoder) float() float64 {
	want := reflect.TypeFor[float64]()
	at := d.i
	s := d.number(want)
	if s == "" {
		return 0
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && d.err == nil {
		d.err = &json.UnmarshalTypeError{Value: "number", Type: want, Offset: int64(at), Field: d.name}
	}
	return f
}

func (d *decoder) optBool() Opt[bool] {
	if d.null() {
		return Null[bool]()
	}
	return Set(d.boolean())
}

func (d *decoder) optInt() Opt[int64] {
	if d.null() {
		return Null[int64]()
	}
	return Set(d.integer())
}

func (d *decoder) optFloat() Opt[float64] {
	if d.null() {
		return Null[float64]()
	}
	return Set(d.float())
}

// millis reads a time in milliseconds since 1970; null is the zero time.
func (d *decoder) millis() time.Time {
	if d.null() {
		return time.Time{}
	}
	return time.UnixMilli(d.integer()).UTC()
}

// unix reads a time in seconds or milliseconds: the description of the API does not say
// which. Numbers below 1e11 are seconds (until the year 5138); as milliseconds they would
// lie before March 1973.
func (d *decoder) unix() time.Time {
	if d.null() {
		return time.Time{}
	}
	n := d.integer()
	if -1e11 < n && n < 1e11 {
		return time.Unix(n, 0).UTC()
	}
	return time.UnixMilli(n).UTC()
}

// dateTime reads a time as RFC 3339; null and "" are the zero time.
func (d *decoder) dateTime() time.Time {
	at := d.i
	s := d.text()
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil && d.err == nil {
		d.err = &json.UnmarshalTypeError{Value: "string", Type: reflect.TypeFor[time.Time](), Offset: int64(at), Field: d.name}
	}
	return t
}

// raw consumes any value and returns its text; "" for null.
func (d *decoder) raw() string {
	d.space()
	start := d.i
	d.skip()
	if s := d.since(start); s != "null" {
		return s
	}
	return ""
}

// skip consumes any value, checking that it is valid JSON.
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

// eachField calls f for each field of an object that was read before.
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
