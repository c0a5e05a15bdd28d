package bapi

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// text reads a string. null is "".
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

// quoted reads the string at the position.
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

// escaped reads a string from its first escape on.
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

// boolean reads true or false. null is false.
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

// number consumes a number and returns its text, or "" for null and after an error.
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

// integer reads a whole number, also if it is written as 7.0 or 7e3. null is 0.
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

// millis reads a time in milliseconds since 1970. null is the zero time.
func (d *decoder) millis() time.Time {
	if d.null() {
		return time.Time{}
	}
	return time.UnixMilli(d.integer()).UTC()
}

// unix reads a time in seconds or milliseconds, because the API description does not
// say which. Numbers below 1e11 are seconds (until the year 5138). As milliseconds they
// would be before March 1973.
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

// dateTime reads a time in RFC 3339 format. null and "" are the zero time.
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
