package jsonscan

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// compare compares this package with encoding/json on s. If both accept s, the results
// must be equal. If only encoding/json accepts it, it must be a case in which this
// package is stricter. This package must not accept what encoding/json refuses.
func compare(t *testing.T, s string) {
	t.Helper()
	got := map[string]string{}
	texts := map[string]string{}
	err := Object(s, func(name string, v Value) error {
		got[name] = v.Raw
		delete(texts, name)
		if v.Kind == KindString {
			texts[name] = v.Text()
		}
		if kind := kindOf(v.Raw); kind != v.Kind {
			t.Errorf("%q: %s has kind %d, want %d", s, v.Raw, v.Kind, kind)
		}
		return nil
	})
	var want map[string]json.RawMessage
	jsonErr := json.Unmarshal([]byte(s), &want)
	if want == nil { // null is no object
		jsonErr = errors.Join(jsonErr, ErrSyntax)
	}
	if err != nil {
		if jsonErr == nil && !stricter(s) {
			t.Errorf("%q: refused (%v), and encoding/json reads it", s, err)
		}
		return
	}
	if jsonErr != nil {
		t.Errorf("%q: read, and encoding/json says %v", s, jsonErr)
		return
	}
	if len(got) != len(want) {
		t.Errorf("%q: %d names, encoding/json has %d", s, len(got), len(want))
	}
	for name, raw := range want {
		if got[name] != string(raw) {
			t.Errorf("%q: %q is %s, encoding/json has %s", s, name, got[name], raw)
		}
		if text, ok := texts[name]; ok {
			var wantText string
			if err := json.Unmarshal(raw, &wantText); err != nil || text != wantText {
				t.Errorf("%q: %q reads %q, encoding/json reads %q", s, name, text, wantText)
			}
		}
	}
}

func kindOf(raw string) Kind {
	switch raw[0] {
	case '"':
		return KindString
	case '{':
		return KindObject
	case '[':
		return KindArray
	case 't', 'f':
		return KindBool
	case 'n':
		return KindNull
	}
	return KindNumber
}

// stricter reports whether this package may refuse s although encoding/json accepts it.
func stricter(s string) bool {
	return !utf8.ValidString(s) || loneSurrogate(s) || strings.Count(s, "[")+strings.Count(s, "{") > maxDepth
}

// loneSurrogate reports an unpaired surrogate. It is independent of the code under
// test.
func loneSurrogate(s string) bool {
	high := false
	for i := 0; i < len(s); {
		unit, width := uint64(0), 1
		if s[i] == '\\' && i+1 < len(s) {
			width = 2
			if s[i+1] == 'u' && i+6 <= len(s) {
				unit, width = parseHex(s[i+2:i+6]), 6
			}
		}
		isHigh, isLow := unit>>10 == 0xD800>>10, unit>>10 == 0xDC00>>10
		if high != isLow {
			return true
		}
		high = isHigh
		i += width
	}
	return high
}

func parseHex(s string) (n uint64) {
	for _, c := range strings.ToLower(s) {
		i := strings.IndexRune("0123456789abcdef", c)
		if i < 0 {
			return 0
		}
		n = n<<4 | uint64(i)
	}
	return n
}

var seeds = []string{
	`{"azp":"https://example.com","exp":1750000060,"fva":[1,-1],"iat":1750000000,"iss":"https://clerk.example.com","nbf":1749999990,"sid":"sess_1","sub":"user_1","v":2,"o":{"id":"org_1","rol":"admin","per":"read,manage","fpm":"3,2"},"fea":"o:dash,o:teams"}`,
	`{"alg":"RS256","kid":"ins_1","typ":"JWT","cat":"cl_B7d4PD111AAA"}`,
	`{"a":1,"a":2,"\u0061":3}`,
	`{"\u0073\u0075\u0062":"\u0075ser\n\t\"\\\/"}`,
	`{"a":"\ud83d\ude00","b":"\ud83d","c":"\ude00\ud83d"}`,
	"\ufeff{\"a\":1}",
	"{\"a\":\"\xff\xc3\xa9\"}",
	`{"deep":` + strings.Repeat("[", 62) + strings.Repeat("]", 62) + `}`,
	`{"n":[0,-0,1.5,-1.5e-10,1E400,01,1.,.5,-]}`,
	`{"t":true,"f":false,"n":null,"e":{},"x":[]} `,
	`{"é":"😀","":"","` + "\u2028" + `":1}`,
}

func FuzzObject(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	for _, s := range bad {
		f.Add(s)
	}
	f.Fuzz(compare)
}

// TestDifferential runs compare on a fixed number of deterministic mutations.
func TestDifferential(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pieces := []string{
		`"`, `\`, `\u`, `\ud800`, `\udc00`, `\u0061`, `\"`, `{`, `}`, `[`, `]`, `:`, `,`, ` `, "\n", "\x00", "\x1f", "\x7f", "\xff", "é", "\u2028", "\ufeff", "0", "1", "-", "+",
		".", "e", "E", "9", "null", "true", "false", "nul", "NaN", `"a":1,`, `"a":{},`, `,"a":[]`, `{"a":`, `"sub"`, `\n`, `\x`, "/**/", "'", "\t", "\r",
	}
	read := 0
	for range 20_000 {
		s := seeds[r.IntN(len(seeds))]
		for range 1 + r.IntN(3) {
			i := r.IntN(len(s) + 1)
			j := min(len(s), i+r.IntN(4))
			switch r.IntN(5) {
			case 0:
				s = s[:i] + s[j:]
			case 1:
				s = s[:i] + string(rune(r.IntN(256))) + s[j:]
			case 2:
				s = s[:i] + string([]byte{byte(r.IntN(256))}) + s[i:]
			default:
				s = s[:i] + pieces[r.IntN(len(pieces))] + s[j:]
			}
		}
		compare(t, s)
		if Object(s, nil) == nil {
			read++
		}
		if t.Failed() {
			return
		}
	}
	if read < 1000 || read > 19_000 {
		t.Errorf("%d of 20000 were read: the mutations say little", read)
	}
}
