package clerktest

import (
	"cmp"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
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

// templateReserved are the claims that a template cannot set.
var templateReserved = []string{"azp", "exp", "iat", "iss", "jti", "nbf", "sid", "sub", "sts"}

// AddJWTTemplate adds a JWT template, or replaces the one of its name.
func (e *Emulator) AddJWTTemplate(t JWTTemplate) JWTTemplate {
	e.helper()
	added, err := e.store.putTemplate(t)
	if err != nil {
		e.fail("AddJWTTemplate: %v", err)
	}
	return added
}

// jwtTemplate is a record of the store.
type jwtTemplate struct {
	JWTTemplate
	Algorithm string // "" for RS256 with the instance's key, or HS256 with the SigningKey
	Created   made
	UpdatedAt time.Time
}

// algorithm is the alg of the template's tokens.
func (t *jwtTemplate) algorithm() string {
	switch {
	case t.Algorithm != "":
		return t.Algorithm
	case t.SigningKey != "":
		return "HS256"
	}
	return "RS256"
}

// key is what the template's tokens are signed with, nil for the instance's key.
func (t *jwtTemplate) key() (any, error) {
	if t.SigningKey == "" {
		return nil, nil
	}
	if t.algorithm()[0] == 'H' {
		return []byte(t.SigningKey), nil
	}
	return parsePrivateKey(t.SigningKey)
}

// parsePrivateKey reads an RSA key as people paste it: PEM, PKCS #8 or #1.
func parsePrivateKey(text string) (*rsa.PrivateKey, error) {
	bad := errParam("signing_key", "form_param_value_invalid", "signing_key is not an RSA private key of at least 2048 bits in PEM")
	block, _ := pem.Decode([]byte(text))
	if block == nil || len(block.Bytes) > maxKeyBits {
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

// putTemplate adds a template, or replaces the one of its name.
func (s *store) putTemplate(t JWTTemplate) (JWTTemplate, error) {
	record := jwtTemplate{JWTTemplate: t}
	if err := record.check(); err != nil {
		return t, err
	}
	return with2(s, func(tx *stateTx) (JWTTemplate, error) {
		record.Created = tx.made()
		if old := tx.Templates[t.Name]; old != nil {
			record.Created = old.Created
			if record.ID == "" {
				record.ID = old.ID
			}
		}
		if record.ID == "" {
			record.ID = tx.ids.next("jtmp")
		}
		record.UpdatedAt = tx.now()
		tx.Templates[t.Name] = &record
		return record.JWTTemplate, nil
	})
}

// check fills defaults in, and refuses what a template cannot be.
func (t *jwtTemplate) check() error {
	if !validSlug(t.Name) {
		return errParam("name", "form_param_format_invalid", "name "+quoted(t.Name)+" is not letters, digits, _ or -")
	}
	if len(t.Claims) == 0 {
		t.Claims = json.RawMessage("{}")
	}
	var claims map[string]any
	if err := json.Unmarshal(t.Claims, &claims); err != nil || claims == nil {
		return errParam("claims", "form_param_format_invalid", "claims is no JSON object")
	}
	for name := range claims {
		if slices.Contains(templateReserved, name) {
			return &apiError{
				http.StatusBadRequest, "jwt_template_reserved_claim", "reserved claim used",
				"You can't use the reserved claim: '" + name + "'", "claims", nil,
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
		return errParam("lifetime", "form_param_value_invalid", "lifetime and clock skew must not be negative")
	}
	switch t.Algorithm {
	case "", "RS256", "RS384", "RS512", "HS256", "HS384", "HS512":
	default:
		return errParam("signing_algorithm", "form_param_value_invalid",
			"signing_algorithm is none of RS256, RS384, RS512, HS256, HS384 and HS512, which the emulator has")
	}
	_, err := t.key()
	return err
}

// templateToken makes a token of a template for a session, which lives as long as
// the template says unless lifetime is set.
func (e *Emulator) templateToken(sessionID, name, origin string, lifetime time.Duration) (string, error) {
	state, err := e.store.tokenState(sessionID, nil)
	if err != nil {
		return "", err
	}
	var t *jwtTemplate
	e.store.View(func(tx *stateTx) {
		t = tx.Templates[name]
	})
	if t == nil {
		return "", errNotFound("JWT template " + quoted(name))
	}
	var claims map[string]any
	if err := json.Unmarshal(t.Claims, &claims); err != nil {
		return "", err // putTemplate let it pass
	}
	if claims == nil {
		claims = map[string]any{}
	}
	values := e.shortcodes(&state)
	for k, v := range claims {
		claims[k] = expand(v, values)
	}
	now := e.Now()
	claims["iss"], claims["sub"], claims["jti"] = e.issuerFor(origin), state.user.ID, e.ids.random(20)
	claims["iat"], claims["exp"] = now.Unix(), now.Add(cmp.Or(lifetime, t.Lifetime)).Unix()
	claims["nbf"] = now.Add(-t.ClockSkew).Unix()
	if origin != "" {
		claims["azp"] = origin
	}
	own, err := t.key()
	if err != nil {
		return "", err
	}
	if own != nil {
		return signWith(own, tokenHeader(t.ID, map[string]any{"alg": t.algorithm(), "cat": CategoryTemplate}), claims)
	}
	key := e.keys.current()
	return signRS256(key.private, tokenHeader(key.id, map[string]any{"cat": CategoryTemplate}), claims)
}

// shortcodes are the values that a template's claims may refer to
// (https://clerk.com/docs/guides/sessions/jwt-templates#shortcodes).
func (e *Emulator) shortcodes(state *tokenState) map[string]any {
	u := &state.user
	values := map[string]any{
		"id": u.ID, "external_id": optString(u.ExternalID), "first_name": optString(u.FirstName), "last_name": optString(u.LastName),
		"full_name": strings.TrimSpace(u.FirstName + " " + u.LastName), "username": optString(u.Username),
		"image_url": e.imageURL(), "has_image": false, "primary_email_address": optString(u.Email), "primary_phone_number": optString(u.Phone),
		"primary_web3_wallet": nil, "email_verified": u.Email != "", "phone_number_verified": u.Phone != "",
		"public_metadata": decodeJSON(u.Public), "unsafe_metadata": decodeJSON(u.Unsafe), "two_factor_enabled": u.hasSecondFactor(),
		"created_at": u.Created.At.Unix(), "updated_at": u.UpdatedAt.Unix(), "last_sign_in_at": u.LastSignInAt.Unix(),
	}
	out := map[string]any{"user": values, "session": map[string]any{"id": state.session.ID, "actor": decodeJSON(state.session.Actor)}}
	if o := state.organization; o != nil {
		out["org"] = map[string]any{
			"id": o.ID, "name": o.Name, "slug": o.Slug, "role": state.role.Key, "image_url": e.pictureURL(o.LogoID), "has_image": o.LogoID != "",
			"public_metadata": decodeJSON(o.Public),
		}
	}
	return out
}

func decodeJSON(raw json.RawMessage) any {
	var v any
	_ = json.Unmarshal(raw, &v) // null for what is empty; the store holds only JSON
	return v
}

var shortcode = regexp.MustCompile(`\{\{\s*([a-z0-9_.]+)(?:\s*\|\|\s*'([^']*)')?\s*\}\}`)

// expand replaces shortcodes. What they name and does not exist is null, or the
// default that they give.
func expand(v any, values map[string]any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			v[k] = expand(inner, values)
		}
	case []any:
		for i, inner := range v {
			v[i] = expand(inner, values)
		}
	case string:
		if m := shortcode.FindStringSubmatch(v); m != nil && m[0] == v {
			return lookup(m, values)
		}
		return shortcode.ReplaceAllStringFunc(v, func(s string) string {
			switch found := lookup(shortcode.FindStringSubmatch(s), values).(type) {
			case nil:
				return ""
			case string:
				return found
			default:
				text, _ := json.Marshal(found) // it came from JSON
				return string(text)
			}
		})
	}
	return v
}

func lookup(match []string, values map[string]any) any {
	var v any = values
	for part := range strings.SplitSeq(match[1], ".") {
		m, _ := v.(map[string]any)
		v = m[part]
	}
	if p, ok := v.(*string); ok {
		if p == nil {
			v = nil
		} else {
			v = *p
		}
	}
	if v == nil && match[2] != "" {
		return match[2]
	}
	return v
}
