package jsonscan

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

type pair struct {
	name, raw string
	kind      Kind
}

func members(s string) (got []pair, err error) {
	err = Object(s, func(name string, v Value) error {
		got = append(got, pair{name, v.Raw, v.Kind})
		return nil
	})
	return got, err
}

func TestObject(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want []pair
	}{
		{`{}`, nil},
		{" \t\r\n{ \t\r\n} \t\r\n", nil},
		{`{"a":1}`, []pair{{"a", "1", KindNumber}}},
		{`{ "a" : 1 , "b" : "x" }`, []pair{{"a", "1", KindNumber}, {"b", `"x"`, KindString}}},
		{`{"a":{"b":[1,{}]},"c":[ ]}`, []pair{{"a", `{"b":[1,{}]}`, KindObject}, {"c", `[ ]`, KindArray}}},
		{`{"t":true,"f":false,"n":null}`, []pair{{"t", "true", KindBool}, {"f", "false", KindBool}, {"n", "null", KindNull}}},
		{`{"":""}`, []pair{{"", `""`, KindString}}},
		{`{"a":1,"a":2}`, []pair{{"a", "1", KindNumber}, {"a", "2", KindNumber}}}, // the caller handles duplicates
		{`{"\u0061\n":"\u00e9"}`, []pair{{"a\n", `"\u00e9"`, KindString}}},
		{`{"é":"😀"}`, []pair{{"é", `"😀"`, KindString}}},
		{"{\"a\":\"\u007f\u2028\"}", []pair{{"a", "\"\u007f\u2028\"", KindString}}},
		{`{"a":"` + strings.Repeat("x", 1<<16) + `"}`, []pair{{"a", `"` + strings.Repeat("x", 1<<16) + `"`, KindString}}},
	} {
		got, err := members(tt.in)
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%.60s: %v, %v", tt.in, got, err)
		}
	}
	for _, number := range []string{"0", "-0", "1", "-1", "10", "0.5", "-0.0", "1e5", "1E+5", "1.25e-7", "1e400", strings.Repeat("9", 400)} {
		if got, err := members(`{"n":` + number + `}`); err != nil || got[0] != (pair{"n", number, KindNumber}) {
			t.Errorf("%.40s: %v, %v", number, got, err)
		}
	}
}

// bad holds texts that are not JSON objects.
var bad = []string{
	"", " ", "{", "}", "{}}", "{}{}", "{} x", "[]", "[{}]", "null", "5", `"x"`, "true",
	`{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{,"a":1}`, `{"a":1 "b":2}`, `{"a":1,,"b":2}`, `{"a":1`, `{"a":`, `{"a"`, `{"a`, `{"`,
	`{a:1}`, `{'a':1}`, `{1:1}`, `{null:1}`, `{"a":1}/**/`, `{"a":/**/1}`, `{"a"::1}`, `{"a":1;"b":2}`,
	`{"a":01}`, `{"a":00}`, `{"a":-}`, `{"a":-01}`, `{"a":+1}`, `{"a":.5}`, `{"a":1.}`, `{"a":1.e1}`, `{"a":1e}`, `{"a":1e+}`, `{"a":1e+-1}`,
	`{"a":0x1}`, `{"a":1_0}`, `{"a":NaN}`, `{"a":Infinity}`, `{"a":-Infinity}`, `{"a":--1}`, `{"a":1 2}`, `{"a":１}`,
	`{"a":tru}`, `{"a":True}`, `{"a":truE}`, `{"a":truex}`, `{"a":nul}`, `{"a":nulll}`, `{"a":fals`, `{"a":undefined}`,
	`{"a":[1,]}`, `{"a":[,1]}`, `{"a":[1 2]}`, `{"a":[}`, `{"a":[1}`, `{"a":{]}`, `{"a":[1`, `{"a":[`,
	"{\"a\":\"\n\"}", "{\"a\":\"\t\"}", "{\"a\":\"\x00\"}", "{\"a\x1f\":1}", "{\x00}", "{\"a\":1}\x00", "{\v}", "{\f}", "{\u00a0}", "\ufeff{}", "{}\ufeff", "{\u2028}",
	`{"a":"\x"}`, `{"a":"\'"}`, `{"a":"\U0041"}`, `{"a":"\u"}`, `{"a":"\u1"}`, `{"a":"\u12"}`, `{"a":"\u123"}`, `{"a":"\u12g4"}`, `{"a":"\u+123"}`, `{"a":"\`, `{"a":"\"`, `{"a":"\\`,
	`{"a":"\u004`, `{"\u00":1}`,
	`{"a":"\ud800"}`, `{"a":"\ud800x"}`, `{"a":"\ud800\n"}`, `{"a":"\ud800\u0041"}`, `{"a":"\ud800\ud800"}`, `{"a":"\udc00"}`, `{"a":"\udc00\ud800"}`, `{"a":"\uDFFF"}`, `{"\ud800":1}`,
	"{\"a\":\"\xff\"}", "{\"a\":\"\xc3\"}", "{\"a\":\"\xc0\xaf\"}", "{\"a\":\"\xed\xa0\x80\"}", "{\"a\":\"\xf4\x90\x80\x80\"}", "{\"\xff\":1}", "{\"a\":[\"\xff\"]}", "{\xff}",
	"\xff\xfe{\x00}\x00",
}

func TestObjectRefuses(t *testing.T) {
	for _, s := range bad {
		if got, err := members(s); !errors.Is(err, ErrSyntax) {
			t.Errorf("%q: %v, %v", s, got, err)
		}
		if err := Array("["+s+"]", nil); err == nil && s != "" && s != " " && !isArrayOf(s) {
			t.Errorf("[%q] is read as an array", s)
		}
	}
}

// isArrayOf reports whether s is a valid array element although it is not an object.
func isArrayOf(s string) bool {
	return slices.Contains([]string{"[]", "[{}]", "null", "5", `"x"`, "true"}, s)
}

func TestText(t *testing.T) {
	for raw, want := range map[string]string{
		`"abc"`:                      "abc",
		`""`:                         "",
		`"\"\\\/\b\f\n\r\t"`:         "\"\\/\b\f\n\r\t",
		`"\u0041\u00e9\u20AC"`:       "Aé€",
		`"\ud83d\ude00"`:             "😀",
		`"\uD83D\uDE00x"`:            "😀x",
		`"\u0000"`:                   "\x00",
		`"\uFFFD\ufeff"`:             "\ufffd\ufeff",
		`"é\n😀"`:                     "é\n😀",
		`"\\u0041"`:                  `\u0041`,
		`"\\"`:                       `\`,
		"\"\ufffd\"":                 "\ufffd",
		`"\u2028` + "\u2028" + `\""`: "\u2028\u2028\"",
	} {
		var got string
		err := Array("["+raw+"]", func(v Value) error { got = v.Text(); return nil })
		if err != nil || got != want {
			t.Errorf("%s: %q, %v", raw, got, err)
		}
	}
}

func TestArray(t *testing.T) {
	var got []string
	err := Array(` [ 1 , "a" , [2,[3]] , {"b":4} , null ] `, func(v Value) error { got = append(got, v.Raw); return nil })
	if want := []string{"1", `"a"`, "[2,[3]]", `{"b":4}`, "null"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	for _, s := range []string{"", "[", "]", "[1", "[1,", "[1,]", "[,]", "[1]]", "[1] x", "{}", "null", "[1 2]", "[01]"} {
		if err := Array(s, nil); !errors.Is(err, ErrSyntax) {
			t.Errorf("%q: %v", s, err)
		}
	}
	if err := Array(" [ ] ", nil); err != nil {
		t.Error(err)
	}
}

// TestErrorsOfTheCaller: an error of the callback stops parsing at once.
func TestErrorsOfTheCaller(t *testing.T) {
	stop := errors.New("stop")
	for name, walk := range map[string]func(func() error) error{
		"object": func(f func() error) error { return Object(`{"a":1,"b":2}`, func(string, Value) error { return f() }) },
		"array":  func(f func() error) error { return Array(`[1,2]`, func(Value) error { return f() }) },
	} {
		calls := 0
		if err := walk(func() error { calls++; return stop }); !errors.Is(err, stop) || calls != 1 {
			t.Errorf("%s: %v after %d calls", name, err, calls)
		}
	}
}

func TestDepth(t *testing.T) {
	nest := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	objects := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	for _, tt := range []struct {
		in   string
		want error
	}{
		{`{"a":` + nest(64) + `}`, nil},
		{`{"a":` + nest(65) + `}`, ErrDepth},
		{`{"a":` + objects(64) + `}`, nil},
		{`{"a":` + objects(65) + `}`, ErrDepth},
		{`{"a":` + strings.Repeat("[", 1<<20), ErrDepth},
		{strings.Repeat(`{"a":`, 1<<20), ErrDepth},
	} {
		if _, err := members(tt.in); !errors.Is(err, tt.want) {
			t.Errorf("%.20s (%d bytes): %v, want %v", tt.in, len(tt.in), err, tt.want)
		}
	}
	if err := Array(nest(65), nil); err != nil {
		t.Errorf("64 levels inside an array: %v", err)
	}
	if err := Array(nest(66), nil); !errors.Is(err, ErrDepth) {
		t.Errorf("65 levels inside an array: %v", err)
	}
}

func TestAllocations(t *testing.T) {
	const payload = `{"sub":"user_1","exp":1750000060,"o":{"id":"org_1","per":"a,b"},"fva":[1,-1],"x":null}`
	var names int
	if n := testing.AllocsPerRun(100, func() {
		_ = Object(payload, func(name string, v Value) error {
			if v.Kind == KindString {
				names += len(v.Text())
			}
			names += len(name)
			return nil
		})
	}); n > 0 {
		t.Errorf("%v allocations for a payload without escapes", n)
	}
}

// TestStringsAtEachOffset puts every kind of character at each offset of a string,
// because strings are read eight bytes at a time.
func TestStringsAtEachOffset(t *testing.T) {
	for c := range 256 {
		for at := range 20 {
			filler := strings.Repeat("~", at) // 0x7e: a carry would show
			text := `{"` + filler + string([]byte{byte(c)}) + strings.Repeat("a", 20-at) + `":1}`
			compare(t, text)
		}
	}
	for _, c := range []string{"é", "\u2028", "😀", `\"`, `\u00e9`, "\x7f", "\x80"} {
		for at := range 20 {
			compare(t, `{"`+strings.Repeat("a", at)+c+strings.Repeat("~", 20-at)+`":"`+strings.Repeat(c, at)+`"}`)
		}
	}
}
