package clerktest

import (
	"crypto/subtle"
	"net/url"
	"slices"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

var sessionOrder = map[string]func(a, b *state.Session) int{
	"created_at": func(a, b *state.Session) int { return a.Created.Compare(b.Created) },
}

func (e *Emulator) listSessionsBAPI(c *call) error {
	query := c.r.URL.Query()
	client, user, status := query.Get("client_id"), query.Get("user_id"), query.Get("status")
	states := []string{state.StatusActive, state.StatusPending, state.StatusEnded, state.StatusRemoved, state.StatusRevoked, state.StatusExpired, state.StatusReplaced, "abandoned"}
	if status != "" && !slices.Contains(states, status) {
		return refusal.Param("status", "form_param_value_invalid", refusal.Quoted(status)+" does not match one of the allowed values for parameter status")
	}
	all := e.store.ListSessions(func(s *state.Session) bool {
		return (client == "" || s.ClientID == client) && (user == "" || s.UserID == user) && (status == "" || s.Status == status)
	})
	if err := order(all, url.Values{}, sessionOrder); err != nil { // newest first, always
		return err
	}
	total := len(all)
	all, err := page(all, query)
	if err != nil {
		return err
	}
	out := make([]sessionResource, len(all))
	for i := range all {
		out[i] = e.backendSession(&all[i])
	}
	c.note("list of sessions")
	return c.okList(query, out, total)
}

func (e *Emulator) getSessionBAPI(c *call) error {
	s, err := e.store.Session(c.param(0))
	if err != nil {
		return err
	}
	c.note("session of " + s.UserID)
	return c.ok(e.backendSession(&s))
}

func (e *Emulator) revokeSessionBAPI(c *call) error {
	s, err := e.store.EndSession(c.param(0), state.StatusRevoked)
	if err != nil {
		return err
	}
	c.note("session of " + s.UserID + " revoked")
	return c.ok(e.backendSession(&s))
}

// handshakePayload gives a handshake's result to the application's server, once.
func (e *Emulator) handshakePayload(c *call) error {
	nonce := c.r.URL.Query().Get("nonce")
	if nonce == "" {
		return refusal.Param("nonce", "form_param_missing", "nonce must be given")
	}
	directives, ok := e.store.TakeNonce(nonce)
	if !ok {
		return &refusal.Error{
			Kind: refusal.KindNotFound, Code: "resource_not_found", Message: "not found",
			Long: "No handshake was found for this nonce: it is unknown, expired or used.", Param: "nonce", Meta: nil,
		}
	}
	c.note("handshake result fetched for its nonce")
	return c.ok(map[string]any{"directives": directives})
}

// errRefresh is the answer to a refresh that fails, upon which SDKs go on to the
// handshake.
func errRefresh(code, message string) *refusal.Error {
	return &refusal.Error{Kind: refusal.KindUnauthenticated, Code: code, Message: message, Long: "", Param: "", Meta: nil}
}

// refreshSession makes a new session token for the owner of an expired one and
// of the refresh token.
func (e *Emulator) refreshSession(c *call) error {
	var in struct {
		ExpiredToken  string `json:"expired_token"`
		RefreshToken  string `json:"refresh_token"`
		RequestOrigin string `json:"request_origin"`
		Format        string `json:"format"`
	}
	if err := c.decodeLoosely(&in); err != nil {
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
	if !e.allowedOrigin(in.RequestOrigin) {
		return errRefresh("origin_invalid", "request_origin is not an origin of the application")
	}
	rec, err := e.store.Session(c.param(0))
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
	c.note("session token of " + rec.UserID + " refreshed")
	if in.Format == "cookie" {
		cookies, err := e.sessionCookies(rec.ID, origin)
		if err != nil {
			return err
		}
		return c.ok(map[string]any{"object": "cookies", "cookies": cookies})
	}
	parsed, _ := hosts.OriginOf(origin)
	token, err := e.sessionToken(rec.ID, tokenRequest{origin: parsed})
	if err != nil {
		return err
	}
	return c.ok(tokenResource{"token", token})
}

// ownToken reports whether a token was signed by a published key for the session,
// however long ago.
func (e *Emulator) ownToken(token string, rec *state.Session) bool {
	jwt, ok := e.keys.Own(token)
	if !ok || jwt.Cat != CategorySession {
		return false
	}
	claims, err := clerk.ParseClaims(string(jwt.Payload))
	return err == nil && claims.SessionID() == rec.ID && claims.Subject() == rec.UserID
}
