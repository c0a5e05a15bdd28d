package bapi

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestDecoderAgainstTheStandardLibrary compares the decoder with encoding/json for
// values of each kind.
func TestDecoderAgainstTheStandardLibrary(t *testing.T) {
	texts := []string{
		`"plain"`, `""`, `"\u00e9\n\"\\\/\b\f\r\t"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ud83d\u0041"`, `"\ude00"`, `"é😀"`,
		"\"\xff\"", "\"a\xc3\"", "\"\\u0041\xff\"", `"\u00zz"`, `"\x"`, `"open`, "\"tab\t\"", `"\`, `"\u12`, `null`, `nul`, `7`, `true`, `{}`, `[]`, ``, ` "x" `,
	}
	for _, in := range texts {
		var want string
		wantErr := json.Unmarshal([]byte(in), &want)
		var got string
		err := decode(in, func(d *decoder) { got = d.text() })
		if (err == nil) != (wantErr == nil) || err == nil && got != want {
			t.Errorf("text %q: %q, %v; want %q, %v", in, got, err, want, wantErr)
		}
	}
	numbers := []string{
		`0`, `-0`, `7`, `-7`, `007`, `1.5`, `1e3`, `1E+3`, `1e-3`, `7.0`, `.5`, `5.`, `1e`, `1e+`, `-`, `+1`, `0x10`, `1_000`, `NaN`, `"7"`, `null`,
		`9223372036854775807`, `9223372036854775808`, `-9223372036854775808`, `1e400`, `123456789012345678901234567890`,
	}
	for _, in := range numbers {
		var want float64
		wantErr := json.Unmarshal([]byte(in), &want)
		var got float64
		err := decode(in, func(d *decoder) { got = d.float() })
		if (err == nil) != (wantErr == nil) || err == nil && got != want {
			t.Errorf("float %q: %v, %v; want %v, %v", in, got, err, want, wantErr)
		}
		var whole int64
		if err := decode(in, func(d *decoder) { whole = d.integer() }); err == nil && float64(whole) != want {
			t.Errorf("integer %q: %d", in, whole)
		} else if err != nil && wantErr == nil && want == math.Trunc(want) && math.Abs(want) < 1<<53 {
			t.Errorf("integer %q: %v", in, err)
		}
	}
}

func TestTimes(t *testing.T) {
	type want struct {
		in string
		at time.Time
	}
	ms := func(n int64) time.Time { return time.UnixMilli(n).UTC() }
	for _, tt := range []want{{`1767323045123`, ms(1767323045123)}, {`0`, ms(0)}, {`-1000`, ms(-1000)}, {`1.767323045123e12`, ms(1767323045123)}, {`null`, time.Time{}}} {
		var got time.Time
		if err := decode(tt.in, func(d *decoder) { got = d.millis() }); err != nil || got != tt.at {
			t.Errorf("millis %s: %v, %v; want %v", tt.in, got, err, tt.at)
		}
	}
	for _, tt := range []want{{`1767323045`, ms(1767323045000)}, {`1767323045123`, ms(1767323045123)}, {`0`, ms(0)}, {`null`, time.Time{}}} {
		var got time.Time
		if err := decode(tt.in, func(d *decoder) { got = d.unix() }); err != nil || got != tt.at {
			t.Errorf("unix %s: %v, %v; want %v", tt.in, got, err, tt.at)
		}
	}
	for _, tt := range []want{{`"2026-01-02T03:04:05.123Z"`, sampleTime}, {`""`, time.Time{}}, {`null`, time.Time{}}} {
		var got time.Time
		if err := decode(tt.in, func(d *decoder) { got = d.dateTime() }); err != nil || !got.Equal(tt.at) {
			t.Errorf("dateTime %s: %v, %v; want %v", tt.in, got, err, tt.at)
		}
	}
	if err := decode(`"yesterday"`, func(d *decoder) { d.dateTime() }); err == nil {
		t.Error("an invalid date was accepted")
	}
}

func TestDeepNesting(t *testing.T) {
	for _, in := range []string{strings.Repeat("[", 1e6), strings.Repeat(`{"a":`, 1e6), `{"zz":` + strings.Repeat("[", 1e5) + strings.Repeat("]", 1e5) + "}"} {
		if err := json.Unmarshal([]byte(in), new(User)); err == nil {
			t.Errorf("%.20s… was accepted", in)
		}
		if err := decode(in, new(User).decode); err == nil {
			t.Errorf("%.20s… was accepted", in)
		}
	}
}

// TestDecodedValuesShareNothing: keeping one user of a page does not keep the others in
// memory.
func TestDecodedValuesShareNothing(t *testing.T) {
	body := `[{"id":"user_1","first_name":"Ada"},{"id":"user_2","last_name":"` + strings.Repeat("x", 1000) + `"}]`
	var p Page[User]
	if err := decode(body, func(d *decoder) { decodePage(d, &p) }); err != nil {
		t.Fatal(err)
	}
	if got := len(p.Data[0].raw); got != len(`{"id":"user_1","first_name":"Ada"}`) {
		t.Errorf("a user holds %d bytes", got)
	}
	b := []byte(`{"id":"user_1"}`)
	var u User
	if err := json.Unmarshal(b, &u); err != nil {
		t.Fatal(err)
	}
	copy(b, `{"id":"user_X"}`)
	raw := u.RawJSON()
	raw[8] = 'X'
	if u.ID != "user_1" || string(u.RawJSON()) != `{"id":"user_1"}` {
		t.Errorf("%q changed with what it was read from", u.RawJSON())
	}
}

// FuzzAnswers decodes arbitrary text into every type. It checks that nothing panics,
// invalid JSON is refused, errors contain no values, and decoded values can be encoded
// and decoded again.
func FuzzAnswers(f *testing.F) {
	for i, at := range answerTypes {
		f.Add(uint8(i), at.full)
	}
	for _, s := range []string{`{}`, `null`, `[]`, `{"id":null}`, `{"verification":{"object":7}}`, `{"created_at":1e999}`, `{"a":"\ud800"}`, `{"id":"a","id":"b"}`, "{\"id\":\"\xff\"}"} {
		f.Add(uint8(0), s)
		f.Add(uint8(100), s)
	}
	f.Fuzz(func(t *testing.T, which uint8, in string) {
		var p Page[User]
		if decode(in, func(d *decoder) { decodePage(d, &p) }) == nil && !json.Valid([]byte(in)) {
			t.Fatalf("a page accepted %q", in)
		}
		at := answerTypes[int(which)%len(answerTypes)]
		v := at.fresh()
		if err := decode(in, v.decode); err != nil {
			return
		}
		if !json.Valid([]byte(in)) {
			t.Fatalf("%s accepted %q", at.name, in)
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatalf("%s read %q and cannot write it: %v", at.name, in, err)
		}
		again := at.fresh()
		if err := json.Unmarshal(b, again); err != nil {
			t.Fatalf("%s wrote %s and cannot read it: %v", at.name, b, err)
		}
		forget(reflect.ValueOf(v).Elem())
		forget(reflect.ValueOf(again).Elem())
		if !reflect.DeepEqual(v, again) {
			t.Fatalf("%s: %q became %s\n%+v\n%+v", at.name, in, b, v, again)
		}
	})
}
