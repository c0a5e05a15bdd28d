package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/keys"
)

// Categories of Clerk's JWTs, the cat of their header.
const (
	CategorySession  = "cl_B7d4PD111AAA" // session and handshake tokens
	CategoryTemplate = "cl_B7d4PD222AAA" // tokens of a JWT template
	CategoryM2M      = "cl_B7d4PD333AAA" // machine-to-machine tokens
)

// Sign signs any header and claims with the current key, for example to make hostile
// tokens in a test.
//
// header overrides alg RS256, typ JWT, the cat of a session token and the current kid;
// a nil value removes an entry. The signature is RS256 regardless of alg;
// [Emulator.SignWith] makes others. claims is the payload: a []byte or string is used
// unchanged, well-formed or not; any other value is encoded as JSON. [Session.Claims]
// returns claims to start from.
func (e *Emulator) Sign(header map[string]any, claims any) string {
	e.helper()
	key := e.server.Keys.Current()
	token, err := keys.SignRS256(key.Private, keys.Header(key.ID, header), claims)
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
	token, err := keys.SignWith(key, keys.Header(e.server.Keys.Current().ID, header), claims)
	if err != nil {
		e.fail("sign: %v", err)
	}
	return token
}
