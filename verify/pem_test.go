package verify_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

func armour(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// certificate returns a certificate of the instance's key that is valid until tomorrow
// and may sign.
func certificate(change func(*x509.Certificate)) []byte {
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "x"}, KeyUsage: x509.KeyUsageDigitalSignature,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	change(c)
	return must(x509.CreateCertificate(rand.Reader, c, &x509.Certificate{SerialNumber: big.NewInt(1)}, &instanceKey().PublicKey, instanceKey()))
}

// pemForms are the forms in which users paste the key.
func pemForms() map[string]string {
	pub := &instanceKey().PublicKey
	spki := must(x509.MarshalPKIXPublicKey(pub))
	cert := certificate(func(c *x509.Certificate) {})
	text := armour("PUBLIC KEY", spki)
	bare := base64.StdEncoding.EncodeToString(spki)
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return map[string]string{
		"PEM":                         text,
		"PKCS #1":                     armour("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(pub)),
		"certificate":                 armour("CERTIFICATE", cert),
		"PKCS #1 under a wrong name":  armour("PUBLIC KEY", x509.MarshalPKCS1PublicKey(pub)),
		"no newline at the end":       strings.TrimSpace(text),
		"white space around":          "\n\n  \t" + text + "  \r\n",
		"CRLF":                        strings.ReplaceAll(text, "\n", "\r\n"),
		"CR":                          strings.ReplaceAll(text, "\n", "\r"),
		"escaped newlines":            strings.ReplaceAll(text, "\n", `\n`),
		"escaped CRLF":                strings.ReplaceAll(text, "\n", `\r\n`),
		"escaped twice":               strings.ReplaceAll(text, "\n", `\\n`),
		"one line, spaces":            strings.Join(lines, " "),
		"one line, nothing":           strings.Join(lines, ""),
		"armour without line breaks":  lines[0] + strings.Join(lines[1:len(lines)-1], "\n") + lines[len(lines)-1],
		"indented":                    "  " + strings.Join(lines, "\n  "),
		"in double quotes":            `"` + text + `"`,
		"in single quotes":            "'" + strings.TrimSpace(text) + "'",
		"in quotes, escaped":          `"` + strings.ReplaceAll(text, "\n", `\n`) + `"`,
		"BOM before":                  "\ufeff" + text,
		"BOM before bare base64":      "\ufeff" + bare,
		"bare base64":                 bare,
		"bare base64, unpadded":       strings.TrimRight(bare, "="),
		"bare base64, URL alphabet":   base64.RawURLEncoding.EncodeToString(spki),
		"bare base64, lines":          strings.Join(lines[1:len(lines)-1], "\n"),
		"bare base64, escaped lines":  strings.Join(lines[1:len(lines)-1], `\n`),
		"base64 of the PEM":           base64.StdEncoding.EncodeToString([]byte(text)),
		"base64 of the PEM, unpadded": base64.RawStdEncoding.EncodeToString([]byte(text)),
		"base64 of the PEM, URL":      base64.URLEncoding.EncodeToString([]byte(text)),
		"base64 of the PEM, in lines": wrap(base64.StdEncoding.EncodeToString([]byte(text))),
		"base64 of the escaped PEM":   base64.StdEncoding.EncodeToString([]byte(strings.ReplaceAll(text, "\n", `\n`))),
		"words before":                "here is the key:\n" + text,
		"words after":                 text + "that was it\n",
		"name of the variable before": "CLERK_JWT_KEY=" + text,
	}
}

func wrap(s string) string {
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + "\n")
		s = s[76:]
	}
	return b.String() + s
}

func TestPEM(t *testing.T) {
	for name, text := range pemForms() {
		t.Run(name, func(t *testing.T) {
			keys, err := verify.PEM(text)
			if err != nil {
				t.Fatal(err)
			}
			for _, kid := range []string{"", "ins_1", "anything"} {
				key, err := keys.Key(t.Context(), kid)
				if err != nil || !key.Equal(&instanceKey().PublicKey) {
					t.Errorf("kid %q: %v, %v", kid, key, err)
				}
			}
			v := newVerifier(t, func(c *verify.Config) { c.Keys = keys })
			if _, err := v.Verify(t.Context(), good()); err != nil {
				t.Error(err)
			}
			if _, err := v.Verify(t.Context(), sign(foreignKey(), header(nil).String(), session(nil).String())); !errors.Is(err, verify.ErrInvalidSignature) {
				t.Errorf("foreign key: %v", err)
			}
		})
	}
	if _, err := verify.PEM(armour("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), 4095, 1), E: 65537})))); err != nil {
		t.Errorf("4096 bits: %v", err)
	}
}

func TestPEMRefuses(t *testing.T) {
	pub := &instanceKey().PublicKey
	spki := must(x509.MarshalPKIXPublicKey(pub))
	text := armour("PUBLIC KEY", spki)
	pkcs8 := must(x509.MarshalPKCS8PrivateKey(instanceKey()))
	edPub, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ec := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	for name, text := range map[string]string{
		"empty":                         "",
		"white space":                   " \n\t ",
		"quotes":                        `""`,
		"escaped newline":               `\n`,
		"words":                         "not a key",
		"base64 of words":               base64.StdEncoding.EncodeToString([]byte("not a key")),
		"cut":                           text[:len(text)/2],
		"bare and cut":                  base64.StdEncoding.EncodeToString(spki[:100]),
		"a byte more":                   base64.StdEncoding.EncodeToString(append(spki[:len(spki):len(spki)], 0)),
		"only armour":                   "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
		"only the first line":           "-----BEGIN PUBLIC KEY-----",
		"only BEGIN":                    "-----BEGIN",
		"letters that base64 lacks":     strings.Replace(text, "A", "!", 1),
		"private key":                   armour("PRIVATE KEY", pkcs8),
		"private key, PKCS #1":          armour("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(instanceKey())),
		"private key, base64":           base64.StdEncoding.EncodeToString([]byte(armour("PRIVATE KEY", pkcs8))),
		"private key, bare":             base64.StdEncoding.EncodeToString(pkcs8),
		"private key as public":         armour("PUBLIC KEY", pkcs8),
		"private key after the public":  text + armour("PRIVATE KEY", pkcs8),
		"1024 bits":                     armour("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(&smallKey().PublicKey))),
		"2047 bits":                     armour("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), 2046, 1), E: 65537}))),
		"P-256":                         armour("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(&ec.PublicKey))),
		"Ed25519":                       armour("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(edPub))),
		"a secret key":                  "sk_live_SuperSecret",
		"a publishable key":             "pk_live_SuperSecret",
		"a URL":                         "https://clerk.example.com/.well-known/jwks.json?SuperSecret",
		"a key set":                     `{"keys":[{"kty":"RSA","kid":"SuperSecret"}]}`,
		"a second key after it":         text + armour("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(&foreignKey().PublicKey))),
		"a second key, escaped":         strings.ReplaceAll(text+text, "\n", `\n`),
		"a second key, base64":          base64.StdEncoding.EncodeToString([]byte(text + text)),
		"a certificate after the key":   text + armour("CERTIFICATE", certificate(func(*x509.Certificate) {})),
		"a JWK":                         `{"kty":"RSA","n":"x","e":"AQAB"}`,
		"PEM of a PEM":                  armour("PUBLIC KEY", []byte(text)),
		"base64 of base64 of the PEM":   base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(text)))),
		"NUL":                           text[:40] + "\x00" + text[41:],
		"a token":                       good(),
		"megabytes of letters":          strings.Repeat("A", 4<<20),
		"megabytes of armour":           strings.Repeat("-----BEGIN PUBLIC KEY-----\n", 1<<16),
		"two armours and nothing in it": "-----BEGIN PUBLIC KEY----------BEGIN PUBLIC KEY----------END PUBLIC KEY-----",
	} {
		t.Run(name, func(t *testing.T) {
			keys, err := verify.PEM(text)
			var ce *clerk.ConfigError
			if !errors.As(err, &ce) || ce.Field != "JWTKey" || ce.Problem == "" || keys != nil {
				t.Fatalf("%v, %v", keys, err)
			}
			if len(err.Error()) > 160 || strings.Contains(err.Error(), "SuperSecret") || len(text) > 30 && strings.Contains(err.Error(), text[:30]) {
				t.Errorf("the error repeats the input: %v", err)
			}
		})
	}
}

// FuzzPEM checks that PEM never panics and returns only keys that are long enough.
func FuzzPEM(f *testing.F) {
	for _, text := range pemForms() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := verify.PEM(text)
		if err != nil {
			var ce *clerk.ConfigError
			if !errors.As(err, &ce) || keys != nil {
				t.Fatalf("%v, %v", keys, err)
			}
			return
		}
		if key, err := keys.Key(t.Context(), ""); err != nil || key.N.BitLen() < 2048 {
			t.Errorf("%v, %v", key, err)
		}
	})
}

func examplePEM() string {
	return armour("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(&instanceKey().PublicKey)))
}
