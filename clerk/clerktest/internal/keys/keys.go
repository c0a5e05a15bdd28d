// Package keys holds the keys that sign tokens, and signs and reads tokens.
package keys

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	_ "embed"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"sync"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/ids"
)

// publishedKey is in the repository, so it proves nothing: package verify refuses
// it unless InsecureEmulator is set.
//
//go:embed emulator_key.pem
var publishedKey []byte

// Key is one key of the instance with its id.
type Key struct {
	ID      string
	Private *rsa.PrivateKey
}

// Ring holds the key that signs, first, and those published besides.
type Ring struct {
	mu   sync.RWMutex
	keys []Key
}

// NewKey gives a key an id that depends on nothing but the key.
func NewKey(private *rsa.PrivateKey) Key {
	sum := sha256.Sum256(private.N.Bytes())
	n := new(big.Int).SetBytes(sum[:])
	id := []byte("ins_")
	for range 27 {
		var digit big.Int
		n.DivMod(n, big.NewInt(62), &digit)
		id = append(id, ids.Base62[digit.Int64()])
	}
	return Key{string(id), private}
}

// NewRing begins with the private key, a new one, or for nil the published one.
func NewRing(private *rsa.PrivateKey, generate bool) (*Ring, error) {
	var err error
	switch {
	case private != nil:
	case generate:
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	default:
		private, err = ParsePublishedKey()
	}
	if err != nil {
		return nil, fmt.Errorf("clerktest: signing key: %w", err)
	}
	return &Ring{keys: []Key{NewKey(private)}}, nil
}

// ParsePublishedKey returns the key that is in the repository.
func ParsePublishedKey() (*rsa.PrivateKey, error) {
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

// Current returns the key that signs.
func (k *Ring) Current() Key {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.keys[0]
}

// Rotate lets a new key sign, and returns its id. The others stay published if
// keepOld says so.
func (k *Ring) Rotate(keepOld bool) (kid string, err error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return "", err
	}
	next := NewKey(private)
	k.mu.Lock()
	defer k.mu.Unlock()
	keys := []Key{next}
	if keepOld {
		keys = append(keys, k.keys...)
	}
	k.keys = keys[:min(len(keys), maxKeys)]
	return next.ID, nil
}

// All returns the key that signs, and those published besides.
func (k *Ring) All() []Key {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return slices.Clone(k.keys)
}

// Replace lets other keys take the place of all.
func (k *Ring) Replace(keys []Key) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys = keys
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

// JWKS returns the published keys as the JSON of a JWK set.
func (k *Ring) JWKS() map[string][]jwk {
	k.mu.RLock()
	defer k.mu.RUnlock()
	keys := make([]jwk, len(k.keys))
	for i, key := range k.keys {
		public := key.Private.PublicKey
		keys[i] = jwk{
			Use: "sig", Kty: "RSA", Kid: key.ID, Alg: "RS256",
			N: base64.RawURLEncoding.EncodeToString(public.N.Bytes()),
			E: base64.RawURLEncoding.EncodeToString(big.NewInt(int64(public.E)).Bytes()),
		}
	}
	return map[string][]jwk{"keys": keys}
}

// published returns the public key with the id, nil if it is not published.
func (k *Ring) published(id string) *rsa.PublicKey {
	k.mu.RLock()
	defer k.mu.RUnlock()
	for _, key := range k.keys {
		if key.ID == id {
			return &key.Private.PublicKey
		}
	}
	return nil
}

// Bounds of the keys of a snapshot.
const (
	maxKeys    = 64
	MaxKeyBits = 8192
)

// Marshal returns the keys as PKCS #8, the one that signs first.
func (k *Ring) Marshal() (list [][]byte, err error) {
	for _, key := range k.All() {
		der, err := x509.MarshalPKCS8PrivateKey(key.Private)
		if err != nil {
			return nil, err
		}
		list = append(list, der)
	}
	return list, nil
}

// Parse reads what marshal wrote.
func Parse(list [][]byte) ([]Key, error) {
	if len(list) == 0 || len(list) > maxKeys {
		return nil, fmt.Errorf("it has %d keys, which must be 1 to %d", len(list), maxKeys)
	}
	keys := make([]Key, len(list))
	for i, der := range list {
		if len(der) > MaxKeyBits { // bytes: twice what such a key needs
			return nil, fmt.Errorf("keys[%d] is too long", i)
		}
		key, err := x509.ParsePKCS8PrivateKey(der)
		if err != nil {
			return nil, fmt.Errorf("keys[%d] is not a private key in PKCS #8", i)
		}
		private, ok := key.(*rsa.PrivateKey)
		if !ok || private.N.BitLen() < 2048 || private.N.BitLen() > MaxKeyBits {
			return nil, fmt.Errorf("keys[%d] is not an RSA key of 2048 to %d bits", i, MaxKeyBits)
		}
		if err := private.Validate(); err != nil {
			return nil, fmt.Errorf("keys[%d] is not a good RSA key", i)
		}
		keys[i] = NewKey(private)
	}
	return keys, nil
}
