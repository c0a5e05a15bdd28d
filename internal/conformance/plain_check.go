package conformance

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A plain check of what a request presents, without the kit's own code: it says
// whether a difference in which the kit accepts more may be excused.

// keepKeys is for how long the kit serves keys while their server fails.
const keepKeys = time.Hour

// earlierCases returns the cases before the one at i in its sequence.
func earlierCases(cases []*Case, i int) []*Case {
	from := i
	for cases[i].Sequence != "" && from > 0 && cases[from-1].Sequence == cases[i].Sequence {
		from--
	}
	return cases[from:i]
}

// keyServerFails reports whether the key server fails in this case, in a way that
// does not say that the configuration is wrong, and the reference refused for that
// reason and for no other.
func (f *facts) keyServerFails() bool {
	keys := slices.DeleteFunc(slices.Clone(f.c.BAPI), func(a Answer) bool { return !strings.HasSuffix(a.Path, "/jwks") })
	down := func(a Answer) bool {
		return a.NetworkError != nil && a.NetworkError != false || a.Status >= 500 || a.Status == 429
	}
	return f.c.Expect.Status == "signed-out" && (f.wantReason() == "jwk-remote-failed-to-load" || f.wantReason() == "unexpected-error") &&
		len(keys) > 0 && !slices.ContainsFunc(keys, func(a Answer) bool { return !down(a) })
}

// earlierKeys are the newest keys that the same key server gave to the same
// configuration before this case, within the last hour.
func (f *facts) earlierKeys() keySet {
	for _, e := range slices.Backward(f.earlier) {
		o, p := e.Options, f.c.Options
		if o.SecretKey != p.SecretKey || o.APIURL != p.APIURL || f.c.Now-e.Now > float64(keepKeys.Milliseconds()) {
			continue
		}
		if keys := servedKeys(e); len(keys) > 0 {
			return keys
		}
	}
	return nil
}

// presented are the tokens that may be the request's: the one of the header, or
// those that a handshake or refresh brought, or those of all session cookies, among
// which the kit chooses.
func (f *facts) presented() (tokens []string) {
	if f.bearer != "" {
		return []string{f.bearer[strings.LastIndexByte(f.bearer, ' ')+1:]}
	}
	add := func(name, value string) {
		if name == "__session" || name == "__session_"+f.suffix() {
			tokens = append(tokens, unescape(value))
		}
	}
	for _, line := range f.r.SetCookie {
		name, value, _ := strings.Cut(line, "=")
		value, _, _ = strings.Cut(value, ";")
		add(name, value)
	}
	if len(tokens) == 0 {
		for name, value := range f.cookies {
			add(name, value)
		}
		// Of two cookies, another may be of another instance. What counts is the one
		// whose claims the kit gives out.
		if i := slices.IndexFunc(tokens, f.givesOut); i >= 0 {
			tokens = tokens[i : i+1]
		}
	}
	return tokens
}

// givesOut reports whether the identity has the claims of this token.
func (f *facts) givesOut(token string) bool {
	text, err := json.Marshal(f.r.Auth["sessionClaims"])
	var claims, given any
	return err == nil && json.Unmarshal(text, &given) == nil && given != nil &&
		json.Unmarshal([]byte(part(token, 1)), &claims) == nil && reflect.DeepEqual(claims, given)
}

// suffix is the suffix of the instance's cookies: another instance's are on the same
// domain, and nobody reads them here.
func (f *facts) suffix() string {
	sum := sha1.Sum([]byte(f.c.Options.PublishableKey))
	return strings.NewReplacer("+", "-", "/", "_").Replace(base64.StdEncoding.EncodeToString(sum[:])[:8])
}

// good reports whether all that the request presents is good by these keys.
func (f *facts) good(keys keySet) bool {
	tokens := f.presented()
	return len(tokens) > 0 && !slices.ContainsFunc(tokens, func(t string) bool { return !f.goodToken(keys, t) })
}

// goodByOwnKeys is good by the keys of the configuration: the PEM, or else what
// the key server gives. Opaque tokens are good if the Backend API says so.
func (f *facts) goodByOwnKeys() bool {
	if f.opaque() {
		return f.answers(func(a *Answer) bool { return strings.HasSuffix(a.Path, "/verify") && a.Status == 200 })
	}
	if f.c.Options.JWTKey != "" {
		return f.good(pemKey(f.c.Options.JWTKey))
	}
	return f.good(servedKeys(f.c))
}

// keySet holds keys by id; a PEM has the id "".
type keySet map[string]*rsa.PublicKey

func (s keySet) key(id string) *rsa.PublicKey {
	if k := s[""]; k != nil {
		return k
	}
	return s[id]
}

// servedKeys is the last key set that the key server gives in a case.
func servedKeys(c *Case) (keys keySet) {
	for _, a := range c.BAPI {
		var list struct {
			Keys []struct{ Kid, N, E string } `json:"keys"`
		}
		if !strings.HasSuffix(a.Path, "/jwks") || a.Status >= 300 || json.Unmarshal(a.JSON, &list) != nil {
			continue
		}
		keys = keySet{}
		for _, k := range list.Keys {
			n, err1 := base64.RawURLEncoding.DecodeString(k.N)
			e, err2 := base64.RawURLEncoding.DecodeString(k.E)
			if err1 == nil && err2 == nil && k.Kid != "" {
				keys[k.Kid] = &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
			}
		}
	}
	return keys
}

var notBase64 = regexp.MustCompile(`-----[A-Z ]+-----|\\[rn]|[^A-Za-z0-9+/]`)

// pemKey reads the key of a PEM whatever its line breaks.
func pemKey(text string) keySet {
	der, err := base64.RawStdEncoding.DecodeString(notBase64.ReplaceAllString(text, ""))
	if err != nil {
		return nil
	}
	if key, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return keySet{"": key}
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if cert, certErr := x509.ParseCertificate(der); certErr == nil {
		parsed, err = cert.PublicKey, nil
	}
	if key, ok := parsed.(*rsa.PublicKey); ok && err == nil {
		return keySet{"": key}
	}
	return nil
}

// goodToken checks signature, kind, times, parties and audience of a token.
func (f *facts) goodToken(keys keySet, token string) bool {
	end := strings.LastIndexByte(token, '.')
	if end < 0 {
		return false
	}
	h := headerOf(token)
	kid, _ := h.Kid.(string) // "" finds no key that has an id
	key := keys.key(kid)
	sig, err := base64.RawURLEncoding.DecodeString(token[end+1:])
	sum := sha256.Sum256([]byte(token[:end]))
	if err != nil || key == nil || rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], sig) != nil {
		return false
	}
	var p struct {
		Sub, Azp      string
		Exp, Nbf, Iat float64
		Aud           any
	}
	if json.Unmarshal([]byte(part(token, 1)), &p) != nil {
		return false
	}
	skew := 5000.0
	if ms, ok := f.c.Options.ClockSkewInMS.(float64); ok {
		skew = ms
	}
	now, o := f.c.Now, f.c.Options
	if h.Alg != "RS256" || p.Sub == "" || p.Exp*1000 <= now-skew || p.Nbf*1000 > now+skew || p.Iat*1000 > now+skew ||
		len(o.Audience) > 0 && p.Aud != nil && !f.audience(p.Aud) {
		return false
	}
	switch f.tokenType() {
	case "session_token":
		return (h.Cat == nil || h.Cat == "cl_B7d4PD111AAA" || h.Cat == "cl_I7d4PD111III") && (h.Typ == nil || h.Typ == "JWT") &&
			!strings.HasPrefix(p.Sub, "mch_") && (len(o.AuthorizedParties) == 0 || slices.Contains(o.AuthorizedParties, p.Azp))
	case "m2m_token":
		return strings.HasPrefix(p.Sub, "mch_")
	case "oauth_token":
		return h.Typ == "at+jwt" || h.Typ == "application/at+jwt"
	}
	return false
}

func (f *facts) audience(aud any) bool {
	list, isList := aud.([]any)
	if isList && len(list) == 0 {
		return true // no audience, for both: a session token needs none
	}
	if !isList {
		list = []any{aud}
	}
	return slices.ContainsFunc(list, func(a any) bool {
		text, ok := a.(string)
		return ok && slices.Contains(f.c.Options.Audience, text)
	})
}

// tokenType is what the kit took the token for.
func (f *facts) tokenType() string {
	if f.r.TokenType == nil {
		return ""
	}
	return *f.r.TokenType
}
