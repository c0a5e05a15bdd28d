package machines

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
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

func (e *API) apiKeyResource(k *state.APIKey) apiKeyResource {
	return apiKeyResource{
		Object: "api_key", ID: k.ID, Type: k.Type, Subject: k.Subject, Name: k.Name, Description: k.Description,
		Claims: k.Claims, Scopes: append([]string{}, k.Scopes...), Revoked: k.Revoked,
		RevocationReason: wire.OptString(k.RevocationReason), Expired: k.Expired(e.Now()), Expiration: wire.OptMillis(k.ExpireAt),
		CreatedBy: wire.OptString(k.CreatedBy), LastUsedAt: wire.OptMillis(k.LastUsedAt),
		CreatedAt: wire.Millis(k.Created.At), UpdatedAt: wire.Millis(k.UpdatedAt),
	}
}

// apiKeyInput is the body of createApiKey.
type apiKeyInput struct {
	Type        string                      `json:"type"`
	Name        string                      `json:"name"`
	Description *string                     `json:"description"`
	Subject     string                      `json:"subject"`
	Claims      wire.Field[json.RawMessage] `json:"claims"`
	Scopes      []string                    `json:"scopes"`
	CreatedBy   *string                     `json:"created_by"`
	Lifetime    wire.Field[float64]         `json:"seconds_until_expiration"`
}

func (e *API) createAPIKey(c *wire.Call) error {
	var in apiKeyInput
	if err := Bad400(c.Decode(&in)); err != nil {
		return err
	}
	return e.addAPIKey(c, &in, wire.Deref(in.CreatedBy))
}

func (e *API) addAPIKey(c *wire.Call, in *apiKeyInput, by string) error {
	claims, err := customClaims(in.Claims)
	if err != nil {
		return err
	}
	lifetime, err := keyLifetime(in.Lifetime)
	if err != nil {
		return err
	}
	k, err := e.Store.AddAPIKey(state.APIKey{
		Type: cmp.Or(in.Type, state.DefaultAPIKeyType), Subject: in.Subject, Name: in.Name, Description: in.Description,
		Claims: claims, Scopes: slices.Clone(in.Scopes), CreatedBy: by,
	}, lifetime)
	if err != nil {
		return err
	}
	r := e.apiKeyResource(&k)
	r.Secret = k.Secret
	c.Note("API key for " + k.Subject)
	if c.Pattern == "/api_keys" { // the Frontend API's
		return c.Created(r)
	}
	return c.OK(r)
}

// keyLifetime is 0 for ever.
func keyLifetime(in wire.Field[float64]) (time.Duration, error) {
	if !in.Set || in.Null {
		return 0, nil
	}
	lifetime, ok := wire.Seconds(in.Value)
	if !ok || lifetime <= 0 {
		return 0, refusal.BadParam("seconds_until_expiration", "is not a number of seconds above 0")
	}
	return lifetime, nil
}

func (e *API) listAPIKeys(c *wire.Call) error {
	subject := c.R.URL.Query().Get("subject")
	if subject == "" {
		return refusal.BadParam("subject", "must be given")
	}
	return e.answerAPIKeys(c, subject)
}

func (e *API) answerAPIKeys(c *wire.Call, subject string) error {
	query := c.R.URL.Query()
	all := e.Store.ListAPIKeys(e.apiKeyFilter(subject, query))
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
	c.Note("API keys of " + subject)
	return c.OK(ListResource[apiKeyResource]{out, total})
}

func (e *API) apiKeyFilter(subject string, query url.Values) func(*state.APIKey) bool {
	now, kind := e.Now(), cmp.Or(query.Get("type"), state.DefaultAPIKeyType)
	invalid, text := query.Get("include_invalid") == "true", query.Get("query")
	return func(k *state.APIKey) bool {
		return k.Subject == subject && k.Type == kind && (invalid || !k.Revoked && !k.Expired(now)) &&
			(text == "" || wire.Holds(text, k.ID, k.Name, wire.Deref(k.Description)))
	}
}

func (e *API) getAPIKey(c *wire.Call) error {
	k, err := e.Store.OnAPIKey(c.Param(0), nil)
	if err != nil {
		return err
	}
	c.Note("API key of " + k.Subject)
	return c.OK(e.apiKeyResource(&k))
}

func (e *API) getAPIKeySecret(c *wire.Call) error {
	k, err := e.Store.OnAPIKey(c.Param(0), nil)
	if err != nil {
		return err
	}
	c.Note("secret of an API key of " + k.Subject)
	return c.OK(map[string]string{"secret": k.Secret})
}

func (e *API) updateAPIKey(c *wire.Call) error {
	var in struct {
		Claims      wire.Field[json.RawMessage] `json:"claims"`
		Description wire.Field[*string]         `json:"description"`
		Scopes      wire.Field[[]string]        `json:"scopes"`
		Lifetime    wire.Field[float64]         `json:"seconds_until_expiration"`
		Subject     wire.Field[string]          `json:"subject"`
	}
	if err := Bad400(c.Decode(&in)); err != nil {
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
	k, err := e.Store.OnAPIKey(c.Param(0), func(tx *state.Tx, k *state.APIKey) error {
		in.Description.Into(&k.Description)
		in.Scopes.Into(&k.Scopes)
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
	c.Note("API key of " + k.Subject + " changed")
	return c.OK(e.apiKeyResource(&k))
}

func (e *API) deleteAPIKey(c *wire.Call) error {
	if err := e.Store.DeleteAPIKey(c.Param(0)); err != nil {
		return err
	}
	c.Note("API key deleted")
	return c.OK(answers.DeletedResource{Object: "api_key", ID: c.Param(0), Deleted: true})
}

func (e *API) revokeAPIKey(c *wire.Call) error {
	var in struct {
		Reason *string `json:"revocation_reason"`
	}
	if err := Bad400(c.Decode(&in)); err != nil {
		return err
	}
	k, err := e.Store.OnAPIKey(c.Param(0), revocation(in.Reason))
	if err != nil {
		return err
	}
	c.Note("API key of " + k.Subject + " revoked")
	return c.OK(e.apiKeyResource(&k))
}

// revocation revokes a key. The first reason stays.
func revocation(reason *string) func(*state.Tx, *state.APIKey) error {
	return func(_ *state.Tx, k *state.APIKey) error {
		if !k.Revoked {
			k.Revoked, k.RevocationReason = true, wire.Deref(reason)
		}
		return nil
	}
}

func (e *API) verifyAPIKey(c *wire.Call) error {
	var in struct {
		Secret string `json:"secret"`
	}
	if err := Bad400(c.Decode(&in)); err != nil {
		return err
	}
	if in.Secret == "" {
		return refusal.BadParam("secret", "must be given")
	}
	k, err := e.Store.APIKeyOf(in.Secret)
	if err != nil {
		return err
	}
	c.Note("API key of " + k.Subject + " verified")
	return c.OK(e.apiKeyResource(&k))
}
