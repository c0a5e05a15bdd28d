// Package jsonscan reads a JSON object or array (RFC 8259) member by member without
// building a tree, because every request with a new token reads its header and claims.
// It is stricter than encoding/json where parsers could disagree: it refuses invalid
// UTF-8, unpaired surrogates and deep nesting.
package jsonscan

import (
	"encoding/json"
	"errors"
	"math/bits"
	"strings"
	"unicode/utf8"
)

var (
	// ErrSyntax is the error for text that is not a JSON object or array.
	ErrSyntax = errors.New("is not valid JSON")
	// ErrDepth is the error for more than 64 levels of nesting.
	ErrDepth = errors.New("is nested too deeply")
)

// maxDepth bounds recursion. Clerk's claims have at most 2 levels.
const maxDepth = 64

// Kind is the type of a JSON value.
type Kind byte

// The kinds of values.
const (
	KindString Kind = iota
	KindNumber
	KindObject
	KindArray
	KindBool
	KindNull
)

// Value is one value of the text.
type Value struct {
	Raw     string // the text; strings include the quotes
	Kind    Kind   // type of the value
	escaped bool   // a string with a backslash
}

// Text returns the decoded string of a value of KindString. Callers must not call it
// for other kinds.
func (v Value) Text() string {
	s := v.Raw[1 : len(v.Raw)-1]
	if !v.escaped {
		return s
	}
	return unescape(v.Raw)
}

// unescape decodes strings with escapes, which scanString has checked.
func unescape(quoted string) string {
	var s string
	if json.Unmarshal([]byte(quoted), &s) != nil {
		return ""
	}
	return s
}

type scanner struct {
	s string
	i int
}

// Object parses s as an object and calls member for each member, with the decoded name.
// It returns the first error of parsing or of member.
func Object(s string, member func(name string, v Value) error) error {
	sc := scanner{s: s}
	sc.space()
	if err := sc.members(0, member); err != nil {
		return err
	}
	sc.space()
	if sc.i != len(sc.s) {
		return ErrSyntax
	}
	return nil
}

// Array parses s as an array and calls element for each element.
func Array(s string, element func(v Value) error) error {
	sc := scanner{s: s}
	sc.space()
	if err := sc.elements(0, element); err != nil {
		return err
	}
	sc.space()
	if sc.i != len(sc.s) {
		return ErrSyntax
	}
	return nil
}

func (sc *scanner) space() {
	for sc.i < len(sc.s) {
		switch sc.s[sc.i] {
		case ' ', '\t', '\n', '\r':
			sc.i++
		default:
			return
		}
	}
}

func (sc *scanner) take(c byte) bool {
	if sc.i < len(sc.s) && sc.s[sc.i] == c {
		sc.i++
		return true
	}
	return false
}

func (sc *scanner) members(depth int, member func(string, Value) error) error {
	if depth > maxDepth {
		return ErrDepth
	}
	if !sc.take('{') {
		return ErrSyntax
	}
	sc.space()
	if sc.take('}') {
		return nil
	}
	for {
		sc.space()
		name, err := sc.stringValue()
		if err != nil {
			return err
		}
		sc.space()
		if !sc.take(':') {
			return ErrSyntax
		}
		v, err := sc.value(depth)
		if err != nil {
			return err
		}
		if member != nil {
			if err := member(name.Text(), v); err != nil {
				return err
			}
		}
		sc.space()
		if sc.take(',') {
			continue
		}
		if sc.take('}') {
			return nil
		}
		return ErrSyntax
	}
}

func (sc *scanner) elements(depth int, element func(Value) error) error {
	if depth > maxDepth {
		return ErrDepth
	}
	if !sc.take('[') {
		return ErrSyntax
	}
	sc.space()
	if sc.take(']') {
		return nil
	}
	for {
		v, err := sc.value(depth)
		if err != nil {
			return err
		}
		if element != nil {
			if err := element(v); err != nil {
				return err
			}
		}
		sc.space()
		if sc.take(',') {
			continue
		}
		if sc.take(']') {
			return nil
		}
		return ErrSyntax
	}
}

func (sc *scanner) value(depth int) (Value, error) {
	sc.space()
	if sc.i == len(sc.s) {
		return Value{}, ErrSyntax
	}
	start := sc.i
	v := Value{}
	var err error
	switch c := sc.s[sc.i]; {
	case c == '"':
		return sc.stringValue()
	case c == '{':
		v.Kind, err = KindObject, sc.members(depth+1, nil)
	case c == '[':
		v.Kind, err = KindArray, sc.elements(depth+1, nil)
	case c == 't':
		v.Kind, err = KindBool, sc.literal("true")
	case c == 'f':
		v.Kind, err = KindBool, sc.literal("false")
	case c == 'n':
		v.Kind, err = KindNull, sc.literal("null")
	default:
		v.Kind, err = KindNumber, sc.number()
	}
	v.Raw = sc.s[start:sc.i]
	return v, err
}

func (sc *scanner) literal(word string) error {
	if !strings.HasPrefix(sc.s[sc.i:], word) {
		return ErrSyntax
	}
	sc.i += len(word)
	return nil
}

func (sc *scanner) digits() bool {
	start := sc.i
	for sc.i < len(sc.s) && '0' <= sc.s[sc.i] && sc.s[sc.i] <= '9' {
		sc.i++
	}
	return sc.i > start
}

func (sc *scanner) number() error {
	sc.take('-')
	if !sc.take('0') && !sc.digits() {
		return ErrSyntax
	}
	if sc.take('.') && !sc.digits() {
		return ErrSyntax
	}
	if sc.take('e') || sc.take('E') {
		if !sc.take('+') {
			sc.take('-')
		}
		if !sc.digits() {
			return ErrSyntax
		}
	}
	return nil
}

func (sc *scanner) stringValue() (Value, error) {
	start := sc.i
	if !sc.take('"') {
		return Value{}, ErrSyntax
	}
	escaped, ascii := false, true
	for {
		sc.plain()
		if sc.i == len(sc.s) {
			return Value{}, ErrSyntax
		}
		switch c := sc.s[sc.i]; {
		case c == '"':
			sc.i++
			raw := sc.s[start:sc.i]
			if !ascii && !utf8.ValidString(raw) {
				return Value{}, ErrSyntax
			}
			return Value{Raw: raw, Kind: KindString, escaped: escaped}, nil
		case c == '\\':
			escaped = true
			if err := sc.escape(); err != nil {
				return Value{}, err
			}
		case c < 0x20:
			return Value{}, ErrSyntax
		default:
			ascii = ascii && c < utf8.RuneSelf
			sc.i++
		}
	}
}

// plain skips ordinary characters of a string, eight at a time. It can stop before an
// ordinary character.
func (sc *scanner) plain() {
	const (
		ones = 0x0101010101010101
		high = 0x80 * ones
	)
	for s := sc.s[sc.i:]; len(s) >= 8; s = s[8:] {
		w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		quote, backslash := w^'"'*ones, w^'\\'*ones
		// The lowest byte whose top bit is set is a quote, a backslash, a control character
		// or not ASCII. Borrows can only affect the bytes above it.
		special := ((quote-ones)&^quote | (backslash-ones)&^backslash | (w-0x20*ones)&^w | w) & high
		if special != 0 {
			sc.i += bits.TrailingZeros64(special) / 8
			return
		}
		sc.i += 8
	}
}

func (sc *scanner) escape() error {
	rest := sc.s[sc.i:]
	if len(rest) < 2 {
		return ErrSyntax
	}
	if rest[1] != 'u' {
		if strings.IndexByte(`"\/bfnrt`, rest[1]) < 0 {
			return ErrSyntax
		}
		sc.i += 2
		return nil
	}
	r, ok := hex4(rest)
	if !ok || 0xDC00 <= r && r <= 0xDFFF {
		return ErrSyntax
	}
	sc.i += 6
	if 0xD800 <= r && r <= 0xDBFF { // must be followed by a low surrogate
		if low, ok := hex4(sc.s[sc.i:]); !ok || low < 0xDC00 || low > 0xDFFF {
			return ErrSyntax
		}
		sc.i += 6
	}
	return nil
}

// hex4 parses the \uXXXX escape at the start of s.
func hex4(s string) (r rune, ok bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	for _, c := range []byte(s[2:6]) {
		r <<= 4
		switch {
		case '0' <= c && c <= '9':
			r |= rune(c - '0')
		case 'a' <= c && c <= 'f':
			r |= rune(c-'a') + 10
		case 'A' <= c && c <= 'F':
			r |= rune(c-'A') + 10
		default:
			return 0, false
		}
	}
	return r, true
}
