package clerktest

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

type apiKeyResource struct {
	Object           string          `json:"object"`
	ID               string          `json:"id"`
	Type             string          `json:"type"`
	Subject          string          `json:"subject"`
	Name             string          `json:"name"`
	Description      *string         `json:"description"`
	Claims           json.RawMessage `json:"claims"`
	Scopes           []string        `json:"scopes"`
	Secret           string          `json:"secret,omitempty"` // once, to who made it
	Revoked          bool            `json:"revoked"`
	RevocationReason *string         `json:"revocation_reason"`
	Expired          bool            `json:"expired"`
	Expiration       *int64          `json:"expiration"`
	CreatedBy        *string         `json:"created_by"`
	LastUsedAt       *int64          `json:"last_used_at"`
	CreatedAt        int64           `json:"created_at"`
	UpdatedAt        int64           `json:"updated_at"`
}

func (e *Emulator) apiKeyResource(k *state.APIKey) apiKeyResource {
	return apiKeyResource{
		Object: "api_key", ID: k.ID, Type: k.Type, Subject: k.Subject, Name: k.Name, Description: k.Description,
		Claims: k.Claims, Scopes: append([]string{}, k.Scopes...), Revoked: k.Revoked,
		RevocationReason: optString(k.RevocationReason), Expired: k.Expired(e.Now()), Expiration: optMillis(k.ExpireAt),
		CreatedBy: optString(k.CreatedBy), LastUsedAt: optMillis(k.LastUsedAt),
		CreatedAt: millis(k.Created.At), UpdatedAt: millis(k.UpdatedAt),
	}
}

// apiKeyInput is the body of createApiKey.
type apiKeyInput struct {
	Type        string                 `json:"type"`
	Name        string                 `json:"name"`
	Description *string                `json:"description"`
	Subject     string                 `json:"subject"`
	Claims      field[json.RawMessage] `json:"claims"`
	Scopes      []string               `json:"scopes"`
	CreatedBy   *string                `json:"created_by"`
	Lifetime    field[float64]         `json:"seconds_until_expiration"`
}

func (e *Emulator) createAPIKey(c *call) error {
	var in apiKeyInput
	if err := bad400(c.decode(&in)); err != nil {
		return err
	}
	return e.addAPIKey(c, &in, deref(in.CreatedBy))
}

func (e *Emulator) addAPIKey(c *call, in *apiKeyInput, by string) error {
	claims, err := customClaims(in.Claims)
	if err != nil {
		return err
	}
	lifetime, err := keyLifetime(in.Lifetime)
	if err != nil {
		return err
	}
	k, err := e.store.AddAPIKey(state.APIKey{
		Type: cmp.Or(in.Type, state.DefaultAPIKeyType), Subject: in.Subject, Name: in.Name, Description: in.Description,
		Claims: claims, Scopes: slices.Clone(in.Scopes), CreatedBy: by,
	}, lifetime)
	if err != nil {
		return err
	}
	r := e.apiKeyResource(&k)
	r.Secret = k.Secret
	c.note("API key for " + k.Subject)
	if c.route.pattern == "/api_keys" { // the Frontend API's
		return c.created(r)
	}
	return c.ok(r)
}

// keyLifetime is 0 for ever.
func keyLifetime(in field[float64]) (time.Duration, error) {
	if !in.Set || in.Null {
		return 0, nil
	}
	lifetime, ok := seconds(in.Value)
	if !ok || lifetime <= 0 {
		return 0, refusal.BadParam("seconds_until_expiration", "is not a number of seconds above 0")
	}
	return lifetime, nil
}

func (e *Emulator) listAPIKeys(c *call) error {
	subject := c.r.URL.Query().Get("subject")
	if subject == "" {
		return refusal.BadParam("subject", "must be given")
	}
	return e.answerAPIKeys(c, subject)
}

func (e *Emulator) answerAPIKeys(c *call, subject string) error {
	query := c.r.URL.Query()
	all := e.store.ListAPIKeys(e.apiKeyFilter(subject, query))
	slices.Reverse(all)
	total := len(all)
	all, err := machinePage(all, query)
	if err != nil {
		return err
	}
	out := make([]apiKeyResource, len(all))
	for i := range all {
		out[i] = e.apiKeyResource(&all[i])
	}
	c.note("API keys of " + subject)
	return c.ok(listResource[apiKeyResource]{out, total})
}

func (e *Emulator) apiKeyFilter(subject string, query url.Values) func(*state.APIKey) bool {
	now, kind := e.Now(), cmp.Or(query.Get("type"), state.DefaultAPIKeyType)
	invalid, text := query.Get("include_invalid") == "true", query.Get("query")
	return func(k *state.APIKey) bool {
		return k.Subject == subject && k.Type == kind && (invalid || !k.Revoked && !k.Expired(now)) &&
			(text == "" || holds(text, k.ID, k.Name, deref(k.Description)))
	}
}

func (e *Emulator) getAPIKey(c *call) error {
	k, err := e.store.OnAPIKey(c.param(0), nil)
	if err != nil {
		return err
	}
	c.note("API key of " + k.Subject)
	return c.ok(e.apiKeyResource(&k))
}

func (e *Emulator) getAPIKeySecret(c *call) error {
	k, err := e.store.OnAPIKey(c.param(0), nil)
	if err != nil {
		return err
	}
	c.note("secret of an API key of " + k.Subject)
	return c.ok(map[string]string{"secret": k.Secret})
}

func (e *Emulator) updateAPIKey(c *call) error {
	var in struct {
		Claims      field[json.RawMessage] `json:"claims"`
		Description field[*string]         `json:"description"`
		Scopes      field[[]string]        `json:"scopes"`
		Lifetime    field[float64]         `json:"seconds_until_expiration"`
		Subject     field[string]          `json:"subject"`
	}
	if err := bad400(c.decode(&in)); err != nil {
		return err
	}
	claims, err := customClaims(in.Claims)
	if err != nil {
		return err
	}
	lifetime, err := keyLifetime(in.Lifetime)
	if err != nil {
		return err
	}
	now := e.Now()
	k, err := e.store.OnAPIKey(c.param(0), func(tx *state.Tx, k *state.APIKey) error {
		in.Description.into(&k.Description)
		in.Scopes.into(&k.Scopes)
		if in.Subject.Set {
			if !tx.SubjectExists(in.Subject.Value) {
				return refusal.BadParam("subject", "is not the id of a user, organization or machine")
			}
			k.Subject = in.Subject.Value
		}
		if in.Claims.Set {
			k.Claims = claims
		}
		if in.Lifetime.Set {
			if k.ExpireAt = (time.Time{}); lifetime > 0 {
				k.ExpireAt = now.Add(lifetime)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.note("API key of " + k.Subject + " changed")
	return c.ok(e.apiKeyResource(&k))
}

func (e *Emulator) deleteAPIKey(c *call) error {
	if err := e.store.DeleteAPIKey(c.param(0)); err != nil {
		return err
	}
	c.note("API key deleted")
	return c.ok(deletedResource{Object: "api_key", ID: c.param(0), Deleted: true})
}

func (e *Emulator) revokeAPIKey(c *call) error {
	var in struct {
		Reason *string `json:"revocation_reason"`
	}
	if err := bad400(c.decode(&in)); err != nil {
		return err
	}
	k, err := e.store.OnAPIKey(c.param(0), revocation(in.Reason))
	if err != nil {
		return err
	}
	c.note("API key of " + k.Subject + " revoked")
	return c.ok(e.apiKeyResource(&k))
}

// revocation revokes a key. The first reason stays.
func revocation(reason *string) func(*state.Tx, *state.APIKey) error {
	return func(_ *state.Tx, k *state.APIKey) error {
		if !k.Revoked {
			k.Revoked, k.RevocationReason = true, deref(reason)
		}
		return nil
	}
}

func (e *Emulator) verifyAPIKey(c *call) error {
	var in struct {
		Secret string `json:"secret"`
	}
	if err := bad400(c.decode(&in)); err != nil {
		return err
	}
	if in.Secret == "" {
		return refusal.BadParam("secret", "must be given")
	}
	k, err := e.store.APIKeyOf(in.Secret)
	if err != nil {
		return err
	}
	c.note("API key of " + k.Subject + " verified")
	return c.ok(e.apiKeyResource(&k))
}
