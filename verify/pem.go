package verify

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
)

// PEM is a key source of one public key, for verification without network. It
// answers every key id with that key.
//
// It reads what people paste: SubjectPublicKeyInfo, PKCS #1, or a certificate;
// with or without armour; on one line, with escaped line breaks (\n), in quotes,
// or as base64 of a whole PEM. What is not an RSA key of 2048 bits or more is a
// *clerk.ConfigError, which does not repeat the input.
func PEM(text string) (KeySource, error) {
	bad := func(problem string) (KeySource, error) {
		return nil, &clerk.ConfigError{Field: "JWTKey", Problem: problem}
	}
	der, problem := pemBytes(text)
	if problem != "" {
		return bad(problem)
	}
	key, problem := rsaKey(der)
	if problem != "" {
		return bad(problem)
	}
	if key.N.BitLen() < 2048 {
		return bad("is an RSA key shorter than 2048 bits")
	}
	return (*staticKey)(key), nil
}

type staticKey rsa.PublicKey

func (k *staticKey) Key(context.Context, string) (*rsa.PublicKey, error) {
	return (*rsa.PublicKey)(k), nil
}

// pemBytes finds the DER in all the forms.
func pemBytes(text string) (der []byte, problem string) {
	text = strings.NewReplacer(`\\r`, "", `\\n`, "\n", `\r`, "", `\n`, "\n", "\r", "", "\ufeff", "").Replace(text)
	text = strings.Trim(strings.TrimSpace(text), `"'`)
	if text == "" {
		return nil, "is empty"
	}
	if strings.Contains(text, "PRIVATE KEY") {
		return nil, "is a private key; the public one belongs here"
	}
	begin := strings.Index(text, "-----BEGIN")
	if begin < 0 {
		der, err := decodeBase64(text)
		if err != nil {
			return nil, "is neither a PEM nor base64"
		}
		if strings.HasPrefix(string(der), "-----BEGIN") { // base64 of a PEM
			return pemBytes(string(der))
		}
		return der, ""
	}
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return block.Bytes, ""
	}
	// The line breaks are gone: what lies between the two armour lines is the key.
	body := text[begin+len("-----BEGIN"):]
	if _, rest, ok := strings.Cut(body, "-----"); ok {
		if body, _, ok = strings.Cut(rest, "-----END"); ok {
			if der, err := decodeBase64(body); err == nil {
				return der, ""
			}
		}
	}
	return nil, "is a damaged PEM"
}

func decodeBase64(s string) ([]byte, error) {
	s = strings.Join(strings.Fields(s), "")
	s = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
	return base64.RawStdEncoding.DecodeString(s)
}

func rsaKey(der []byte) (key *rsa.PublicKey, problem string) {
	var parsed any
	if k, err := x509.ParsePKIXPublicKey(der); err == nil {
		parsed = k
	} else if k, err := x509.ParsePKCS1PublicKey(der); err == nil {
		parsed = k
	} else if cert, err := x509.ParseCertificate(der); err == nil {
		parsed = cert.PublicKey
	} else {
		return nil, "does not hold a public key"
	}
	key, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return nil, "is not an RSA key"
	}
	return key, ""
}
