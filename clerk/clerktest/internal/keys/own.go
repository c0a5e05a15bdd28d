package keys

import (
	"crypto"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// Token is what the emulator reads of a JWT that it signed.
type Token struct {
	Cat, Type string `json:"-"` // of the header
	Subject   string `json:"sub"`
	SessionID string `json:"sid"`
	ID        string `json:"jti"`
	IssuedAt  int64  `json:"iat"`
	Exp       int64  `json:"exp"`
	Payload   []byte `json:"-"`
}

// Own reads a token if a published key signed it, however long ago.
func (k *Ring) Own(token string) (jwt Token, ok bool) {
	input, sig64, ok := CutLast(token, ".")
	header64, payload64, ok2 := strings.Cut(input, ".")
	if !ok || !ok2 {
		return jwt, false
	}
	enc := base64.RawURLEncoding
	header, err1 := enc.DecodeString(header64)
	payload, err2 := enc.DecodeString(payload64)
	sig, err3 := enc.DecodeString(sig64)
	var h struct{ Alg, Kid, Cat, Typ string }
	if err1 != nil || err2 != nil || err3 != nil || json.Unmarshal(header, &h) != nil || h.Alg != "RS256" || json.Unmarshal(payload, &jwt) != nil {
		return Token{}, false
	}
	jwt.Cat, jwt.Type, jwt.Payload = h.Cat, h.Typ, payload
	key := k.published(h.Kid)
	if key == nil || rsa.VerifyPKCS1v15(key, crypto.SHA256, digest(crypto.SHA256, []byte(input)), sig) != nil {
		return Token{}, false
	}
	return jwt, true
}

// CutLast is strings.Cut at the last separator.
func CutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return "", "", false
	}
	return s[:i], s[i+len(sep):], true
}
