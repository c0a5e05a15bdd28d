package jwks

import (
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

func TestParseSetEntries(t *testing.T) {
	n := func(seed string, bits int) string { return b64(modulus(seed, bits).Bytes()) }
	e := func(v string) string {
		i, ok := new(big.Int).SetString(v, 10)
		if !ok {
			t.Fatal(v)
		}
		return b64(i.Bytes())
	}
	even := modulus("even", 2048)
	even.SetBit(even, 0, 0)
	for name, tc := range map[string]struct {
		change map[string]any
		usable bool
	}{
		"as Clerk has it": {nil, true},
		"no use":          {map[string]any{"use": nil}, true},
		"no alg":          {map[string]any{"alg": nil}, true},
		"verify":          {map[string]any{"key_ops": []string{"verify"}}, true},
		"extra members":   {map[string]any{"x5t": "AA", "x5c": []string{"not a certificate"}, "x5u": "https://evil.example.com", "exp": 1}, true},
		"bad padding":     {map[string]any{"e": "AQAB===="}, false},
		"3072 bits":       {map[string]any{"n": n("x", 3072)}, true},
		"8192 bits":       {map[string]any{"n": n("x", 8192)}, true},
		"leading zero":    {map[string]any{"n": b64(append([]byte{0}, modulus("k", 2048).Bytes()...))}, true},
		"large e":         {map[string]any{"e": e("2147483647")}, true},

		"no kid":           {map[string]any{"kid": nil}, false},
		"empty kid":        {map[string]any{"kid": ""}, false},
		"null kid":         {map[string]any{"kid": json.RawMessage("null")}, false},
		"kid a number":     {map[string]any{"kid": 7}, false},
		"kid a list":       {map[string]any{"kid": []string{"k"}}, false},
		"kid too long":     {map[string]any{"kid": strings.Repeat("k", maxKid+1)}, false},
		"no kty":           {map[string]any{"kty": nil}, false},
		"kty lower case":   {map[string]any{"kty": "rsa"}, false},
		"EC":               {map[string]any{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, false},
		"OKP":              {map[string]any{"kty": "OKP", "crv": "Ed25519", "x": "AA"}, false},
		"symmetric":        {map[string]any{"kty": "oct", "k": "AAAA"}, false},
		"for encryption":   {map[string]any{"use": "enc"}, false},
		"use empty":        {map[string]any{"use": ""}, false},
		"use a list":       {map[string]any{"use": []string{"sig"}}, false},
		"RS384":            {map[string]any{"alg": "RS384"}, false},
		"PS256":            {map[string]any{"alg": "PS256"}, false},
		"HS256":            {map[string]any{"alg": "HS256"}, false},
		"alg none":         {map[string]any{"alg": "none"}, false},
		"alg null":         {map[string]any{"alg": json.RawMessage("null")}, false},
		"ops sign":         {map[string]any{"key_ops": []string{"sign"}}, false},
		"ops empty":        {map[string]any{"key_ops": []string{}}, false},
		"ops null":         {map[string]any{"key_ops": json.RawMessage("null")}, false},
		"ops a string":     {map[string]any{"key_ops": "verify"}, false},
		"1024 bits":        {map[string]any{"n": n("x", 1024)}, false},
		"2047 bits":        {map[string]any{"n": n("x", 2047)}, false},
		"8193 bits":        {map[string]any{"n": n("x", 8193)}, false},
		"64 Kibit":         {map[string]any{"n": n("x", 65536)}, false},
		"even modulus":     {map[string]any{"n": b64(even.Bytes())}, false},
		"no n":             {map[string]any{"n": nil}, false},
		"empty n":          {map[string]any{"n": ""}, false},
		"null n":           {map[string]any{"n": json.RawMessage("null")}, false},
		"n a number":       {map[string]any{"n": 65537}, false},
		"n not base64":     {map[string]any{"n": "!!" + n("x", 2048)}, false},
		"no e":             {map[string]any{"e": nil}, false},
		"empty e":          {map[string]any{"e": ""}, false},
		"e = 1":            {map[string]any{"e": "AQ"}, false},
		"e = 3":            {map[string]any{"e": "Aw"}, false},
		"e even":           {map[string]any{"e": e("65538")}, false},
		"e over 31 bits":   {map[string]any{"e": e("2147483649")}, false},
		"e = 2^64 + 65537": {map[string]any{"e": e("18446744073709617153")}, false},
		"e huge":           {map[string]any{"e": n("x", 2048)}, false},
		"private d":        {map[string]any{"d": n("d", 2048)}, false},
		"private p":        {map[string]any{"p": "AA"}, false},
		"private oth":      {map[string]any{"oth": []string{}}, false},
		"RSA with k":       {map[string]any{"k": json.RawMessage("null")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			jwk := entry("k", tc.change)
			doc, err := parseSet([]byte(keySetJSON(jwk, entry("other", nil))))
			if err != nil {
				t.Fatal(err) // a bad entry does not affect the others
			}
			if doc.keys["other"] == nil {
				t.Error("the other key is missing")
			}
			key := doc.keys["k"]
			if (key != nil) != tc.usable || len(doc.keys) > 2 {
				t.Fatalf("usable: %t", key != nil)
			}
			if !tc.usable && doc.ignored+doc.suspect != 1 {
				t.Errorf("%d ignored, %d suspect", doc.ignored, doc.suspect)
			}
			if _, err := parseSet([]byte(keySetJSON(jwk))); !tc.usable {
				isUnavailable(t, err, ReasonNoKeys)
			}
		})
	}
}

func TestParseSetSuspects(t *testing.T) {
	same, other := entry("k", nil), entry("k", map[string]any{"n": b64(modulus("other", 2048).Bytes())})
	ec := entry("k", map[string]any{"kty": "EC"})
	private := entry("k", map[string]any{"d": "AQ"})
	for name, entries := range map[string][]map[string]any{
		"two keys":                 {same, other},
		"the same twice":           {same, same},
		"three times":              {same, other, same},
		"an EC key before":         {ec, same},
		"an EC key after":          {same, ec},
		"its private key before":   {private, same},
		"its private key after":    {same, private},
		"private parts of its own": {private},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := parseSet([]byte(keySetJSON(append(entries, entry("other", nil))...)))
			if err != nil {
				t.Fatal(err)
			}
			if got := slices.Collect(maps.Keys(doc.keys)); len(got) != 1 || got[0] != "other" {
				t.Errorf("keys %v", got)
			}
			if doc.suspect == 0 {
				t.Error("nothing suspect")
			}
		})
	}
}

func TestSuspectsAreLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := &logBuffer{}
		srv := &server{handler: answer(200, keySetJSON(entry("a", nil), entry("b", nil), entry("b", nil)))}
		s := newTestSource(t, srv, func(c *Config) { c.Logger = logs.logger() })
		mustKey(t, s, "a")
		time.Sleep(time.Hour)
		wantUnknown(t, s, "b")
		synctest.Wait()
		if n := strings.Count(logs.String(), "refused=1"); n != 1 {
			t.Errorf("logged %d times:\n%s", n, logs)
		}
		if strings.Contains(logs.String(), "signing keys changed") {
			t.Errorf("a change logged:\n%s", logs)
		}
		srv.set(serving("c"))
		time.Sleep(DefaultRefreshInterval)
		if !strings.Contains(logs.String(), "signing keys changed") || !strings.Contains(logs.String(), "added=1 removed=1") {
			t.Errorf("no change logged:\n%s", logs)
		}
	})
}

func TestParseSetDocuments(t *testing.T) {
	good, err := json.Marshal(entry("k", nil))
	if err != nil {
		t.Fatal(err)
	}
	many := func(n int) string {
		kids := make([]string, n)
		for i := range kids {
			kids[i] = fmt.Sprint("kid", i)
		}
		return keysJSON(kids...)
	}
	for name, tc := range map[string]struct {
		body   string
		reason Reason // "" for a good one
	}{
		"good":             {`{"keys":[` + string(good) + `]}`, ""},
		"more members":     {`{"note":{},"keys":[` + string(good) + `]} ` + "\n", ""},
		"64 keys":          {many(64), ""},
		"65 keys":          {many(65), ReasonTooLarge},
		"too long":         {`{"keys":[` + string(good) + `]}` + strings.Repeat(" ", maxBody), ReasonTooLarge},
		"nothing":          {"", ReasonMalformed},
		"null":             {"null", ReasonMalformed},
		"a list":           {`[` + string(good) + `]`, ReasonMalformed},
		"a string":         {`"keys"`, ReasonMalformed},
		"a single JWK":     {string(good), ReasonMalformed},
		"no keys member":   {`{}`, ReasonMalformed},
		"wrong case":       {`{"Keys":[` + string(good) + `]}`, ReasonMalformed},
		"keys null":        {`{"keys":null}`, ReasonMalformed},
		"keys an object":   {`{"keys":` + string(good) + `}`, ReasonMalformed},
		"keys twice":       {`{"keys":[],"keys":[` + string(good) + `]}`, ReasonMalformed},
		"no entry":         {`{"keys":[]}`, ReasonNoKeys},
		"entry null":       {`{"keys":[null]}`, ReasonMalformed},
		"entry a number":   {`{"keys":[1,` + string(good) + `]}`, ReasonMalformed},
		"entry a list":     {`{"keys":[[` + string(good) + `]]}`, ReasonMalformed},
		"kid twice inside": {`{"keys":[{"kid":"x",` + string(good[1:]) + `]}`, ReasonMalformed},
		"entry empty":      {`{"keys":[{}]}`, ReasonNoKeys},
		"cut off":          {`{"keys":[` + string(good), ReasonMalformed},
		"cut off early":    {`{"keys"`, ReasonMalformed},
		"two documents":    {`{"keys":[` + string(good) + `]}{"keys":[]}`, ReasonMalformed},
		"garbage after":    {`{"keys":[` + string(good) + `]}]`, ReasonMalformed},
		"comma at the end": {`{"keys":[` + string(good) + `],}`, ReasonMalformed},
		"deep":             {`{"keys":` + strings.Repeat("[", 100_000), ReasonMalformed},
		"HTML":             {"<!doctype html><html>", ReasonMalformed},
		"UTF-16":           {"\xff\xfe{\x00}\x00", ReasonMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := parseSet([]byte(tc.body))
			if tc.reason == "" {
				if err != nil || len(doc.keys) == 0 {
					t.Fatalf("%v", err)
				}
				return
			}
			if doc != nil {
				t.Errorf("a document with %d keys", len(doc.keys))
			}
			isUnavailable(t, err, tc.reason)
		})
	}
}

func TestNewKeySet(t *testing.T) {
	key := func(seed string) *rsa.PublicKey { return &rsa.PublicKey{N: modulus(seed, 2048), E: 65537} }
	a, b := key("a"), key("b")
	prev := &keySet{keys: map[string]*rsa.PublicKey{"a": a, "b": b}}
	set, added, removed := newKeySet(&document{keys: map[string]*rsa.PublicKey{"a": key("a"), "b": key("b2"), "c": key("b")}}, moment{}, prev)
	if set.keys["a"] != a || set.keys["b"] == b || set.keys["c"] == b || added != 2 || removed != 1 {
		t.Errorf("added %d, removed %d", added, removed)
	}
	if len(prev.keys) != 2 {
		t.Error("the old set was changed")
	}
}

func FuzzParseSet(f *testing.F) {
	f.Add([]byte(keysJSON("a", "b")))
	f.Add([]byte(keySetJSON(entry("a", map[string]any{"d": "AQ", "e": "Aw"}), entry("a", map[string]any{"kty": "EC"}))))
	f.Add([]byte(keySetJSON(entry("a", map[string]any{"use": "enc", "key_ops": []string{"verify"}, "alg": nil}))))
	f.Add([]byte(`{"keys":[{"kty":"RSA","kid":"\u0000","n":"AA==","e":"AQAB"}]}`))
	f.Add([]byte(`{"keys":[],"keys":null}`))
	f.Add([]byte(`{"keys":[{}]}x`))
	f.Fuzz(func(t *testing.T, body []byte) {
		doc, err := parseSet(body)
		if err != nil {
			var e *Error
			if doc != nil || !errors.As(err, &e) || !errors.Is(err, clerk.ErrUnavailable) {
				t.Fatalf("document %v, error %v", doc, err)
			}
			return
		}
		if len(doc.keys) == 0 || len(doc.keys) > maxKeys {
			t.Fatalf("%d keys", len(doc.keys))
		}
		for kid, key := range doc.keys {
			if kid == "" || len(kid) > maxKid || key.E < minE || key.E > maxE || key.E%2 == 0 ||
				key.N.BitLen() < minBits || key.N.BitLen() > maxBits || key.N.Bit(0) == 0 {
				t.Fatalf("key out of range: kid %q, e %d, %d bits", kid, key.E, key.N.BitLen())
			}
		}
	})
}
