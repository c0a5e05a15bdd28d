package handshake

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/clerkkit/clerkkit/verify"
)

// unverified holds unverified claims of a token. They serve to choose between cookies
// and to see that a token is old. Nothing else may rely on them.
type unverified struct {
	issuer    string
	hasIssuer bool // there is one, of whatever type
	sessionID string
	iat, exp  float64 // 0 where absent, infinite where it is no number
}

// peek parses a token without verifying it. It accepts what clerk-js and the official
// SDK accept as a token, even if package verify refuses it: all readers of one set of
// cookies must choose the same one, or this server would pick a good cookie where the
// bad one counts. Claims that cannot be parsed count as newer than any other.
func peek(token string) (u unverified, ok bool) {
	if token == "" {
		return u, false
	}
	if d, err := verify.Decode(token); err == nil && d.Claims != nil {
		c := d.Claims
		u.issuer, u.sessionID = c.Issuer(), c.SessionID()
		u.hasIssuer = u.issuer != ""
		if c.Has("iat") {
			u.iat = float64(c.IssuedAt().Unix())
		}
		if c.Has("exp") {
			u.exp = float64(c.ExpiresAt().Unix())
		}
		return u, true
	}
	return peekLoosely(token)
}

// maxLoose bounds tokens that are invalid by the strict rules. Below it, encoding/json
// has no limit that JavaScript lacks.
const maxLoose = 12 << 10

func peekLoosely(token string) (u unverified, ok bool) {
	if strings.Count(token, ".") != 2 { // before a split: a cookie can be all dots
		return u, false
	}
	parts := strings.Split(token, ".")
	if len(token) > maxLoose {
		return unverified{iat: math.Inf(1), exp: math.Inf(1)}, true
	}
	var header, payload any
	if !looseJSON(parts[0], &header) || !looseJSON(parts[1], &payload) {
		return u, false
	}
	if _, ok := looseBase64(parts[2]); !ok {
		return u, false
	}
	claims, _ := payload.(map[string]any) // other JSON has no claims, but is a payload
	u.issuer, _ = claims["iss"].(string)
	u.hasIssuer = truthy(claims["iss"])
	u.sessionID, _ = claims["sid"].(string)
	u.iat, u.exp = looseNumber(claims["iat"]), looseNumber(claims["exp"])
	return u, true
}

func looseBase64(s string) ([]byte, bool) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(strings.TrimRight(s, "="))
	return b, err == nil
}

func looseJSON(s string, v any) bool {
	b, ok := looseBase64(s)
	if !ok {
		return false
	}
	text := strings.TrimPrefix(string(b), "\ufeff")
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber() // which takes 1e400 too
	return json.Valid([]byte(text)) && d.Decode(v) == nil
}

// truthy reports whether JavaScript treats the value as true.
func truthy(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case json.Number:
		return looseNumber(v) != 0
	}
	return true
}

func looseNumber(v any) float64 {
	switch v := v.(type) {
	case nil:
		return 0
	case json.Number:
		return parseNumber(string(v))
	case string:
		return parseNumber(strings.TrimSpace(v))
	case bool:
		if !v {
			return 0
		}
		return 1
	}
	return math.Inf(1)
}

func parseNumber(s string) float64 {
	n, err := strconv.ParseFloat(s, 64)
	switch {
	case s == "":
		return 0
	case err != nil && n == 0 || math.IsNaN(n):
		return math.Inf(1)
	}
	return n
}
