package bapi

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestOpt(t *testing.T) {
	var o Opt[int]
	if v, ok := o.Get(); v != 0 || ok || !o.IsZero() || o.IsNull() || o.Or(3) != 3 {
		t.Errorf("zero value: %+v", o)
	}
	if n := Null[int](); n.IsZero() || !n.IsNull() || n.Or(3) != 3 {
		t.Errorf("null: %+v", n)
	}
	if s := Set(0); s.IsZero() || s.IsNull() || s.Or(3) != 0 {
		t.Errorf("set: %+v", s)
	}
	type pair struct {
		A Opt[string] `json:"a,omitzero"`
		B Opt[int64]  `json:"b,omitzero"`
	}
	for _, in := range []string{`{}`, `{"a":null}`, `{"a":"","b":0}`, `{"a":"x","b":null}`} {
		var p pair
		if err := json.Unmarshal([]byte(in), &p); err != nil {
			t.Fatal(err)
		}
		if b, err := json.Marshal(p); err != nil || string(b) != in {
			t.Errorf("%s became %s (%v)", in, b, err)
		}
	}
	var p pair
	if err := json.Unmarshal([]byte(`{"b":"x"}`), &p); err == nil {
		t.Error("a string was accepted as a number")
	}
}

func TestMetadata(t *testing.T) {
	type mine struct {
		Plan  string `json:"plan"`
		Seats int    `json:"seats,omitempty"`
	}
	m, err := MetadataOf(mine{"pro", 5})
	if err != nil || m != `{"plan":"pro","seats":5}` {
		t.Fatal(m, err)
	}
	var got mine
	if err := m.Decode(&got); err != nil || got != (mine{"pro", 5}) {
		t.Errorf("%+v %v", got, err)
	}
	if err := Metadata("").Decode(&got); err != nil || got.Plan != "pro" {
		t.Errorf("no metadata: %+v %v", got, err)
	}
	for _, bad := range []any{nil, "text", []int{1}, 7, make(chan int)} {
		if m, err := MetadataOf(bad); err == nil {
			t.Errorf("%v became %s", bad, m)
		}
	}
	for _, bad := range []Metadata{`[1]`, `{`, `null`, `"x"`} {
		if b, err := json.Marshal(bad); err == nil {
			t.Errorf("%s was written as %s", bad, b)
		}
	}
}

// TestMetadataMerge uses the examples of RFC 7396, appendix A, that are about objects.
func TestMetadataMerge(t *testing.T) {
	for _, tt := range []struct{ have, patch, want Metadata }{
		{``, `{"a":1}`, `{"a":1}`},
		{`{"a":"b"}`, ``, `{"a":"b"}`},
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
		{`{"a":7}`, `{"a":{"b":1}}`, `{"a":{"b":1}}`},
	} {
		got, err := tt.have.Merge(tt.patch)
		if err != nil || !sameJSON(t, string(got), string(tt.want)) {
			t.Errorf("%s + %s = %s, %v; want %s", tt.have, tt.patch, got, err, tt.want)
		}
	}
	for _, tt := range [][2]Metadata{{`[1]`, `{}`}, {`{}`, `"x"`}, {`{`, `{}`}} {
		if got, err := tt[0].Merge(tt[1]); err == nil {
			t.Errorf("%s + %s = %s", tt[0], tt[1], got)
		}
	}
}

func TestJSON(t *testing.T) {
	j, err := JSONOf(map[string]string{"sub": "user_1"})
	if err != nil || j != `{"sub":"user_1"}` {
		t.Fatal(j, err)
	}
	if b, err := json.Marshal(struct{ A, B JSON }{j, ""}); err != nil || string(b) != `{"A":{"sub":"user_1"},"B":null}` {
		t.Errorf("%s %v", b, err)
	}
	if b, err := json.Marshal(JSON(`{"open`)); err == nil || strings.Contains(err.Error(), "open") {
		t.Errorf("%s %v", b, err)
	}
}

// TestBuiltByHand encodes a value that was built by hand, as in an application's test.
func TestBuiltByHand(t *testing.T) {
	u := User{ID: "user_1", Banned: true, CreatedAt: sampleTime, PublicMetadata: `{"plan":"pro"}`, EmailAddresses: []EmailAddress{{EmailAddress: "a@example.com"}}}
	b, err := json.Marshal(u)
	want := `{"id":"user_1","banned":true,"created_at":1767323045123,"public_metadata":{"plan":"pro"},"email_addresses":[{"email_address":"a@example.com"}]}`
	if err != nil || !sameJSON(t, string(b), want) {
		t.Errorf("%s %v", b, err)
	}
	if u.RawJSON() != nil || u.Present() {
		t.Errorf("it has JSON: %s", u.RawJSON())
	}
	if _, ok := u.RawField("id"); ok {
		t.Error("it has a field of an answer")
	}
	u.PublicMetadata = "broken"
	if _, err := json.Marshal(u); err == nil || strings.Contains(err.Error(), "broken") {
		t.Errorf("broken metadata: %v", err)
	}
	var changed User
	if err := json.Unmarshal([]byte(`{"id":"user_1","first_name":"Ada","zz":1}`), &changed); err != nil {
		t.Fatal(err)
	}
	changed.FirstName = "Grace"
	if b, err := json.Marshal(&changed); err != nil || !sameJSON(t, string(b), `{"id":"user_1","first_name":"Grace","zz":1}`) {
		t.Errorf("%s %v", b, err)
	}
}
