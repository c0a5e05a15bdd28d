package clerktest

import (
	"encoding/json"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// JWTTemplate describes the tokens of getToken({template}).
type JWTTemplate struct {
	// ID pins the id, jtmp_…. Empty means a new one.
	ID string `json:"id,omitempty"`
	// Name is what applications call it: letters, digits, _ and -.
	Name string `json:"name"`
	// Claims are added to Clerk's own (azp, exp, iat, iss, jti, nbf, sub), as JSON
	// object. Strings may hold shortcodes like {{user.primary_email_address}},
	// {{org.id}} or {{user.public_metadata.plan}}; one that is a shortcode alone
	// becomes a value of any type.
	Claims json.RawMessage `json:"claims,omitempty"`
	// Lifetime is how long a token lives, 60 seconds if zero.
	Lifetime time.Duration `json:"lifetime,omitempty"`
	// ClockSkew is how long before iat a token is good, 5 seconds if zero.
	ClockSkew time.Duration `json:"clock_skew,omitempty"`
	// SigningKey is a secret of the application, by which tokens are signed with
	// HS256. Empty means the instance's key and RS256.
	SigningKey string `json:"signing_key,omitempty"`
}

// AddJWTTemplate adds a JWT template, or replaces the one of its name.
func (e *Emulator) AddJWTTemplate(t JWTTemplate) JWTTemplate {
	e.helper()
	added, err := e.server.Store.PutTemplate(state.TemplateSeed(t))
	if err != nil {
		e.fail("AddJWTTemplate: %v", err)
	}
	return JWTTemplate(added)
}
