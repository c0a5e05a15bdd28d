package clerktest

import (
	"crypto/x509"
	"encoding/pem"
)

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
	kid, err := e.server.Keys.Rotate(keep)
	if err != nil {
		e.fail("rotate keys: %v", err)
	}
	return kid
}

// KeyID returns the kid of the current signing key.
func (e *Emulator) KeyID() string { return e.server.Keys.Current().ID }

// JWTKey returns the current public key as PEM, for [clerk.Config].JWTKey.
func (e *Emulator) JWTKey() string {
	der, err := x509.MarshalPKIXPublicKey(&e.server.Keys.Current().Private.PublicKey)
	if err != nil {
		e.fail("public key: %v", err) // an RSA key can always be written
		return ""
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}
