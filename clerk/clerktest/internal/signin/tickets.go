package signin

import (
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/sessions"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
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

func (e *API) ticketResource(t *state.Ticket, show bool) *ticketResource {
	r := &ticketResource{
		Object: t.Kind, ID: t.ID, Status: t.Status, UserID: t.UserID, Actor: t.Actor,
		CreatedAt: wire.Millis(t.Created.At), UpdatedAt: wire.Millis(t.UpdatedAt),
	}
	if show {
		r.Token, r.URL = t.Token, e.FaceURL()+"/v1/tickets/accept?ticket="+url.QueryEscape(t.Token)
	}
	return r
}

// ticketSeconds reads a time to live.
func ticketSeconds(param string, f wire.Field[int], fallback time.Duration) (time.Duration, error) {
	if !f.Set || f.Null {
		return fallback, nil
	}
	if f.Value < 1 || f.Value > sessions.MaxTokenSeconds {
		return 0, refusal.Param(param, "form_param_value_invalid", param+" is not a number from 1 to 315360000")
	}
	return time.Duration(f.Value) * time.Second, nil
}

func (e *API) createSignInTokenBAPI(c *wire.Call) error {
	var in struct {
		UserID       wire.Field[string] `json:"user_id"`
		Organization wire.Field[string] `json:"org_id"`
		Seconds      wire.Field[int]    `json:"expires_in_seconds"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if in.UserID.Value == "" {
		return refusal.Missing("user_id")
	}
	lifetime, err := ticketSeconds("expires_in_seconds", in.Seconds, state.TicketLifetime)
	if err != nil {
		return err
	}
	if _, err := e.Store.User(in.UserID.Value); err != nil {
		return err
	}
	if id := in.Organization.Value; id != "" && !isMember(e.Store, id, in.UserID.Value) {
		return refusal.Param("org_id", "form_resource_not_found", "The user is not a member of the organization.")
	}
	return e.issueTicket(c, state.Ticket{Kind: state.TicketSignIn, UserID: in.UserID.Value, OrganizationID: in.Organization.Value}, lifetime)
}

func isMember(s *state.Store, organizationID, userID string) bool {
	return state.With(s, func(tx *state.Tx) bool {
		return tx.Memberships[state.MembershipKey{Organization: organizationID, User: userID}] != nil
	})
}

func (e *API) issueTicket(c *wire.Call, t state.Ticket, lifetime time.Duration) error {
	t, err := e.strategies.NewTicket(t, lifetime)
	if err != nil {
		return err
	}
	c.Note(t.Kind + " for " + t.UserID)
	return c.OK(e.ticketResource(&t, true))
}

// Defaults of actor tokens.
const (
	actorTokenLifetime   = time.Hour
	actorSessionLifetime = 30 * time.Minute
)

// createActorTokenBAPI lets somebody sign in as somebody else. The actor that was
// sent is the act claim.
func (e *API) createActorTokenBAPI(c *wire.Call) error {
	var in struct {
		UserID  wire.Field[string]          `json:"user_id"`
		Actor   wire.Field[json.RawMessage] `json:"actor"`
		Seconds wire.Field[int]             `json:"expires_in_seconds"`
		Session wire.Field[int]             `json:"session_max_duration_in_seconds"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	switch {
	case in.UserID.Value == "":
		return refusal.Missing("user_id")
	case len(in.Actor.Value) == 0 || in.Actor.Null:
		return refusal.Missing("actor")
	}
	var actor struct {
		Sub string `json:"sub"`
	}
	if err := json.Unmarshal(in.Actor.Value, &actor); err != nil || actor.Sub == "" || len(in.Actor.Value) > state.MaxMetadata {
		return refusal.Param("actor", "form_param_value_invalid", "actor must be an object with a sub that is not empty")
	}
	lifetime, err := ticketSeconds("expires_in_seconds", in.Seconds, actorTokenLifetime)
	if err != nil {
		return err
	}
	length, err := ticketSeconds("session_max_duration_in_seconds", in.Session, actorSessionLifetime)
	if err != nil {
		return err
	}
	if _, err := e.Store.User(in.UserID.Value); err != nil {
		return refusal.Param("user_id", "form_resource_not_found", "The resource associated with the supplied user_id was not found.")
	}
	return e.issueTicket(c, state.Ticket{Kind: state.TicketActor, UserID: in.UserID.Value, Actor: in.Actor.Value, SessionLifetime: length}, lifetime)
}

// revokeTicket makes a handler that ends a pending ticket of a kind.
func revokeTicket(kind string) func(*API, *wire.Call) error {
	return func(e *API, c *wire.Call) error {
		var t state.Ticket
		var err error
		e.Store.Apply(func(tx *state.Tx) {
			t, err = withdrawTicket(tx, kind, c.Param(0))
		})
		if err != nil {
			return err
		}
		c.Note(kind + " revoked")
		return c.OK(e.ticketResource(&t, false))
	}
}

func withdrawTicket(tx *state.Tx, kind, id string) (state.Ticket, error) {
	for _, t := range tx.Tickets {
		if t.ID != id || t.Kind != kind {
			continue
		}
		if t.Status != "pending" {
			return state.Ticket{}, &refusal.Error{
				Kind: refusal.KindBadRequest, Code: kind + "_cannot_be_revoked_code", Message: "cannot revoke",
				Long: "The token cannot be revoked because its status is " + t.Status + ". Only pending tokens can be revoked.", Param: "", Meta: nil,
			}
		}
		t.Status, t.UpdatedAt = "revoked", tx.Now()
		return *t, nil
	}
	return state.Ticket{}, refusal.NotFound("token with id " + refusal.Quoted(id))
}

// createTestingToken makes what keeps bot protection away from tests. The emulator
// has none: it takes requests with and without.
func (e *API) createTestingToken(c *wire.Call) error {
	expires := e.Now().Add(time.Hour)
	c.Note("testing token")
	return c.OK(map[string]any{
		"object": "testing_token", "token": fmt.Sprintf("%d-c_%s", expires.Unix(), e.IDs.Random(27)), "expires_at": expires.Unix(),
	})
}
