package clerktest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// ticketResource is a sign-in token or an actor token. Its token is shown when it
// is made, and never again.
type ticketResource struct {
	Object    string          `json:"object"`
	ID        string          `json:"id"`
	Status    string          `json:"status"`
	UserID    string          `json:"user_id"`
	Actor     json.RawMessage `json:"actor,omitempty"`
	Token     string          `json:"token,omitempty"`
	URL       string          `json:"url,omitempty"`
	CreatedAt int64           `json:"created_at"`
	UpdatedAt int64           `json:"updated_at"`
}

func (e *Emulator) ticketResource(t *ticket, show bool) *ticketResource {
	r := &ticketResource{
		Object: t.Kind, ID: t.ID, Status: t.Status, UserID: t.UserID, Actor: t.Actor,
		CreatedAt: millis(t.Created.At), UpdatedAt: millis(t.UpdatedAt),
	}
	if show {
		r.Token, r.URL = t.Token, e.faceURL()+"/v1/tickets/accept?ticket="+url.QueryEscape(t.Token)
	}
	return r
}

// ticketSeconds reads a time to live.
func ticketSeconds(param string, f field[int], fallback time.Duration) (time.Duration, error) {
	if !f.Set || f.Null {
		return fallback, nil
	}
	if f.Value < 1 || f.Value > maxTokenSeconds {
		return 0, errParam(param, "form_param_value_invalid", param+" is not a number from 1 to 315360000")
	}
	return time.Duration(f.Value) * time.Second, nil
}

func (e *Emulator) createSignInTokenBAPI(c *call) error {
	var in struct {
		UserID       field[string] `json:"user_id"`
		Organization field[string] `json:"org_id"`
		Seconds      field[int]    `json:"expires_in_seconds"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.UserID.Value == "" {
		return errMissing("user_id")
	}
	lifetime, err := ticketSeconds("expires_in_seconds", in.Seconds, ticketLifetime)
	if err != nil {
		return err
	}
	if _, err := e.store.user(in.UserID.Value); err != nil {
		return err
	}
	if id := in.Organization.Value; id != "" && !e.store.isMember(id, in.UserID.Value) {
		return errParam("org_id", "form_resource_not_found", "The user is not a member of the organization.")
	}
	return e.issueTicket(c, ticket{Kind: ticketSignIn, UserID: in.UserID.Value, OrganizationID: in.Organization.Value}, lifetime)
}

func (s *store) isMember(organizationID, userID string) bool {
	return with(s, func(tx *stateTx) bool {
		return tx.Memberships[membershipKey{organizationID, userID}] != nil
	})
}

func (e *Emulator) issueTicket(c *call, t ticket, lifetime time.Duration) error {
	t, err := e.newTicket(t, lifetime)
	if err != nil {
		return err
	}
	c.note(t.Kind + " for " + t.UserID)
	return c.ok(e.ticketResource(&t, true))
}

// Defaults of actor tokens.
const (
	actorTokenLifetime   = time.Hour
	actorSessionLifetime = 30 * time.Minute
)

// createActorTokenBAPI lets somebody sign in as somebody else. The actor that was
// sent is the act claim.
func (e *Emulator) createActorTokenBAPI(c *call) error {
	var in struct {
		UserID  field[string]          `json:"user_id"`
		Actor   field[json.RawMessage] `json:"actor"`
		Seconds field[int]             `json:"expires_in_seconds"`
		Session field[int]             `json:"session_max_duration_in_seconds"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	switch {
	case in.UserID.Value == "":
		return errMissing("user_id")
	case len(in.Actor.Value) == 0 || in.Actor.Null:
		return errMissing("actor")
	}
	var actor struct {
		Sub string `json:"sub"`
	}
	if err := json.Unmarshal(in.Actor.Value, &actor); err != nil || actor.Sub == "" || len(in.Actor.Value) > maxMetadata {
		return errParam("actor", "form_param_value_invalid", "actor must be an object with a sub that is not empty")
	}
	lifetime, err := ticketSeconds("expires_in_seconds", in.Seconds, actorTokenLifetime)
	if err != nil {
		return err
	}
	length, err := ticketSeconds("session_max_duration_in_seconds", in.Session, actorSessionLifetime)
	if err != nil {
		return err
	}
	if _, err := e.store.user(in.UserID.Value); err != nil {
		return errParam("user_id", "form_resource_not_found", "The resource associated with the supplied user_id was not found.")
	}
	return e.issueTicket(c, ticket{Kind: ticketActor, UserID: in.UserID.Value, Actor: in.Actor.Value, SessionLifetime: length}, lifetime)
}

// revokeTicket makes a handler that ends a pending ticket of a kind.
func revokeTicket(kind string) func(*Emulator, *call) error {
	return func(e *Emulator, c *call) error {
		var t ticket
		var err error
		e.store.Apply(func(tx *stateTx) {
			t, err = tx.revokeTicket(kind, c.param(0))
		})
		if err != nil {
			return err
		}
		c.note(kind + " revoked")
		return c.ok(e.ticketResource(&t, false))
	}
}

func (tx *stateTx) revokeTicket(kind, id string) (ticket, error) {
	for _, t := range tx.Tickets {
		if t.ID != id || t.Kind != kind {
			continue
		}
		if t.Status != "pending" {
			return ticket{}, &apiError{
				http.StatusBadRequest, kind + "_cannot_be_revoked_code", "cannot revoke",
				"The token cannot be revoked because its status is " + t.Status + ". Only pending tokens can be revoked.", "", nil,
			}
		}
		t.Status, t.UpdatedAt = "revoked", tx.now()
		return *t, nil
	}
	return ticket{}, errNotFound("token with id " + quoted(id))
}

// createTestingToken makes what keeps bot protection away from tests. The emulator
// has none: it takes requests with and without.
func (e *Emulator) createTestingToken(c *call) error {
	expires := e.Now().Add(time.Hour)
	c.note("testing token")
	return c.ok(map[string]any{
		"object": "testing_token", "token": fmt.Sprintf("%d-c_%s", expires.Unix(), e.ids.random(27)), "expires_at": expires.Unix(),
	})
}
