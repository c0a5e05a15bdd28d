package clerktest

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/tokens"
)

// Session is a signed-in user in one browser. [Emulator.SignIn] makes it. It is
// safe for concurrent use.
type Session struct {
	// ID is the session's id, sess_….
	ID string
	// UserID is the user's id.
	UserID string
	// ClientID is the browser, as the Frontend API knows it.
	ClientID string

	em         *Emulator
	devBrowser string
}

// SignInOption changes what session [Emulator.SignIn] makes.
type SignInOption func(*signIn, *Emulator)

// WithOrg makes an organization active, named by id or slug. What is missing of
// organization, role (org:admin) and membership is made; a member gets the role.
// With an empty role the user must be a member.
func WithOrg(organization, role string) SignInOption {
	return func(in *signIn, _ *Emulator) { in.Organization, in.Role, in.Create = organization, role, true }
}

// WithFactorAges says how many minutes ago the first and second factor were
// verified, -1 for never: the fva claim, which grows with the clock. Without it
// they are 0 and -1.
func WithFactorAges(first, second int) SignInOption {
	return func(in *signIn, _ *Emulator) { in.FirstFactor, in.SecondFactor = first, second }
}

// WithPending leaves the session pending with one task to finish, for example
// choose-organization.
func WithPending(task string) SignInOption {
	return func(in *signIn, _ *Emulator) { in.Task = task }
}

// WithActor makes it an impersonation by the user with that id: the act claim.
func WithActor(userID string) SignInOption {
	return func(in *signIn, e *Emulator) { in.Actor = e.tokens.ActorClaim(userID) }
}

// WithClaims adds custom claims to the tokens of the session, as a customized
// session token does. Clerk's own claims cannot be changed; for tokens with wrong
// ones see [Emulator.Sign].
func WithClaims(claims map[string]any) SignInOption {
	claims = maps.Clone(claims)
	return func(in *signIn, e *Emulator) {
		for name := range claims {
			if slices.Contains(tokens.ReservedClaims, name) {
				e.fail("WithClaims: %s is a claim of Clerk's own", name)
			}
		}
		in.Custom = claims
	}
}

// WithVersion makes tokens of version 1 or 2, whatever the instance's are.
func WithVersion(version int) SignInOption {
	return func(in *signIn, e *Emulator) {
		if version != 1 && version != 2 {
			e.fail("WithVersion: %d is neither 1 nor 2", version)
		}
		in.Version = version
	}
}

// SignIn signs a user in, in a browser of its own.
func (e *Emulator) SignIn(u User, opts ...SignInOption) *Session {
	e.helper()
	in := state.SignIn{UserID: u.ID, SecondFactor: -1, Strategy: "password", Exact: true}
	if in.UserID == "" && u.Email != "" {
		found, err := e.server.Store.UserByIdentifier(u.Email)
		if err != nil {
			e.fail("SignIn: %v", err)
			return nil
		}
		in.UserID = found.ID
	}
	for _, o := range opts {
		o(&in, e)
	}
	rec, err := e.server.Store.SignIn(in)
	if err != nil {
		e.fail("SignIn: %v", err)
		return nil
	}
	s := &Session{ID: rec.ID, UserID: rec.UserID, ClientID: rec.ClientID, em: e}
	if e.server.Config.Instance == clerk.Development {
		s.devBrowser = e.server.Store.NewDevBrowser(rec.ClientID).ID
	}
	return s
}

// TokenOption changes one token of [Session.Token].
type TokenOption func(*tokenRequest)

// WithOrigin sets the azp claim: the origin that the token is issued to. Empty
// leaves it out. Without the option it is the first of [Config].Origins.
func WithOrigin(origin string) TokenOption {
	return func(r *tokenRequest) { r.Origin = origin }
}

// WithLifetime sets how long the token lives, in whole seconds. Negative makes
// one that has expired.
func WithLifetime(d time.Duration) TokenOption {
	return func(r *tokenRequest) { r.Lifetime = d }
}

// WithActiveOrg makes the token for another organization than the session has
// active, named by id or slug; empty for none.
func WithActiveOrg(organization string) TokenOption {
	return func(r *tokenRequest) { r.Organization = &organization }
}

func (s *Session) request(opts []TokenOption) tokens.TokenRequest {
	r := tokens.TokenRequest{Origin: s.em.server.Config.Origins[0]}
	for _, o := range opts {
		o(&r)
	}
	return r
}

// Token makes a new session token. A session that has ended gives none: get the token
// before it ends, if the test needs one.
func (s *Session) Token(opts ...TokenOption) string {
	s.em.helper()
	token, err := s.em.tokens.SessionToken(s.ID, s.request(opts))
	if err != nil {
		s.em.fail("token of session %s: %v", s.ID, err)
	}
	return token
}

// Claims returns the claims that a fresh token would have, to be changed and
// signed with [Emulator.Sign].
func (s *Session) Claims(opts ...TokenOption) map[string]any {
	s.em.helper()
	r := s.request(opts)
	state, err := tokens.TokenStateOf(s.em.server.Store, s.ID, r.Organization)
	if err != nil {
		s.em.fail("claims of session %s: %v", s.ID, err)
		return nil
	}
	return s.em.tokens.Claims(&state, r)
}

// Authorize gives the request a fresh token as a Bearer token, as API clients
// send it.
func (s *Session) Authorize(r *http.Request, opts ...TokenOption) {
	s.em.helper()
	r.Header.Set("Authorization", "Bearer "+s.Token(opts...))
}

// Cookies gives the request the cookies that the browser sends to the
// application: a fresh session token, __client_uat, and in development the dev
// browser, each plain and with the suffix of the publishable key. A session that
// is over leaves the cookies of a signed-out browser.
func (s *Session) Cookies(r *http.Request, opts ...TokenOption) {
	s.em.helper()
	set := func(name, value string) {
		for _, n := range []string{name, s.em.server.Key.SuffixedCookie(name)} {
			r.AddCookie(&http.Cookie{Name: n, Value: value})
		}
	}
	uat := s.em.server.Store.ClientUAT(s.ClientID)
	if uat != 0 {
		if token, err := s.em.tokens.SessionToken(s.ID, s.request(opts)); err == nil {
			set(clerk.CookieSession, token)
		}
	}
	set(clerk.CookieClientUAT, strconv.FormatInt(uat, 10))
	if s.devBrowser != "" {
		set(clerk.CookieDevBrowser, s.devBrowser)
	}
}

// Revoke ends the session as the Backend API does.
func (s *Session) Revoke() { s.over(state.StatusRevoked) }

// End ends the session as the user's sign-out does.
func (s *Session) End() { s.over(state.StatusEnded) }

// Expire ends the session as if its lifetime were over, without [Emulator.Advance].
func (s *Session) Expire() {
	s.em.helper()
	if _, err := s.em.server.Store.ExpireSession(s.ID); err != nil {
		s.em.fail("session %s: %v", s.ID, err)
	}
}

func (s *Session) over(status string) {
	s.em.helper()
	if _, err := s.em.server.Store.EndSession(s.ID, status); err != nil {
		s.em.fail("session %s: %v", s.ID, err)
	}
}

// Status returns the state of the session now: active, pending, ended, revoked,
// removed or expired.
func (s *Session) Status() string {
	s.em.helper()
	rec, err := s.em.server.Store.Session(s.ID)
	if err != nil {
		s.em.fail("session %s: %v", s.ID, err)
	}
	return rec.Status
}

// signIn is what options change.
type signIn = state.SignIn

// tokenRequest is what options of tokens change.
type tokenRequest = tokens.TokenRequest
