package conformance

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"time"
)

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

// goodByEarlierKey checks, without the kit's own code, that a session token of the
// request is good by a key that the same key server gave to the same configuration
// within the last hour.
func (f *facts) goodByEarlierKey() bool {
	keys := map[string]*rsa.PublicKey{}
	for _, e := range f.earlier {
		o, p := e.Options, f.c.Options
		if o.SecretKey != p.SecretKey || o.APIURL != p.APIURL || f.c.Now-e.Now > float64(keepKeys.Milliseconds()) {
			continue
		}
		for _, a := range e.BAPI {
			if strings.HasSuffix(a.Path, "/jwks") && a.Status < 300 {
				addKeys(keys, a.JSON)
			}
		}
	}
	tokens := []string{f.bearer[strings.LastIndexByte(f.bearer, ' ')+1:]}
	if f.bearer == "" {
		tokens = nil
		for name, value := range f.cookies {
			if name == "__session" || strings.HasPrefix(name, "__session_") {
				tokens = append(tokens, unescape(value))
			}
		}
	}
	// The kit chooses among several session cookies; each must be good then.
	return len(tokens) > 0 && !slices.ContainsFunc(tokens, func(t string) bool { return !f.goodSession(keys, t) })
}

func addKeys(keys map[string]*rsa.PublicKey, set json.RawMessage) {
	var list struct {
		Keys []struct{ Kid, N, E string } `json:"keys"`
	}
	if json.Unmarshal(set, &list) != nil {
		return
	}
	for _, k := range list.Keys {
		n, err1 := base64.RawURLEncoding.DecodeString(k.N)
		e, err2 := base64.RawURLEncoding.DecodeString(k.E)
		if err1 == nil && err2 == nil {
			keys[k.Kid] = &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
		}
	}
}

// goodSession is a plain check of a session token.
func (f *facts) goodSession(keys map[string]*rsa.PublicKey, token string) bool {
	end := strings.LastIndexByte(token, '.')
	if end < 0 {
		return false
	}
	h := headerOf(token)
	kid, _ := h.Kid.(string)
	sig, err := base64.RawURLEncoding.DecodeString(token[end+1:])
	sum := sha256.Sum256([]byte(token[:end]))
	if err != nil || keys[kid] == nil || rsa.VerifyPKCS1v15(keys[kid], crypto.SHA256, sum[:], sig) != nil {
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
	return h.Alg == "RS256" && (h.Cat == nil || h.Cat == "cl_B7d4PD111AAA" || h.Cat == "cl_I7d4PD111III") && (h.Typ == nil || h.Typ == "JWT") &&
		p.Sub != "" && !strings.HasPrefix(p.Sub, "mch_") &&
		p.Exp*1000 > now-skew && p.Nbf*1000 <= now+skew && p.Iat*1000 <= now+skew &&
		(len(o.Audience) == 0 || p.Aud == nil) && (len(o.AuthorizedParties) == 0 || slices.Contains(o.AuthorizedParties, p.Azp))
}
