package middlewaretest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// identity is what the handlers of the suite tell of who they see.
type identity struct {
	SignedIn, Outage             bool
	User, Session, Org, Role     string
	Type, Subject, Token, Reason string
	Accessor                     string `json:",omitempty"` // where it differs from the context
}

func identityOf(a clerk.Auth) identity {
	return identity{
		SignedIn: a.SignedIn(), Outage: a.Outage,
		User: a.UserID, Session: a.SessionID, Org: a.OrgID, Role: a.OrgRole,
		Type: string(a.TokenType), Subject: a.Subject, Token: a.TokenID, Reason: string(a.Reason),
	}
}

// whoami answers with the identity, as accessor and context agree on it.
func whoami(x Exchange) error {
	id := identityOf(clerk.FromContext(x.Context()))
	if a := identityOf(x.Auth()); a != id {
		id.Accessor = "the accessor says user " + a.User + ", reason " + a.Reason
	}
	text, err := json.Marshal(id)
	if err != nil {
		return err
	}
	return x.Text(http.StatusOK, string(text))
}

// me is an open route, and gated one with a gate of its own.
func me() Route { return Route{Method: http.MethodGet, Path: "/me", Handle: whoami} }

func gated(path string, reqs ...clerk.Requirement) Route {
	return Route{Method: http.MethodGet, Path: path, Gates: []Gate{reqs}, Handle: whoami}
}

// who reads the answer of whoami. The behaviour ends where it is another answer.
func (s *site) who(a *answer) identity {
	var id identity
	if a.status != http.StatusOK {
		s.fatalf("status %d, want 200 from the handler; body %s", a.status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &id); err != nil {
		s.fatalf("the handler's answer is %q: %v", a.body, err)
	}
	if id.Accessor != "" {
		s.errorf("context and accessor disagree: the context says user %s, reason %s; %s", id.User, id.Reason, id.Accessor)
	}
	return id
}

// isUser wants the handler to have seen the user of the session.
func (s *site) isUser(a *answer, sess *clerktest.Session) identity {
	id := s.who(a)
	if id.User != sess.UserID || id.Session != sess.ID || !id.SignedIn || id.Reason != "" {
		s.errorf("the handler saw %+v, want user %s in session %s", id, sess.UserID, sess.ID)
	}
	return id
}

// isNobody wants the handler to have seen nobody, for a reason.
func (s *site) isNobody(a *answer, reason clerk.Reason) identity {
	id := s.who(a)
	if id.SignedIn || id.User != "" || id.Subject != "" || !clerk.Reason(id.Reason).Is(reason) {
		s.errorf("the handler saw %+v, want nobody, reason %s", id, reason)
	}
	return id
}

// refusal is the kit's answer to a refused request.
type refusal struct {
	Errors []struct{ Code, Message, Reason string }
	Clerk  *struct {
		Type, Reason string
		Metadata     struct{ Reverification json.RawMessage }
	} `json:"clerk_error"`
}

// anyReason is for refusals whose reason is not the point.
const anyReason clerk.Reason = "*"

// isRefused wants the default answer of a gate. An empty reason wants none.
func (s *site) isRefused(a *answer, status int, code string, reason clerk.Reason) refusal {
	var r refusal
	if a.status != status {
		s.errorf("status %d, want %d; body %s", a.status, status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &r); err != nil || len(r.Errors) != 1 || r.Errors[0].Message == "" {
		s.errorf("body %q is not Clerk's error envelope", a.body)
		return r
	}
	have := clerk.Reason(r.Errors[0].Reason)
	if r.Errors[0].Code != code || reason != anyReason && have != reason && !have.Is(reason) {
		s.errorf("error code %s, reason %s; want %s, %s", r.Errors[0].Code, have, code, reason)
	}
	if got := a.header.Get("Content-Type"); !strings.HasPrefix(got, "application/json") {
		s.errorf("Content-Type %q, want application/json", got)
	}
	s.has(a, "Cache-Control", "no-store")
	s.has(a, "X-Content-Type-Options", "nosniff")
	return r
}

// is401 wants the answer to a request without a session.
func (s *site) is401(a *answer, reason clerk.Reason) {
	s.isRefused(a, http.StatusUnauthorized, "authentication_required", reason)
	if got := a.header.Get("WWW-Authenticate"); got != "Bearer" && !strings.HasPrefix(got, "Bearer ") {
		s.errorf("WWW-Authenticate %q, want a Bearer challenge", got)
	}
}

// is403 wants the answer to a user who lacks something.
func (s *site) is403(a *answer) {
	s.isRefused(a, http.StatusForbidden, "authorization_denied", "")
	if got := a.header.Values("WWW-Authenticate"); len(got) > 0 {
		s.errorf("WWW-Authenticate %q in a 403", got)
	}
}

// is503 wants the answer in an outage.
func (s *site) is503(a *answer) {
	s.isRefused(a, http.StatusServiceUnavailable, "authentication_unavailable", anyReason)
	if a.header.Get("Retry-After") == "" {
		s.errorf("no Retry-After in a 503")
	}
}

// isHandshake wants a redirect to the Frontend API, and returns its parameters.
func (s *site) isHandshake(a *answer, reason clerk.Reason) (redirectURL string) {
	location := a.header.Get("Location")
	if a.status != http.StatusTemporaryRedirect || !strings.HasPrefix(location, s.em.URL+"/v1/client/handshake?") {
		s.fatalf("status %d, Location %q; want 307 to the handshake", a.status, location)
	}
	q := s.query(location)
	if have := clerk.Reason(q.Get("__clerk_hs_reason")); !have.Is(reason) {
		s.errorf("handshake for %s, want %s", have, reason)
	}
	s.has(a, "Cache-Control", "no-store")
	return q.Get("redirect_url")
}

// has wants a field once, with that value.
func (s *site) has(a *answer, name, value string) {
	if got := a.header.Values(name); !slices.Equal(got, []string{value}) {
		s.errorf("%s %q, want %q", name, got, value)
	}
}

// hasCookies wants the Set-Cookie fields to end in these, in order, and the
// answer to be kept out of caches.
func (s *site) hasCookies(a *answer, want []string) {
	if len(a.cookies) < len(want) || !slices.Equal(a.cookies[len(a.cookies)-len(want):], want) {
		s.errorf("Set-Cookie fields %q, want them to end in %q", a.cookies, want)
	}
	s.has(a, "Cache-Control", "no-store")
}
