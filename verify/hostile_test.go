package verify_test

import (
	"bytes"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

type hostile struct {
	name, token string
	want        clerk.Reason
}

// good is a valid token. PKCS #1 v1.5 signatures are deterministic.
var good = sync.OnceValue(func() string { return token(header(nil), session(nil)) })

func parts(token string) (head, payload, sig string) {
	p := strings.SplitN(token, ".", 3)
	return p[0], p[1], p[2]
}

// malformed are texts that are not tokens.
var malformed = sync.OnceValue(func() []hostile {
	h, p, s := parts(good())
	const form = clerk.ReasonTokenInvalid
	list := []hostile{
		{"1 MB of dots", strings.Repeat(".", 1<<20), clerk.ReasonTokenTooLarge},
		{"1 MB of letters", strings.Repeat("A", 1<<20), clerk.ReasonTokenTooLarge},
		{"one byte too long", strings.Repeat("A", 16<<10+1), clerk.ReasonTokenTooLarge},
		{"as long as it may be", strings.Repeat("A", 16<<10), form},
	}
	for name, token := range map[string]string{
		"no token": "", "garbage": "garbage", "space": " ", "dot": ".", "two dots": "..", "three dots": "...", "dots up to the cap": strings.Repeat(".", 16<<10),
		"two parts": h + "." + p, "four parts": h + "." + p + "." + s + ".", "five parts": h + "." + p + ".." + s + ".x",
		"no header": "." + p + "." + s, "no payload": h + ".." + s, "only a signature": ".." + s,
		"Bearer before": "Bearer " + good(), "space before": " " + good(), "space after": good() + " ", "tab after": good() + "\t",
		"newline after": good() + "\n", "CRLF after": good() + "\r\n", "newline in the header": h[:4] + "\n" + h[4:] + "." + p + "." + s,
		"newline in the payload": h + "." + p[:4] + "\n" + p[4:] + "." + s, "newline in the signature": h + "." + p + "." + s[:4] + "\n" + s[4:],
		"CR in the signature": h + "." + p + "." + s[:8] + "\r" + s[8:], "NUL after": good() + "\x00", "comma after": good() + ",",
		"padding on the signature": good() + "==", "one = on the signature": good() + "=", "padding on the header": h + "==." + p + "." + s,
		"padding on the payload": h + "." + p + "=." + s, "= in the middle": h + "." + p + "." + s[:8] + "=" + s[8:],
		"percent-encoded dots": strings.ReplaceAll(good(), ".", "%2e"), "non-ASCII": "é" + good(), "invalid UTF-8": "\xff" + good(),
		"in quotes": `"` + good() + `"`, "length 4n+1": h + "." + p + "." + s + "AAA", "JSON serialization": `{"payload":"` + p + `","signature":"` + s + `"}`,
		"three base64 parts of nothing": "AAAA.AAAA.AAAA", "three JSON strings": b64(`"a"`) + "." + b64(`"b"`) + "." + b64(`"c"`),
		"trailing bits in the signature": good()[:len(good())-1] + trailing(good()),
	} {
		list = append(list, hostile{name, token, form})
	}
	// These are signed, so only strict base64 and JSON decoding can refuse them.
	hh, pp := header(nil).String(), session(nil).String()
	key := instanceKey()
	for name, text := range map[string]string{
		"padded header, signed":                base64.URLEncoding.EncodeToString([]byte(pad(hh))) + "." + b64(pp),
		"padded payload, signed":               b64(hh) + "." + base64.URLEncoding.EncodeToString([]byte(pad(pp))),
		"standard alphabet, signed":            b64(hh) + "." + base64.RawStdEncoding.EncodeToString([]byte(strings.Replace(pp, "user_1", "user_1>>>???~~~", 1))),
		"trailing bits in the payload, signed": b64(hh) + "." + stray(pp),
	} {
		list = append(list, hostile{name, signText(key, crypto.SHA256, text), form})
	}
	for _, bad := range []string{
		"null", "[]", `"x"`, "5", "true", "", " ", "{", `{"sub":"user_1"`, `{"sub":"user_1"}x`, `[{"sub":"user_1"}]`, "undefined", "{'a':1}", "{a:1}", `{"a":1,}`, "\ufeff" + pp, "{\"a\":\"\xff\"}",
		`{"a":"\ud800"}`, `{"a":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + "}", string([]byte{0xff, 0xfe, '{', 0, '}', 0}),
	} {
		list = append(list,
			hostile{fmt.Sprintf("payload %.20q", bad), sign(key, hh, bad), form},
			hostile{fmt.Sprintf("header %.20q", bad), sign(key, bad, pp), form})
	}
	for _, twice := range []string{
		`"alg":"RS256","alg":"RS256"`, `"alg":"none","alg":"RS256"`, `"alg":"RS256","\u0061lg":"none"`, `"alg":"RS256","kid":"ins_1","kid":"ins_1"`, `"alg":"RS256","typ":"JWT","typ":"JWT"`,
		`"alg":"RS256","cat":"` + sessionCat + `","cat":"` + sessionCat + `"`, `"alg":"RS256","x":1,"x":1`, `"alg":"RS256","crit":[],"crit":[]`,
		`"alg":"RS256","a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"i":1`,
	} {
		list = append(list, hostile{"header with " + twice, sign(key, "{"+twice+"}", pp), form})
	}
	return list
})

// pad appends spaces until the base64 of s needs padding.
func pad(s string) string {
	for len(s)%3 == 0 {
		s += " "
	}
	return s
}

// stray returns the unpadded base64 of s with a trailing bit set that decodes to no
// byte.
func stray(s string) string {
	e := b64(pad(s))
	return e[:len(e)-1] + trailing(e)
}

// trailing returns the last character of e with its lowest bit set.
func trailing(e string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	i := strings.IndexByte(alphabet, e[len(e)-1])
	return alphabet[i|1 : i|1+1]
}

// forged are well-formed tokens that Clerk did not sign.
var forged = sync.OnceValue(func() []hostile {
	h, p, s := parts(good())
	sig := must(base64.RawURLEncoding.DecodeString(s))
	withSig := func(b []byte) string { return h + "." + p + "." + base64.RawURLEncoding.EncodeToString(b) }
	_, _, other := parts(token(header(nil), session(obj{"sub": "user_2"})))
	pub := &instanceKey().PublicKey
	der := must(x509.MarshalPKIXPublicKey(pub))
	n := pub.N
	const sigReason = clerk.ReasonTokenInvalidSignature
	list := []hostile{
		{"empty signature", h + "." + p + ".", sigReason},
		{"signature of one byte", withSig([]byte{1}), sigReason},
		{"signature zero", withSig(make([]byte, 256)), sigReason},
		{"signature one", withSig(append(make([]byte, 255), 1)), sigReason},
		{"signature 0xff", withSig(bytes.Repeat([]byte{0xff}, 256)), sigReason},
		{"signature one byte short", withSig(sig[:255]), sigReason},
		{"signature one byte long", withSig(append(bytes.Clone(sig), 0)), sigReason},
		{"signature with a zero before", withSig(append([]byte{0}, sig...)), sigReason},
		{"signature plus modulus", withSig(new(big.Int).Add(new(big.Int).SetBytes(sig), n).Bytes()), sigReason},
		{"signature of another token", h + "." + p + "." + other, sigReason},
		{"payload of another token", h + "." + b64(session(obj{"sub": "user_evil"}).String()) + "." + s, sigReason},
		{"header of another token", b64(header(obj{"x": 1}).String()) + "." + p + "." + s, sigReason},
		{"foreign key with the right kid", sign(foreignKey(), header(nil).String(), session(nil).String()), sigReason},
		{"foreign key, its JWK in the header", sign(foreignKey(), header(obj{"jwk": obj{"kty": "RSA", "n": base64.RawURLEncoding.EncodeToString(foreignKey().N.Bytes()), "e": "AQAB"}}).String(), session(nil).String()), sigReason},
		{"foreign key, jku and x5u in the header", sign(foreignKey(), header(obj{"jku": "https://evil.example/jwks", "x5u": "https://evil.example/x"}).String(), session(nil).String()), sigReason},
		{"SHA-512 signature under RS256", signText(instanceKey(), crypto.SHA512, h+"."+p), sigReason},
		{"wrong kid", token(header(obj{"kid": "ins_evil"}), session(nil)), clerk.ReasonJWKKidMismatch},
		{"kid in other case", token(header(obj{"kid": "INS_1"}), session(nil)), clerk.ReasonJWKKidMismatch},
		{"kid is a path", token(header(obj{"kid": "../../etc/passwd"}), session(nil)), clerk.ReasonJWKKidMismatch},
		{"foreign key, own kid", sign(foreignKey(), header(obj{"kid": "ins_evil"}).String(), session(nil).String()), clerk.ReasonJWKKidMismatch},
		{"kid missing", token(header(obj{"kid": remove}), session(nil)), clerk.ReasonJWKKidMismatch},
		{"kid empty", token(header(obj{"kid": ""}), session(nil)), clerk.ReasonJWKKidMismatch},
		{"kid null", token(header(obj{"kid": nil}), session(nil)), clerk.ReasonJWKKidMismatch},
		{"kid a number", token(header(obj{"kid": 5}), session(nil)), clerk.ReasonJWKKidMismatch},
		{"kid a list", token(header(obj{"kid": []string{kid}}), session(nil)), clerk.ReasonJWKKidMismatch},
		{"kid an object", token(header(obj{"kid": obj{"kid": kid}}), session(nil)), clerk.ReasonJWKKidMismatch},
		{"kid in upper case name", token(header(obj{"kid": remove, "KID": kid}), session(nil)), clerk.ReasonJWKKidMismatch},
	}
	const alg = clerk.ReasonTokenInvalidAlgorithm
	for _, a := range []any{
		"none", "None", "NONE", "nOnE", "", "HS256", "HS384", "HS512", "RS384", "RS512", "PS256", "ES256", "ES256K", "EdDSA", "RSA-OAEP", "rs256", "RS256 ", "RS256\x00",
		nil, 5, true, []string{"RS256"}, obj{"alg": "RS256"}, remove,
	} {
		head := header(obj{"alg": a})
		list = append(list,
			hostile{fmt.Sprintf("alg %v, signed with RS256", a), token(head, session(nil)), alg},
			hostile{fmt.Sprintf("alg %v, no signature", a), b64(head.String()) + "." + b64(session(nil).String()) + ".", alg})
	}
	list = append(list, hostile{"ALG instead of alg", token(header(obj{"alg": remove, "ALG": "RS256"}), session(nil)), alg})
	for name, secret := range map[string][]byte{
		"PEM": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), "DER": der, "PKCS #1": x509.MarshalPKCS1PublicKey(pub), "modulus": n.Bytes(), "nothing": nil,
	} {
		for _, a := range []string{"HS256", "RS256"} {
			text := b64(header(obj{"alg": a}).String()) + "." + b64(session(nil).String())
			mac := hmac.New(sha256.New, secret)
			_, _ = mac.Write([]byte(text))
			want := alg
			if a == "RS256" {
				want = sigReason
			}
			list = append(list, hostile{a + " with the public key as secret: " + name, text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), want})
		}
	}
	for bits, h := range map[string]crypto.Hash{"RS384": crypto.SHA384, "RS512": crypto.SHA512} {
		list = append(list, hostile{bits + " well signed", signText(instanceKey(), h, b64(header(obj{"alg": bits}).String())+"."+b64(session(nil).String())), alg})
	}
	text := b64(header(obj{"alg": "PS256"}).String()) + "." + b64(session(nil).String())
	sum := sha256.Sum256([]byte(text))
	pss := must(rsa.SignPSS(rand.Reader, instanceKey(), crypto.SHA256, sum[:], nil))
	list = append(list, hostile{"PS256 well signed", text + "." + base64.RawURLEncoding.EncodeToString(pss), alg})
	for _, crit := range []any{[]string{}, []string{"b64"}, []string{"exp"}, nil, "b64", []int{1}, false} {
		list = append(list, hostile{fmt.Sprintf("crit %v", crit), token(header(obj{"crit": crit, "b64": true}), session(nil)), clerk.ReasonTokenInvalid})
	}
	for _, typ := range []any{"jwt", "Jwt", "JWT ", "", "JWS", "JOSE", "AT+JWT", "at+JWT", "secevent+jwt", nil, 5, true, []string{"JWT"}} {
		list = append(list, hostile{fmt.Sprintf("typ %v", typ), token(header(obj{"typ": typ}), session(nil)), clerk.ReasonTokenInvalid})
	}
	return list
})

// unfit are signed tokens that are not valid session tokens of this instance.
var unfit = sync.OnceValue(func() []hostile {
	var list []hostile
	add := func(want clerk.Reason, name string, h, p obj) {
		list = append(list, hostile{name, token(header(h), session(p)), want})
	}
	const failed, mismatch = clerk.ReasonTokenVerificationFailed, clerk.ReasonTokenTypeMismatch
	add(clerk.ReasonTokenExpired, "expired", nil, obj{"exp": nowSec - 60})
	add(clerk.ReasonTokenExpired, "expired at the epoch", nil, obj{"exp": 0})
	add(clerk.ReasonTokenExpired, "expired before the epoch", nil, obj{"exp": raw("-8.64e12")})
	add(clerk.ReasonTokenNotActiveYet, "not valid yet", nil, obj{"nbf": nowSec + 60})
	add(clerk.ReasonTokenNotActiveYet, "valid in 270,000 years", nil, obj{"nbf": raw("8.64e12")})
	add(clerk.ReasonTokenIATInTheFuture, "issued in the future", nil, obj{"iat": nowSec + 60})
	add(clerk.ReasonTokenIATInTheFuture, "issued in 270,000 years", nil, obj{"iat": raw("8.64e12")})
	for _, exp := range []string{`"1750000060"`, "null", "true", "[1750000060]", "{}", "1e400", "-1e400", "1e300", "8640000000001", "9007199254740993", "99999999999999999999", `"never"`} {
		add(failed, "exp "+exp, nil, obj{"exp": raw(exp)})
		add(failed, "nbf "+exp, nil, obj{"nbf": raw(exp)})
		add(failed, "iat "+exp, nil, obj{"iat": raw(exp)})
	}
	add(failed, "exp missing", nil, obj{"exp": remove})
	add(failed, "EXP instead of exp", nil, obj{"exp": remove, "EXP": nowSec + 60})
	for _, azp := range []any{"https://evil.example.com", origin + "/", origin + ":443", "http://app.example.com", "https://APP.example.com", origin + "\x00", " " + origin, "*", "null"} {
		add(clerk.ReasonTokenInvalidAuthorizedParties, fmt.Sprintf("azp %q", azp), nil, obj{"azp": azp})
	}
	add(clerk.ReasonTokenInvalidAuthorizedParties, "azp missing", nil, obj{"azp": remove})
	add(clerk.ReasonTokenInvalidAuthorizedParties, "azp empty", nil, obj{"azp": ""})
	add(clerk.ReasonTokenInvalidAuthorizedParties, "AZP instead of azp", nil, obj{"azp": remove, "AZP": origin})
	for _, iss := range []any{"https://clerk.evil.com", issuer + "/", issuer + ".evil.com", "http://clerk.example.com", "https://CLERK.example.com", "clerk.example.com", ""} {
		add(clerk.ReasonTokenInvalidIssuer, fmt.Sprintf("iss %q", iss), nil, obj{"iss": iss})
	}
	add(clerk.ReasonTokenInvalidIssuer, "iss missing", nil, obj{"iss": remove})
	add(failed, "sub missing", nil, obj{"sub": remove})
	add(failed, "sub empty", nil, obj{"sub": ""})
	add(failed, "SUB instead of sub", nil, obj{"sub": remove, "SUB": "user_1"})
	for _, claim := range []string{"sub", "sid", "iss", "azp", "jti"} {
		for _, v := range []string{"null", "5", "true", `["x"]`, "{}"} {
			add(failed, claim+" "+v, nil, obj{claim: raw(v)})
		}
	}
	for claim, bad := range map[string]string{
		"aud": "5", "sts": "5", "fva": "5", "o": `"x"`, "fea": "[]", "pla": "5", "act": `"user_1"`,
	} {
		add(failed, claim+" of a wrong type", nil, obj{claim: raw(bad)})
	}
	for claim, bad := range map[string]string{"org_id": "5", "org_role": "[]", "org_slug": "{}", "org_permissions": `"x"`} {
		add(failed, claim+" of a wrong type in version 1", nil, obj{"v": 1, claim: raw(bad)})
	}
	pp := session(nil).String()
	for _, twice := range []string{
		`"sub":"user_2"`, `"exp":1750000060`, `"azp":"https://app.example.com"`, `"\u0073ub":"user_2"`, `"sts":"active"`, `"x":1,"x":1`,
		`"o":null,"o":{"id":"org_1"}`, `"act":null,"act":{}`, `"fva":[1,1]`, `"v":1`,
	} {
		list = append(list, hostile{"payload with a second " + twice, sign(instanceKey(), header(nil).String(), pp[:len(pp)-1]+","+twice+"}"), failed})
	}
	add(mismatch, "machine token", nil, obj{"sub": "mch_1"})
	add(mismatch, "machine token without category", obj{"cat": remove}, obj{"sub": "mch_1"})
	add(mismatch, "machine category", obj{"cat": m2mCat}, nil)
	add(mismatch, "OAuth token", obj{"typ": "at+jwt"}, nil)
	add(mismatch, "OAuth token, long type", obj{"typ": "application/at+jwt"}, nil)
	add(mismatch, "JWT template", obj{"cat": templateCat}, nil)
	for _, cat := range []any{"", "cl_unknown", strings.ToLower(sessionCat), sessionCat + " ", nil, 5, true, []string{sessionCat}} {
		add(mismatch, fmt.Sprintf("cat %v", cat), obj{"cat": cat}, nil)
	}
	list = append(list,
		hostile{"handshake token", token(header(nil), handshake(nil)), failed},
		hostile{"handshake token with times", token(header(nil), handshake(obj{"exp": nowSec + 60, "iat": nowSec, "nbf": nowSec})), failed},
		hostile{"handshake token with azp and iss", token(header(nil), handshake(obj{"exp": nowSec + 60, "azp": origin, "iss": issuer})), failed},
		hostile{"no claims", token(header(nil), obj{}), failed})
	return list
})

// TestHostileTokens: Verify refuses each token with its reason, and no other method
// accepts it.
func TestHostileTokens(t *testing.T) {
	pemKeys := pemSource(t)
	for group, list := range map[string][]hostile{"malformed": malformed(), "forged": forged(), "unfit": unfit()} {
		names := map[string]bool{}
		for _, tt := range list {
			if names[tt.name] {
				t.Errorf("two cases are named %s", tt.name)
			}
			names[tt.name] = true
			t.Run(group+"/"+tt.name, func(t *testing.T) {
				v := newVerifier(t)
				for _, when := range []string{"cold", "again", "after a good token"} {
					if when == "after a good token" {
						if _, err := v.Verify(t.Context(), good()); err != nil {
							t.Fatal(err)
						}
					}
					claims, err := v.Verify(t.Context(), tt.token)
					if claims != nil {
						t.Errorf("%s: claims came with it", when)
					}
					refused(t, err, tt.want, tt.token)
				}
				networkless := newVerifier(t, func(c *verify.Config) { c.Keys = pemKeys })
				for slot, err := range inEverySlot(t.Context(), networkless, tt.token) {
					if err != nil {
						continue
					}
					switch {
					case slot == "session" && group == "forged" && tt.want == clerk.ReasonJWKKidMismatch:
						// PEM returns its key for every id, but a kid that is not a string is refused.
						if strings.HasPrefix(tt.name, "kid a") || tt.name == "kid null" {
							t.Error("accepted with a PEM")
						}
					case strings.HasPrefix(tt.name, "handshake token") && slot == "handshake":
					case strings.HasPrefix(tt.name, "machine token without category") && slot == "m2m":
					case tt.name == "JWT template" && slot == "template":
					default:
						t.Errorf("accepted as %s", slot)
					}
				}
			})
		}
	}
}

func TestVerify(t *testing.T) {
	for name, tt := range map[string]struct{ h, p obj }{
		"plain":               {},
		"no typ":              {h: obj{"typ": remove}},
		"no cat":              {h: obj{"cat": remove}},
		"category ignored":    {h: obj{"cat": ignoreCat}},
		"unknown header":      {h: obj{"x": 1, "jku": "https://evil.example", "cty": "x"}},
		"many header members": {h: obj{"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1, "g": 1, "h": 1, "i": 1}},
		"second party":        {p: obj{"azp": "https://other.example.com"}},
		"no sid":              {p: obj{"sid": remove}},
		"no nbf and iat":      {p: obj{"nbf": remove, "iat": remove}},
		"fractions":           {p: obj{"exp": raw("1750000060.9"), "nbf": raw("1.75e9"), "iat": raw("1750000000.0")}},
		"exp at the end":      {p: obj{"exp": raw("8640000000000")}},
		"aud":                 {p: obj{"aud": "x"}},
		"custom claims":       {p: obj{"SUB": "user_evil", "role": "x", "handshake": []string{"x"}}},
		"large":               {p: obj{"x": strings.Repeat("x", 10<<10)}},
	} {
		t.Run(name, func(t *testing.T) {
			tok := token(header(tt.h), session(tt.p))
			claims, err := newVerifier(t).Verify(t.Context(), tok)
			if err != nil {
				t.Fatal(err)
			}
			if a := claims.Auth(); !a.SignedIn() || a.UserID != "user_1" {
				t.Errorf("%+v", a)
			}
		})
	}
	t.Run("pending", func(t *testing.T) {
		claims, err := newVerifier(t).Verify(t.Context(), token(header(nil), session(obj{"sts": "pending"})))
		if err != nil {
			t.Fatal(err)
		}
		if a := claims.Auth(); a.SignedIn() || a.Reason != clerk.ReasonSessionPending || !a.AllowPending().SignedIn() {
			t.Errorf("%+v", a)
		}
	})
	t.Run("key removed after rotation", func(t *testing.T) {
		keys := keyMap{kid: &instanceKey().PublicKey, "ins_2": &foreignKey().PublicKey}
		v := newVerifier(t, func(c *verify.Config) { c.Keys = keys })
		if _, err := v.Verify(t.Context(), good()); err != nil {
			t.Fatal(err)
		}
		delete(keys, kid)
		_, err := v.Verify(t.Context(), good())
		refused(t, err, clerk.ReasonJWKKidMismatch, good())
		if !errors.Is(err, clerk.ErrKeyUnknown) || errors.Is(err, clerk.ErrUnavailable) {
			t.Errorf("%v", err)
		}
	})
}

// TestEveryByteCounts changes one character after another.
func TestEveryByteCounts(t *testing.T) {
	tok := good()
	v := newVerifier(t)
	if _, err := v.Verify(t.Context(), tok); err != nil {
		t.Fatal(err)
	}
	for i := range len(tok) {
		for _, c := range []byte{tok[i] ^ 1, 'A', '.', '_', '='} {
			if c == tok[i] {
				continue
			}
			if _, err := v.Verify(t.Context(), tok[:i]+string(rune(c))+tok[i+1:]); err == nil {
				t.Fatalf("accepted with %q at %d", c, i)
			}
		}
		if _, err := v.Verify(t.Context(), tok[:i]); err == nil {
			t.Fatalf("accepted when cut at %d", i)
		}
		if _, err := v.Verify(t.Context(), tok[:i]+tok[i+1:]); err == nil {
			t.Fatalf("accepted without byte %d", i)
		}
	}
}

func pemSource(t *testing.T) verify.KeySource {
	t.Helper()
	keys, err := verify.PEM(examplePEM())
	if err != nil {
		t.Fatal(err)
	}
	return keys
}
