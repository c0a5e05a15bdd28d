package state

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"slices"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/keys"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// TemplateSeed is what a JWT template is made of: clerktest.JWTTemplate, which says
// more of each field.
type TemplateSeed struct {
	ID         string          `json:"id,omitempty"`
	Name       string          `json:"name"`
	Claims     json.RawMessage `json:"claims,omitempty"`
	Lifetime   time.Duration   `json:"lifetime,omitempty"`
	ClockSkew  time.Duration   `json:"clock_skew,omitempty"`
	SigningKey string          `json:"signing_key,omitempty"`
}

// templateReserved are the claims that a template cannot set.
var templateReserved = []string{"azp", "exp", "iat", "iss", "jti", "nbf", "sid", "sub", "sts"}

// JWTTemplate is a record of the store.
type JWTTemplate struct {
	TemplateSeed
	Algorithm string // "" for RS256 with the instance's key, or HS256 with the SigningKey
	Created   Made
	UpdatedAt time.Time
}

// Alg is the alg of the template's tokens.
func (t *JWTTemplate) Alg() string {
	switch {
	case t.Algorithm != "":
		return t.Algorithm
	case t.SigningKey != "":
		return "HS256"
	}
	return "RS256"
}

// Key is what the template's tokens are signed with, nil for the instance's key.
func (t *JWTTemplate) Key() (any, error) {
	if t.SigningKey == "" {
		return nil, nil
	}
	if t.Alg()[0] == 'H' {
		return []byte(t.SigningKey), nil
	}
	return parsePrivateKey(t.SigningKey)
}

// parsePrivateKey reads an RSA key as people paste it: PEM, PKCS #8 or #1.
func parsePrivateKey(text string) (*rsa.PrivateKey, error) {
	bad := refusal.Param("signing_key", "form_param_value_invalid", "signing_key is not an RSA private key of at least 2048 bits in PEM")
	block, _ := pem.Decode([]byte(text))
	if block == nil || len(block.Bytes) > keys.MaxKeyBits {
		return nil, bad
	}
	if parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
		if key, ok := parsed.(*rsa.PrivateKey); ok && key.N.BitLen() >= 2048 {
			return key, nil
		}
		return nil, bad
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil || key.N.BitLen() < 2048 {
		return nil, bad
	}
	return key, nil
}

// PutTemplate adds a template, or replaces the one of its name.
func (s *Store) PutTemplate(t TemplateSeed) (TemplateSeed, error) {
	record := JWTTemplate{TemplateSeed: t}
	if err := record.Check(); err != nil {
		return t, err
	}
	return With2(s, func(tx *Tx) (TemplateSeed, error) {
		record.Created = tx.Made()
		if old := tx.Templates[t.Name]; old != nil {
			record.Created = old.Created
			if record.ID == "" {
				record.ID = old.ID
			}
		}
		if record.ID == "" {
			record.ID = tx.IDs.Next("jtmp")
		}
		record.UpdatedAt = tx.Now()
		tx.Templates[t.Name] = &record
		return record.TemplateSeed, nil
	})
}

// Check fills defaults in, and refuses what a template cannot be.
func (t *JWTTemplate) Check() error {
	if !ValidSlug(t.Name) {
		return refusal.Param("name", "form_param_format_invalid", "name "+refusal.Quoted(t.Name)+" is not letters, digits, _ or -")
	}
	if len(t.Claims) == 0 {
		t.Claims = json.RawMessage("{}")
	}
	var claims map[string]any
	if err := json.Unmarshal(t.Claims, &claims); err != nil || claims == nil {
		return refusal.Param("claims", "form_param_format_invalid", "claims is no JSON object")
	}
	for name := range claims {
		if slices.Contains(templateReserved, name) {
			return &refusal.Error{
				Kind: refusal.KindBadRequest, Code: "jwt_template_reserved_claim", Message: "reserved claim used",
				Long: "You can't use the reserved claim: '" + name + "'", Param: "claims", Meta: nil,
			}
		}
	}
	if t.Lifetime == 0 {
		t.Lifetime = time.Minute
	}
	if t.ClockSkew == 0 {
		t.ClockSkew = 5 * time.Second
	}
	if t.Lifetime < 0 || t.ClockSkew < 0 {
		return refusal.Param("lifetime", "form_param_value_invalid", "lifetime and clock skew must not be negative")
	}
	switch t.Algorithm {
	case "", "RS256", "RS384", "RS512", "HS256", "HS384", "HS512":
	default:
		return refusal.Param("signing_algorithm", "form_param_value_invalid",
			"signing_algorithm is none of RS256, RS384, RS512, HS256, HS384 and HS512, which the emulator has")
	}
	_, err := t.Key()
	return err
}

func DecodeJSON(raw json.RawMessage) any {
	var v any
	_ = json.Unmarshal(raw, &v) // null for what is empty; the store holds only JSON
	return v
}
