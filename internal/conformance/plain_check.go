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

// An independent check of a request's credentials without the kit's own code. It
// decides whether the kit may accept a request that the reference refuses.

// keepKeys is how long the kit uses keys while their server fails.
const keepKeys = time.Hour

// earlierCases returns the cases before the one at i in its sequence.
func earlierCases(cases []*Case, i int) []*Case {
	from := i
	for cases[i].Sequence != "" && from > 0 && cases[from-1].Sequence == cases[i].Sequence {
		from--
	}
	return cases[from:i]
}

// keyServerFails reports whether the key server fails in this case, not because of a
// wrong configuration, and the reference refused only for that reason.
func (f *facts) keyServerFails() bool {
	keys := slices.DeleteFunc(slices.Clone(f.c.BAPI), func(a Answer) bool { return !strings.HasSuffix(a.Path, "/jwks") })
	down := func(a Answer) bool {
		return a.NetworkError != nil && a.NetworkError != false || a.Status >= 500 || a.Status == 429
	}
	return f.c.Expect.Status == "signed-out" && (f.wantReason() == "jwk-remote-failed-to-load" || f.wantReason() == "unexpected-error") &&
		len(keys) > 0 && !slices.ContainsFunc(keys, func(a Answer) bool { return !down(a) })
}

// earlierKeys returns the newest keys that the key server returned for the same
// configuration within the hour before this case.
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

// presented returns the tokens that can authenticate the request: the one in the
// header, or those from a handshake or refresh, or those in all session cookies.
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
		// One of two cookies can belong to another instance. Check the one whose claims the
		// kit returned.
		if i := slices.IndexFunc(tokens, f.givesOut); i >= 0 {
			tokens = tokens[i : i+1]
		}
	}
	return tokens
}

// givesOut reports whether the kit's identity has the claims of this token.
func (f *facts) givesOut(token string) bool {
	text, err := json.Marshal(f.r.Auth["sessionClaims"])
	var claims, given any
	return err == nil && json.Unmarshal(text, &given) == nil && given != nil &&
		json.Unmarshal([]byte(part(token, 1)), &claims) == nil && reflect.DeepEqual(claims, given)
}

// suffix returns the suffix of the instance's cookies. Cookies of other instances on
// the same domain are ignored.
func (f *facts) suffix() string {
	sum := sha1.Sum([]byte(f.c.Options.PublishableKey))
	return strings.NewReplacer("+", "-", "/", "_").Replace(base64.StdEncoding.EncodeToString(sum[:])[:8])
}

// good reports whether all presented tokens are valid with these keys.
func (f *facts) good(keys keySet) bool {
	tokens := f.presented()
	return len(tokens) > 0 && !slices.ContainsFunc(tokens, func(t string) bool { return !f.goodToken(keys, t) })
}

// goodByOwnKeys is good with the keys of the configuration: the PEM, or else those of
// the key server. Opaque tokens are valid if the Backend API says so.
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

// servedKeys returns the last key set of the key server in a case.
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

// pemKey parses the key of a PEM with any line breaks.
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
	kid, _ := h.Kid.(string) // "" matches no key with an id
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
		return true // no aud: allowed for a session token by both
	}
	if !isList {
		list = []any{aud}
	}
	return slices.ContainsFunc(list, func(a any) bool {
		text, ok := a.(string)
		return ok && slices.Contains(f.c.Options.Audience, text)
	})
}

// tokenType returns the kit's token type.
func (f *facts) tokenType() string {
	if f.r.TokenType == nil {
		return ""
	}
	return *f.r.TokenType
}
