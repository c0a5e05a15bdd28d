package sessions

import (
	"encoding/json"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

type jwtTemplateResource struct {
	Object    string          `json:"object"`
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Claims    json.RawMessage `json:"claims"`
	Lifetime  int64           `json:"lifetime"`           // seconds
	ClockSkew int64           `json:"allowed_clock_skew"` // seconds
	CustomKey bool            `json:"custom_signing_key"`
	Algorithm string          `json:"signing_algorithm"`
	CreatedAt int64           `json:"created_at"`
	UpdatedAt int64           `json:"updated_at"`
}

// describeTemplate leaves the signing key out, as Clerk does.
func describeTemplate(t *state.JWTTemplate) jwtTemplateResource {
	return jwtTemplateResource{
		"jwt_template", t.ID, t.Name, t.Claims, int64(t.Lifetime / time.Second), int64(t.ClockSkew / time.Second),
		t.SigningKey != "", t.Alg(), wire.Millis(t.Created.At), wire.Millis(t.UpdatedAt),
	}
}

func (e *API) listJWTTemplates(c *wire.Call) error {
	query := c.R.URL.Query()
	page, total, err := wire.Pick(e.Store, func(tx *state.Tx) map[string]*state.JWTTemplate { return tx.Templates }, query, wire.Listing[state.JWTTemplate]{Made: func(t *state.JWTTemplate) state.Made { return t.Created }})
	if err != nil {
		return err
	}
	out := make([]jwtTemplateResource, len(page))
	for i := range page {
		out[i] = describeTemplate(&page[i])
	}
	c.Note("list of JWT templates")
	return c.OkList(query, out, total)
}

// templateByID finds a template by its id.
func templateByID(tx *state.Tx, id string) (*state.JWTTemplate, error) {
	for _, t := range tx.Templates {
		if t.ID == id {
			return t, nil
		}
	}
	return nil, refusal.NotFound("JWT template with id " + refusal.Quoted(id))
}

func (e *API) getJWTTemplate(c *wire.Call) error {
	var t *state.JWTTemplate
	var err error
	e.Store.View(func(tx *state.Tx) {
		t, err = templateByID(tx, c.Param(0))
	})
	return e.answerTemplate(c, t, err, "")
}

// answerTemplate takes a record that is never changed, only replaced.
func (e *API) answerTemplate(c *wire.Call, t *state.JWTTemplate, err error, what string) error {
	if err != nil {
		return err
	}
	c.Note("JWT template " + t.Name + what)
	return c.OK(describeTemplate(t))
}

type jwtTemplateInput struct {
	Name       string                      `json:"name"`
	Claims     wire.Field[json.RawMessage] `json:"claims"`
	Lifetime   wire.Field[int64]           `json:"lifetime"`
	ClockSkew  wire.Field[int64]           `json:"allowed_clock_skew"`
	CustomKey  wire.Field[bool]            `json:"custom_signing_key"`
	Algorithm  wire.Field[string]          `json:"signing_algorithm"`
	SigningKey wire.Field[string]          `json:"signing_key"`
}

// apply changes a template.
func (in *jwtTemplateInput) apply(t *state.JWTTemplate) error {
	switch {
	case in.Name == "":
		return refusal.Missing("name")
	case !wire.Given(in.Claims):
		return refusal.Missing("claims")
	case wire.Given(in.Lifetime) && (in.Lifetime.Value < 30 || in.Lifetime.Value > 315360000):
		return refusal.Param("lifetime", "form_param_value_invalid", "lifetime is not a number from 30 to 315360000")
	case wire.Given(in.ClockSkew) && (in.ClockSkew.Value < 0 || in.ClockSkew.Value > 300):
		return refusal.Param("allowed_clock_skew", "form_param_value_invalid", "allowed_clock_skew is not a number from 0 to 300")
	}
	t.Name, t.Claims = in.Name, in.Claims.Value
	if wire.Given(in.Lifetime) {
		t.Lifetime = time.Duration(in.Lifetime.Value) * time.Second
	}
	if wire.Given(in.ClockSkew) {
		t.ClockSkew = max(time.Duration(in.ClockSkew.Value)*time.Second, 1) // zero would be the default
	}
	switch {
	case wire.Given(in.CustomKey) && !in.CustomKey.Value:
		t.Algorithm, t.SigningKey = "", ""
	case in.CustomKey.Value:
		for _, p := range []struct {
			name, value string
			to          *string
		}{{"signing_algorithm", in.Algorithm.Value, &t.Algorithm}, {"signing_key", in.SigningKey.Value, &t.SigningKey}} {
			if p.value == "" {
				return refusal.Param(p.name, "form_conditional_param_missing", p.name+" is required when custom_signing_key is true.")
			}
			*p.to = p.value
		}
	}
	return t.Check()
}

func (e *API) createJWTTemplate(c *wire.Call) error {
	var in jwtTemplateInput
	if err := c.Decode(&in); err != nil {
		return err
	}
	t := &state.JWTTemplate{}
	if err := in.apply(t); err != nil {
		return err
	}
	var err error
	e.Store.Apply(func(tx *state.Tx) {
		err = freeTemplate(tx, t)
		if err == nil {
			t.ID, t.Created = tx.IDs.Next("jtmp"), tx.Made()
			t.UpdatedAt = t.Created.At
			tx.Templates[t.Name] = t
		}
	})
	return e.answerTemplate(c, t, err, " made")
}

func freeTemplate(tx *state.Tx, t *state.JWTTemplate) error {
	if other := tx.Templates[t.Name]; other != nil && other.ID != t.ID {
		return refusal.Param("name", "form_identifier_exists", "A JWT template with the name "+refusal.Quoted(t.Name)+" exists already.")
	}
	return nil
}

func (e *API) updateJWTTemplate(c *wire.Call) error {
	var in jwtTemplateInput
	if err := c.Decode(&in); err != nil {
		return err
	}
	t, err := changeTemplate(e.Store, c.Param(0), in.apply)
	return e.answerTemplate(c, t, err, " changed")
}

func changeTemplate(s *state.Store, id string, change func(*state.JWTTemplate) error) (*state.JWTTemplate, error) {
	return state.With2(s, func(tx *state.Tx) (*state.JWTTemplate, error) {
		old, err := templateByID(tx, id)
		if err != nil {
			return nil, err
		}
		next := *old
		if err := change(&next); err != nil {
			return nil, err
		}
		if err := freeTemplate(tx, &next); err != nil {
			return nil, err
		}
		next.UpdatedAt = tx.Now()
		delete(tx.Templates, old.Name)
		tx.Templates[next.Name] = &next
		return &next, nil
	})
}

func (e *API) deleteJWTTemplate(c *wire.Call) error {
	var t *state.JWTTemplate
	var err error
	e.Store.Apply(func(tx *state.Tx) {
		t, err = templateByID(tx, c.Param(0))
		if err == nil {
			delete(tx.Templates, t.Name)
		}
	})
	if err != nil {
		return err
	}
	c.Note("JWT template " + t.Name + " deleted")
	return c.OK(answers.DeletedResource{Object: "jwt_template", ID: t.ID, Deleted: true})
}
