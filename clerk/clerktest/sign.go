package clerktest

import (
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	_ "crypto/sha256" // for crypto.SHA256
	_ "crypto/sha512" // for crypto.SHA384 and crypto.SHA512
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
)

// Categories of Clerk's JWTs, the cat of their header.
const (
	CategorySession  = "cl_B7d4PD111AAA" // session and handshake tokens
	CategoryTemplate = "cl_B7d4PD222AAA" // tokens of a JWT template
	CategoryM2M      = "cl_B7d4PD333AAA" // machine-to-machine tokens
)

// Sign signs anything with the current key: the hostile tokens of a test.
//
// header is laid over alg RS256, typ JWT, cat of a session token and the current
// kid; a nil value removes an entry. The signature is made by RS256 whatever alg
// says, for everything else see [Emulator.SignWith]. claims is the payload: a
// []byte or string as it is, well-formed or not, anything else as JSON.
// [Session.Claims] gives claims to start from.
func (e *Emulator) Sign(header map[string]any, claims any) string {
	e.helper()
	key := e.keys.current()
	token, err := signRS256(key.private, tokenHeader(key.id, header), claims)
	if err != nil {
		e.fail("sign: %v", err)
	}
	return token
}

// SignWith is [Emulator.Sign] with another key, by default under the kid of the
// current one. An *rsa.PrivateKey signs by the header's alg (RS256, RS384,
// RS512), a []byte is the secret of an HMAC (HS256, HS384, HS512), and nil
// leaves the signature empty.
func (e *Emulator) SignWith(key any, header map[string]any, claims any) string {
	e.helper()
	token, err := signWith(key, tokenHeader(e.keys.current().id, header), claims)
	if err != nil {
		e.fail("sign: %v", err)
	}
	return token
}

func tokenHeader(kid string, over map[string]any) map[string]any {
	header := map[string]any{"alg": "RS256", "cat": CategorySession, "kid": kid, "typ": "JWT"}
	maps.Copy(header, over)
	maps.DeleteFunc(header, func(_ string, v any) bool { return v == nil })
	return header
}

func signRS256(key *rsa.PrivateKey, header map[string]any, claims any) (string, error) {
	return sign(header, claims, func(input []byte) ([]byte, error) {
		return rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest(crypto.SHA256, input))
	})
}

func signWith(key any, header map[string]any, claims any) (string, error) {
	alg, _ := header["alg"].(string)
	hash := map[string]crypto.Hash{
		"RS256": crypto.SHA256, "RS384": crypto.SHA384, "RS512": crypto.SHA512,
		"HS256": crypto.SHA256, "HS384": crypto.SHA384, "HS512": crypto.SHA512,
	}[alg]
	return sign(header, claims, func(input []byte) ([]byte, error) {
		switch key := key.(type) {
		case nil:
			return nil, nil
		case *rsa.PrivateKey:
			if hash != 0 && alg[0] == 'R' {
				return rsa.SignPKCS1v15(nil, key, hash, digest(hash, input))
			}
		case []byte:
			if hash != 0 && alg[0] == 'H' {
				mac := hmac.New(hash.New, key)
				mac.Write(input)
				return mac.Sum(nil), nil
			}
		}
		return nil, fmt.Errorf("a %T does not sign with alg %q", key, alg)
	})
}

func digest(hash crypto.Hash, input []byte) []byte {
	h := hash.New()
	h.Write(input)
	return h.Sum(nil)
}

// sign makes a compact JWS (RFC 7515 section 7.1).
func sign(header map[string]any, claims any, signature func(input []byte) ([]byte, error)) (string, error) {
	h, err := json.Marshal(header)
	if err != nil {
		return "", fmt.Errorf("header: %w", err)
	}
	var payload []byte
	switch c := claims.(type) {
	case []byte:
		payload = c
	case string:
		payload = []byte(c)
	default:
		if payload, err = json.Marshal(c); err != nil {
			return "", fmt.Errorf("claims: %w", err)
		}
	}
	enc := base64.RawURLEncoding
	token := make([]byte, 0, enc.EncodedLen(len(h))+enc.EncodedLen(len(payload))+512)
	token = enc.AppendEncode(token, h)
	token = append(token, '.')
	token = enc.AppendEncode(token, payload)
	sig, err := signature(token)
	if err != nil {
		return "", err
	}
	token = append(token, '.')
	return string(enc.AppendEncode(token, sig)), nil
}
