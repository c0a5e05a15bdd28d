package keys

import (
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
)

// categorySession is the cat of session tokens.
const categorySession = "cl_B7d4PD111AAA"

// Header is the header of a session token with what is laid over it; a nil
// value removes an entry.
func Header(kid string, over map[string]any) map[string]any {
	header := map[string]any{"alg": "RS256", "cat": categorySession, "kid": kid, "typ": "JWT"}
	maps.Copy(header, over)
	maps.DeleteFunc(header, func(_ string, v any) bool { return v == nil })
	return header
}

// SignRS256 signs claims, anything that [SignWith] takes.
func SignRS256(key *rsa.PrivateKey, header map[string]any, claims any) (string, error) {
	return sign(header, claims, func(input []byte) ([]byte, error) {
		return rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest(crypto.SHA256, input))
	})
}

// SignWith signs with an *rsa.PrivateKey, a []byte as the secret of an HMAC, or nil
// for an empty signature, by the alg of the header. The claims are a []byte or
// string as they are, or anything else as JSON.
func SignWith(key any, header map[string]any, claims any) (string, error) {
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

// Categories of Clerk's JWTs, the cat of their header.
const (
	CategorySession  = categorySession
	CategoryTemplate = "cl_B7d4PD222AAA"
	CategoryM2M      = "cl_B7d4PD333AAA"
)
