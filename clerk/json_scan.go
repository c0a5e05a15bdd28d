package clerk

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// The scanner below reads one JSON object (RFC 8259) member by member, without
// building a tree: the claims of a token are read on every cold request. It is
// stricter than encoding/json where a second reading could differ: no invalid
// UTF-8, no unpaired surrogates, bounded depth.

var (
	errJSONSyntax = errors.New("is not valid JSON")
	errJSONDepth  = errors.New("is nested too deeply")
)

// maxJSONDepth bounds recursion; no claim of Clerk's is deeper than 2.
const maxJSONDepth = 64

type jsonKind byte

const (
	jsonString jsonKind = iota
	jsonNumber
	jsonObject
	jsonArray
	jsonBool
	jsonNull
)

// A jsonValue is one value as it stands in the text.
type jsonValue struct {
	raw     string // strings with their quotes
	kind    jsonKind
	escaped bool // a string that holds a backslash
}

// text returns the string that a jsonString value stands for.
func (v jsonValue) text() string {
	s := v.raw[1 : len(v.raw)-1]
	if !v.escaped {
		return s
	}
	return unescape(v.raw)
}

// unescape is the slow path of strings with escapes; scanString has checked them.
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

// object walks the members of the object that s is, calling member for each.
// Names come decoded. It returns the first error of its own or of member.
func scanObject(s string, member func(name string, v jsonValue) error) error {
	sc := scanner{s: s}
	sc.space()
	if err := sc.members(0, member); err != nil {
		return err
	}
	sc.space()
	if sc.i != len(sc.s) {
		return errJSONSyntax
	}
	return nil
}

// scanArray walks the elements of the array that s is.
func scanArray(s string, element func(v jsonValue) error) error {
	sc := scanner{s: s}
	sc.space()
	if err := sc.elements(0, element); err != nil {
		return err
	}
	sc.space()
	if sc.i != len(sc.s) {
		return errJSONSyntax
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

func (sc *scanner) members(depth int, member func(string, jsonValue) error) error {
	if depth > maxJSONDepth {
		return errJSONDepth
	}
	if !sc.take('{') {
		return errJSONSyntax
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
			return errJSONSyntax
		}
		v, err := sc.value(depth)
		if err != nil {
			return err
		}
		if member != nil {
			if err := member(name.text(), v); err != nil {
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
		return errJSONSyntax
	}
}

func (sc *scanner) elements(depth int, element func(jsonValue) error) error {
	if depth > maxJSONDepth {
		return errJSONDepth
	}
	if !sc.take('[') {
		return errJSONSyntax
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
		return errJSONSyntax
	}
}

func (sc *scanner) value(depth int) (jsonValue, error) {
	sc.space()
	if sc.i == len(sc.s) {
		return jsonValue{}, errJSONSyntax
	}
	start := sc.i
	v := jsonValue{}
	var err error
	switch c := sc.s[sc.i]; {
	case c == '"':
		return sc.stringValue()
	case c == '{':
		v.kind, err = jsonObject, sc.members(depth+1, nil)
	case c == '[':
		v.kind, err = jsonArray, sc.elements(depth+1, nil)
	case c == 't':
		v.kind, err = jsonBool, sc.literal("true")
	case c == 'f':
		v.kind, err = jsonBool, sc.literal("false")
	case c == 'n':
		v.kind, err = jsonNull, sc.literal("null")
	default:
		v.kind, err = jsonNumber, sc.number()
	}
	v.raw = sc.s[start:sc.i]
	return v, err
}

func (sc *scanner) literal(word string) error {
	if !strings.HasPrefix(sc.s[sc.i:], word) {
		return errJSONSyntax
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
		return errJSONSyntax
	}
	if sc.take('.') && !sc.digits() {
		return errJSONSyntax
	}
	if sc.take('e') || sc.take('E') {
		if !sc.take('+') {
			sc.take('-')
		}
		if !sc.digits() {
			return errJSONSyntax
		}
	}
	return nil
}

func (sc *scanner) stringValue() (jsonValue, error) {
	start := sc.i
	if !sc.take('"') {
		return jsonValue{}, errJSONSyntax
	}
	escaped, ascii := false, true
	for sc.i < len(sc.s) {
		switch c := sc.s[sc.i]; {
		case c == '"':
			sc.i++
			raw := sc.s[start:sc.i]
			if !ascii && !utf8.ValidString(raw) {
				return jsonValue{}, errJSONSyntax
			}
			return jsonValue{raw: raw, kind: jsonString, escaped: escaped}, nil
		case c == '\\':
			escaped = true
			if err := sc.escape(); err != nil {
				return jsonValue{}, err
			}
		case c < 0x20:
			return jsonValue{}, errJSONSyntax
		default:
			ascii = ascii && c < utf8.RuneSelf
			sc.i++
		}
	}
	return jsonValue{}, errJSONSyntax
}

func (sc *scanner) escape() error {
	rest := sc.s[sc.i:]
	if len(rest) < 2 {
		return errJSONSyntax
	}
	if rest[1] != 'u' {
		if strings.IndexByte(`"\/bfnrt`, rest[1]) < 0 {
			return errJSONSyntax
		}
		sc.i += 2
		return nil
	}
	r, ok := hex4(rest)
	if !ok || 0xDC00 <= r && r <= 0xDFFF {
		return errJSONSyntax
	}
	sc.i += 6
	if 0xD800 <= r && r <= 0xDBFF { // a pair, or nothing that has a meaning
		if low, ok := hex4(sc.s[sc.i:]); !ok || low < 0xDC00 || low > 0xDFFF {
			return errJSONSyntax
		}
		sc.i += 6
	}
	return nil
}

// hex4 reads the four hexadecimal digits of the \uXXXX that s begins with.
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
