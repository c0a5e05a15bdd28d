package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"math/bits"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// The configuration of all peers.
const (
	issuer      = "https://clerk.example.com"
	party       = "https://app.example.com"
	audience    = "https://api.example.com"
	keyID       = "ins_2bXcF0aYvKq8kP1mVw3uT5rZ9hL"
	userAgentIs = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)

// fixture is a signing key with the tokens of one run.
type fixture struct {
	signer *signer
	key    *rsa.PublicKey
	pem    string
	jwks   []byte
	now    time.Time
}

func newFixture() (*fixture, error) {
	s, err := newSigner()
	if err != nil {
		return nil, err
	}
	f := &fixture{signer: s, key: &rsa.PublicKey{N: s.n, E: 65537}, now: time.Now()}
	der, err := x509.MarshalPKIXPublicKey(f.key)
	if err != nil {
		return nil, err
	}
	f.pem = string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	f.jwks, err = json.Marshal(map[string]any{"keys": []map[string]string{{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": keyID, "e": "AQAB",
		"n": base64.RawURLEncoding.EncodeToString(f.key.N.Bytes()),
	}}})
	return f, err
}

// claims returns the claims of a version 2 session token with an organization, as
// issued by Clerk.
func (f *fixture) claims(i int) map[string]any {
	now := f.now.Unix()
	return map[string]any{
		"azp": party, "exp": now + 3600, "iat": now - 5, "nbf": now - 15, "iss": issuer,
		"jti": fmt.Sprintf("a1b2c3d4e5f6%08x", i), "sid": "sess_2bXcG9fKq1mVw3uT5rZ9hLaYvK8",
		"sub": fmt.Sprintf("user_2bXcHfKq1mVw3uT5r%08x", i), "sts": "active", "v": 2,
		"fva": []int{12, -1}, "fea": "o:articles,o:invoices", "pla": "o:pro",
		"o": map[string]any{
			"id": "org_2bXcI7fKq1mVw3uT5rZ9hLaYvK8", "rol": "admin", "slg": "acme",
			"per": "create,read,update,delete", "fpm": "15,3",
		},
	}
}

// token returns session token number i. It is 1,025 to 1,030 bytes long.
func (f *fixture) token(i int) string { return f.sign(f.claims(i)) }

func (f *fixture) tokens(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = f.token(i)
	}
	return list
}

// v1 returns a version 1 session token.
func (f *fixture) v1() string {
	c := f.claims(0)
	delete(c, "o")
	delete(c, "v")
	c["org_id"], c["org_role"], c["org_slug"] = "org_2bXcI7fKq1mVw3uT5rZ9hLaYvK8", "org:admin", "acme"
	c["org_permissions"] = []string{"org:articles:create", "org:articles:read"}
	return f.sign(c)
}

func (f *fixture) sign(claims map[string]any) string {
	text := unsigned(sessionHeader, claims)
	return text + "." + base64.RawURLEncoding.EncodeToString(f.signer.sign(text))
}

const sessionHeader = `{"alg":"RS256","cat":"cl_B7d4PD111AAA","kid":"` + keyID + `","typ":"JWT"}`

func unsigned(header string, claims map[string]any) string {
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err) // maps of strings and numbers
	}
	return base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString(payload)
}

// signer signs a million tokens in half a minute. Its modulus of 2048 bits has many
// small primes, which make signing cheap. The key is not secure, but verification takes
// the same time as with any modulus.
type signer struct {
	n      *big.Int
	primes []uint64
	d      []uint64   // the private exponent, for each prime
	crt    []*big.Int // what has remainder 1 for one prime and 0 for the others
}

func newSigner() (*signer, error) {
	const size = 2048
	s := &signer{n: big.NewInt(1)}
	seen := make(map[uint64]bool)
	for s.n.BitLen() < size {
		width := 60
		if rest := size - s.n.BitLen(); rest <= width {
			width = rest
		} else if rest < 2*width { // or too little would be left for the last one
			width = rest / 2
		}
		p, err := rand.Prime(rand.Reader, width)
		if err != nil {
			return nil, err
		}
		d := new(big.Int).ModInverse(big.NewInt(65537), new(big.Int).Sub(p, big.NewInt(1)))
		if d == nil || seen[p.Uint64()] {
			continue
		}
		n := new(big.Int).Mul(s.n, p)
		if rest := size - n.BitLen(); rest != 0 && rest < 20 {
			continue
		}
		seen[p.Uint64()], s.n = true, n
		s.primes, s.d = append(s.primes, p.Uint64()), append(s.d, d.Uint64())
	}
	for _, p := range s.primes {
		q := new(big.Int).SetUint64(p)
		rest := new(big.Int).Quo(s.n, q)
		s.crt = append(s.crt, rest.Mul(rest, new(big.Int).ModInverse(rest, q)))
	}
	return s, nil
}

// sign is RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2.1).
func (s *signer) sign(text string) []byte {
	const size = 256
	sum := sha256.Sum256([]byte(text))
	prefix := []byte{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}
	em := []byte("\x00\x01" + strings.Repeat("\xff", size-3-len(prefix)-len(sum)) + "\x00")
	m := new(big.Int).SetBytes(append(append(em, prefix...), sum[:]...))
	words := m.Bits()
	out, term := new(big.Int), new(big.Int)
	for i, p := range s.primes {
		var rest uint64
		for k := len(words) - 1; k >= 0; k-- {
			_, rest = bits.Div64(rest, uint64(words[k]), p)
		}
		out.Add(out, term.Mul(s.crt[i], term.SetUint64(power(rest, s.d[i], p))))
	}
	return out.Mod(out, s.n).FillBytes(make([]byte, size))
}

func power(base, exponent, p uint64) uint64 {
	result := uint64(1)
	for ; exponent > 0; exponent >>= 1 {
		if exponent&1 == 1 {
			result = mulMod(result, base, p)
		}
		base = mulMod(base, base, p)
	}
	return result
}

func mulMod(a, b, p uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	_, rest := bits.Div64(hi, lo, p)
	return rest
}

// hmac returns a token whose HMAC key is the public key. A verifier that lets the token
// choose the algorithm accepts it.
func (f *fixture) hmac() string {
	signed := unsigned(`{"alg":"HS256","kid":"`+keyID+`","typ":"JWT"}`, f.claims(0))
	mac := hmac.New(sha256.New, []byte(f.pem))
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// bad returns tokens that every peer must refuse.
func (f *fixture) bad() (map[string]string, error) {
	other, err := newFixture()
	if err != nil {
		return nil, err
	}
	good := f.token(0)
	header, rest, _ := strings.Cut(good, ".")
	_, signature, _ := strings.Cut(rest, ".")
	swapped := f.claims(0)
	swapped["sub"] = "user_somebodyelse"
	payload, err := json.Marshal(swapped)
	if err != nil {
		return nil, err
	}
	expired := f.claims(0)
	expired["exp"], expired["nbf"], expired["iat"] = f.now.Unix()-7200, f.now.Unix()-7260, f.now.Unix()-7260
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`))
	return map[string]string{
		"forged by another key": other.token(0),
		"tampered payload":      header + "." + base64.RawURLEncoding.EncodeToString(payload) + "." + signature,
		"tampered signature":    good[:len(good)-20] + "AAAAAAAAAAAAAAAAAAAA",
		"expired":               f.sign(expired),
		"alg none":              none + "." + strings.Split(good, ".")[1] + ".",
		"public key as secret":  f.hmac(),
		"garbage":               "not.a.token",
		"empty":                 "",
	}, nil
}

// named is a token with a description.
type named struct{ name, token string }

// garbage returns tokens that are refused before the signature check.
func (f *fixture) garbage() []named {
	good := f.token(0)
	header, rest, _ := strings.Cut(good, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	noise := strings.Repeat("c2Vzc2lvbg", 100)
	return []named{
		{"refused: no token at all (\"garbage\")", "garbage"},
		{"refused: 1,000 characters without a dot", noise},
		{"refused: three parts of noise, 1,000 characters", noise[:100] + "." + noise[:500] + "." + noise[:400]},
		{"refused: header that is no JSON, rest of a token", noise[:100] + "." + payload + "." + signature},
		{"refused: payload that is not base64", header + ".!" + payload + "." + signature},
		{"refused: an opaque key", "ak_" + noise[:40]},
		{"refused: whole token with alg HS256", f.hmac()},
	}
}

// publishableKey returns the publishable key of the production instance
// clerk.example.com.
func publishableKey() string {
	return "pk_live_" + base64.StdEncoding.EncodeToString([]byte("clerk.example.com$"))
}

// cookieField returns the Cookie field of a browser that clerk-js keeps signed in, with
// cookies of other applications.
func cookieField(token string) string {
	pk, err := clerk.ParsePublishableKey(publishableKey())
	if err != nil {
		panic(err)
	}
	const uat = "1732180000"
	return strings.Join([]string{
		"_ga=GA1.1.1234567890.1732180000", "theme=dark",
		clerk.CookieSession + "=" + token, pk.SuffixedCookie(clerk.CookieSession) + "=" + token,
		clerk.CookieClientUAT + "=" + uat, pk.SuffixedCookie(clerk.CookieClientUAT) + "=" + uat,
	}, "; ")
}
