package sessions

import (
	"crypto/subtle"
	"net/url"
	"slices"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/keys"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/tokens"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

var sessionOrder = map[string]func(a, b *state.Session) int{
	"created_at": func(a, b *state.Session) int { return a.Created.Compare(b.Created) },
}

func (e *API) listSessionsBAPI(c *wire.Call) error {
	query := c.R.URL.Query()
	client, user, status := query.Get("client_id"), query.Get("user_id"), query.Get("status")
	states := []string{state.StatusActive, state.StatusPending, state.StatusEnded, state.StatusRemoved, state.StatusRevoked, state.StatusExpired, state.StatusReplaced, "abandoned"}
	if status != "" && !slices.Contains(states, status) {
		return refusal.Param("status", "form_param_value_invalid", refusal.Quoted(status)+" does not match one of the allowed values for parameter status")
	}
	all := e.Store.ListSessions(func(s *state.Session) bool {
		return (client == "" || s.ClientID == client) && (user == "" || s.UserID == user) && (status == "" || s.Status == status)
	})
	if err := wire.Order(all, url.Values{}, sessionOrder); err != nil { // newest first, always
		return err
	}
	total := len(all)
	all, err := wire.Page(all, query)
	if err != nil {
		return err
	}
	out := make([]answers.SessionResource, len(all))
	for i := range all {
		out[i] = e.answers.BackendSession(&all[i])
	}
	c.Note("list of sessions")
	return c.OkList(query, out, total)
}

func (e *API) getSessionBAPI(c *wire.Call) error {
	s, err := e.Store.Session(c.Param(0))
	if err != nil {
		return err
	}
	c.Note("session of " + s.UserID)
	return c.OK(e.answers.BackendSession(&s))
}

func (e *API) revokeSessionBAPI(c *wire.Call) error {
	s, err := e.Store.EndSession(c.Param(0), state.StatusRevoked)
	if err != nil {
		return err
	}
	c.Note("session of " + s.UserID + " revoked")
	return c.OK(e.answers.BackendSession(&s))
}

// handshakePayload gives a handshake's result to the application's server, once.
func (e *API) handshakePayload(c *wire.Call) error {
	nonce := c.R.URL.Query().Get("nonce")
	if nonce == "" {
		return refusal.Param("nonce", "form_param_missing", "nonce must be given")
	}
	directives, ok := e.Store.TakeNonce(nonce)
	if !ok {
		return &refusal.Error{
			Kind: refusal.KindNotFound, Code: "resource_not_found", Message: "not found",
			Long: "No handshake was found for this nonce: it is unknown, expired or used.", Param: "nonce", Meta: nil,
		}
	}
	c.Note("handshake result fetched for its nonce")
	return c.OK(map[string]any{"directives": directives})
}

// errRefresh is the answer to a refresh that fails, upon which SDKs go on to the
// handshake.
func errRefresh(code, message string) *refusal.Error {
	return &refusal.Error{Kind: refusal.KindUnauthenticated, Code: code, Message: message, Long: "", Param: "", Meta: nil}
}

// refreshSession makes a new session token for the owner of an expired one and
// of the refresh token.
func (e *API) refreshSession(c *wire.Call) error {
	var in struct {
		ExpiredToken  string `json:"expired_token"`
		RefreshToken  string `json:"refresh_token"`
		RequestOrigin string `json:"request_origin"`
		Format        string `json:"format"`
	}
	if err := c.DecodeLoosely(&in); err != nil {
		return err
	}
	for _, p := range []struct{ name, value string }{
		{"expired_token", in.ExpiredToken}, {"refresh_token", in.RefreshToken}, {"request_origin", in.RequestOrigin},
	} {
		if p.value == "" {
			return &refusal.Error{Kind: refusal.KindBadRequest, Code: "form_param_missing", Message: p.name + " must be given", Long: "", Param: p.name, Meta: nil}
		}
	}
	if in.Format != "" && in.Format != "token" && in.Format != "cookie" {
		return &refusal.Error{Kind: refusal.KindBadRequest, Code: "form_param_value_invalid", Message: "format is neither token nor cookie", Long: "", Param: "format", Meta: nil}
	}
	if !e.AllowedOrigin(in.RequestOrigin) {
		return errRefresh("origin_invalid", "request_origin is not an origin of the application")
	}
	rec, err := e.Store.Session(c.Param(0))
	switch {
	case err != nil:
		return errRefresh("session_not_found", "Session not found")
	case !rec.Live():
		return errRefresh("session_not_active", "The session is over")
	case subtle.ConstantTimeCompare([]byte(in.RefreshToken), []byte(rec.RefreshToken)) != 1:
		return errRefresh("refresh_token_invalid", "The refresh token is not that of the session")
	case !e.ownToken(in.ExpiredToken, &rec):
		return errRefresh("expired_token_invalid", "The expired token is not one of the session")
	}
	origin, err := url.Parse(in.RequestOrigin)
	if err != nil {
		return errRefresh("origin_invalid", "request_origin is no URL")
	}
	c.Note("session token of " + rec.UserID + " refreshed")
	if in.Format == "cookie" {
		cookies, err := e.sessionCookies(rec.ID, origin)
		if err != nil {
			return err
		}
		return c.OK(map[string]any{"object": "cookies", "cookies": cookies})
	}
	parsed, _ := hosts.OriginOf(origin)
	token, err := e.tokens.SessionToken(rec.ID, tokens.TokenRequest{Origin: parsed})
	if err != nil {
		return err
	}
	return c.OK(answers.TokenResource{Object: "token", JWT: token})
}

// ownToken reports whether a token was signed by a published key for the session,
// however long ago.
func (e *API) ownToken(token string, rec *state.Session) bool {
	jwt, ok := e.Keys.Own(token)
	if !ok || jwt.Cat != keys.CategorySession {
		return false
	}
	claims, err := clerk.ParseClaims(string(jwt.Payload))
	return err == nil && claims.SessionID() == rec.ID && claims.Subject() == rec.UserID
}
