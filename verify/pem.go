package verify

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// PEM returns a key source with one public key, to verify without network access. It
// returns that key for every key id.
//
// text can be a SubjectPublicKeyInfo, PKCS #1 or a certificate, with or without the
// BEGIN and END lines, on one line, with escaped line breaks (\n), in quotes, or the
// base64 of a whole PEM. If it is not one RSA key of at least 2048 bits, the error is a
// *clerk.ConfigError, which does not repeat text.
//
// A certificate must be inside its validity period and have digitalSignature in its key
// usage (RFC 5280 sections 4.1.2.5 and 4.2.1.3). Nothing else in it is checked. The
// period is compared with time.Now in PEM and on each use of the key. Once the
// certificate has expired, every token is refused.
func PEM(text string) (KeySource, error) {
	bad := func(problem string) (KeySource, error) {
		return nil, &clerk.ConfigError{Field: "JWTKey", Problem: problem}
	}
	der, problem := pemBytes(text)
	if problem != "" {
		return bad(problem)
	}
	key, cert, problem := rsaKey(der)
	if problem == "" && key.N.BitLen() < 2048 {
		problem = "is an RSA key shorter than 2048 bits"
	}
	if problem == "" && cert != nil {
		problem = certificateProblem(cert, time.Now())
	}
	switch {
	case problem != "":
		return bad(problem)
	case cert != nil:
		return &certifiedKey{key, cert}, nil
	}
	return (*staticKey)(key), nil
}

type staticKey rsa.PublicKey

func (k *staticKey) Key(context.Context, string) (*rsa.PublicKey, error) {
	return (*rsa.PublicKey)(k), nil
}

// certifiedKey is the key of a certificate, usable during its validity period.
type certifiedKey struct {
	key  *rsa.PublicKey
	cert *x509.Certificate
}

func (k *certifiedKey) Key(context.Context, string) (*rsa.PublicKey, error) {
	if problem := certificateProblem(k.cert, time.Now()); problem != "" {
		return nil, fmt.Errorf("%w: JWTKey (CLERK_JWT_KEY) %s", clerk.ErrKeyUnknown, problem)
	}
	return k.key, nil
}

func certificateProblem(cert *x509.Certificate, now time.Time) string {
	switch {
	case now.Before(cert.NotBefore):
		return "is a certificate that is not valid before " + cert.NotBefore.UTC().Format(time.RFC3339)
	case now.After(cert.NotAfter):
		return "is a certificate that expired at " + cert.NotAfter.UTC().Format(time.RFC3339)
	case cert.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		return "is a certificate whose key usage lacks digital signature"
	}
	return ""
}

// pemBytes returns the DER from any accepted form of text.
func pemBytes(text string) (der []byte, problem string) {
	text = strings.NewReplacer(`\\r`, "", `\\n`, "\n", `\r`, "", `\n`, "\n", "\r", "", "\ufeff", "").Replace(text)
	text = strings.Trim(strings.TrimSpace(text), `"'`)
	if text == "" {
		return nil, "is empty"
	}
	if strings.Contains(text, "PRIVATE KEY") {
		return nil, "is a private key; set the public key instead"
	}
	switch {
	case strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://"):
		return nil, "is a URL; set the PEM public key (Clerk Dashboard, API keys, JWKS Public Key)"
	case strings.HasPrefix(text, "{") || strings.HasPrefix(text, "["):
		return nil, "is JSON, perhaps a key set; set the PEM public key (Clerk Dashboard, API keys, JWKS Public Key)"
	case strings.HasPrefix(text, "sk_") || strings.HasPrefix(text, "pk_") || strings.HasPrefix(text, "whsec_"):
		return nil, "is another kind of key; set the PEM public key (Clerk Dashboard, API keys, JWKS Public Key)"
	case strings.Count(text, "-----BEGIN") > 1 || strings.Count(text, "-----END") > 1:
		return nil, "has more than one PEM block; keep only the public key of the instance"
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
	// The line breaks are lost, so take the text between the BEGIN and END lines.
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

// rsaKey parses a key. cert is the certificate that holds it, or nil.
func rsaKey(der []byte) (key *rsa.PublicKey, cert *x509.Certificate, problem string) {
	var parsed any
	if k, err := x509.ParsePKIXPublicKey(der); err == nil {
		parsed = k
	} else if k, err := x509.ParsePKCS1PublicKey(der); err == nil {
		parsed = k
	} else if c, err := x509.ParseCertificate(der); err == nil {
		parsed, cert = c.PublicKey, c
	} else {
		return nil, nil, "does not contain a public key"
	}
	key, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return nil, nil, "is not an RSA key"
	}
	return key, cert, ""
}
