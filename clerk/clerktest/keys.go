package clerktest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	_ "embed" // for the published key
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"sync"
)

// publishedKey is in the repository, so it proves nothing: package verify refuses
// it unless InsecureEmulator is set.
//
//go:embed emulator_key.pem
var publishedKey []byte

// signingKey is one key of the instance with its id.
type signingKey struct {
	id      string
	private *rsa.PrivateKey
}

// keyRing holds the key that signs, first, and those published besides.
type keyRing struct {
	mu   sync.RWMutex
	keys []signingKey
}

// newSigningKey gives a key an id that depends on nothing but the key.
func newSigningKey(private *rsa.PrivateKey) signingKey {
	sum := sha256.Sum256(private.N.Bytes())
	n := new(big.Int).SetBytes(sum[:])
	id := []byte("ins_")
	for range 27 {
		var digit big.Int
		n.DivMod(n, big.NewInt(62), &digit)
		id = append(id, base62[digit.Int64()])
	}
	return signingKey{string(id), private}
}

func newKeyRing(cfg *Config) (*keyRing, error) {
	private := cfg.SigningKey
	var err error
	switch {
	case private != nil:
	case cfg.GenerateKey:
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	default:
		private, err = parsePublishedKey()
	}
	if err != nil {
		return nil, fmt.Errorf("clerktest: signing key: %w", err)
	}
	return &keyRing{keys: []signingKey{newSigningKey(private)}}, nil
}

func parsePublishedKey() (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(publishedKey)
	if block == nil {
		return nil, errors.New("emulator_key.pem is no PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	private, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("emulator_key.pem is not an RSA key")
	}
	return private, nil
}

// current returns the key that signs.
func (k *keyRing) current() signingKey {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.keys[0]
}

func (k *keyRing) rotate(next signingKey, keepOld bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	keys := []signingKey{next}
	if keepOld {
		keys = append(keys, k.keys...)
	}
	keys = keys[:min(len(keys), maxSnapshotKeys)]
	k.keys = keys
}

// all returns the key that signs, and those published besides.
func (k *keyRing) all() []signingKey {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return slices.Clone(k.keys)
}

func (k *keyRing) replace(keys []signingKey) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys = keys
}

// RotateOption changes what [Emulator.RotateKeys] does.
type RotateOption int

// KeepOld leaves the old keys published, so that tokens signed with them stay
// valid until they expire.
const KeepOld RotateOption = 1

// RotateKeys makes a new signing key, which takes about 70 ms, and returns its
// id, the kid of new tokens. The old keys are no longer published, so tokens
// that they signed are invalid for everyone who fetches the keys again; with
// [KeepOld] they stay.
func (e *Emulator) RotateKeys(opts ...RotateOption) string {
	e.helper()
	keep := false
	for _, o := range opts {
		keep = keep || o == KeepOld
	}
	kid, err := e.rotateKeys(keep)
	if err != nil {
		e.fail("rotate keys: %v", err)
	}
	return kid
}

func (e *Emulator) rotateKeys(keepOld bool) (kid string, err error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return "", err
	}
	next := newSigningKey(private)
	e.keys.rotate(next, keepOld)
	return next.id, nil
}

// KeyID returns the kid of the current signing key.
func (e *Emulator) KeyID() string { return e.keys.current().id }

// JWTKey returns the current public key as PEM, for [clerk.Config].JWTKey.
func (e *Emulator) JWTKey() string {
	der, err := x509.MarshalPKIXPublicKey(&e.keys.current().private.PublicKey)
	if err != nil {
		e.fail("public key: %v", err) // an RSA key can always be written
		return ""
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// jwk is a public RSA key (RFC 7517, RFC 7518 section 6.3.1).
type jwk struct {
	Use string `json:"use"`
	Kty string `json:"kty"`
	Kid string `json:"kid"`
	Alg string `json:"alg"`
	N   string `json:"n"`
	E   string `json:"e"`
}

// set returns the published keys as the JSON of a JWK set.
func (k *keyRing) set() map[string][]jwk {
	k.mu.RLock()
	defer k.mu.RUnlock()
	keys := make([]jwk, len(k.keys))
	for i, key := range k.keys {
		public := key.private.PublicKey
		keys[i] = jwk{
			Use: "sig", Kty: "RSA", Kid: key.id, Alg: "RS256",
			N: base64.RawURLEncoding.EncodeToString(public.N.Bytes()),
			E: base64.RawURLEncoding.EncodeToString(big.NewInt(int64(public.E)).Bytes()),
		}
	}
	return map[string][]jwk{"keys": keys}
}

// published returns the public key with the id, nil if it is not published.
func (k *keyRing) published(id string) *rsa.PublicKey {
	k.mu.RLock()
	defer k.mu.RUnlock()
	for _, key := range k.keys {
		if key.id == id {
			return &key.private.PublicKey
		}
	}
	return nil
}
