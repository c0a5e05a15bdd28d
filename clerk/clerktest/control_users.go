package clerktest

import (
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/keys"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/tokens"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// controlUser is a user in lists, without metadata and secrets.
type controlUser struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Email     string    `json:"email_address,omitempty"`
	Phone     string    `json:"phone_number,omitempty"`
	Username  string    `json:"username,omitempty"`
	Banned    bool      `json:"banned,omitempty"`
	CreatedAt time.Time `json:"created_at"`
}

func (e *Emulator) controlUsers(c *wire.Call) error {
	users, _ := e.server.Store.FirstUsers(math.MaxInt, nil)
	out := make([]controlUser, len(users))
	for i := range users {
		u := &users[i]
		out[i] = controlUser{u.ID, u.DisplayName(), u.Email, u.Phone, u.Username, u.Banned, u.Created.At.UTC()}
	}
	return c.OK(map[string]any{"users": out})
}

func (e *Emulator) controlAddUser(c *wire.Call) error {
	var in User
	if err := c.Decode(&in); err != nil {
		return err
	}
	u, err := e.server.Store.AddUser(state.UserSeed(in))
	if err != nil {
		return err
	}
	c.Note("user added: " + u.ID)
	return c.OK(controlUser{u.ID, u.DisplayName(), u.Email, u.Phone, u.Username, u.Banned, u.Created.At.UTC()})
}

func (e *Emulator) controlSeed(c *wire.Call) error {
	seed, err := ReadSeed(http.MaxBytesReader(c.W, c.R.Body, maxSeed+1))
	if err == nil {
		err = e.Load(seed)
	}
	if err != nil {
		return refusal.BadRequest("seed_invalid", strings.TrimPrefix(err.Error(), "clerktest: "))
	}
	c.Note("seed loaded")
	return c.OK(map[string]int{"users": len(seed.Users), "organizations": len(seed.Organizations), "roles": len(seed.Roles)})
}

// controlSession is a session in lists.
type controlSession struct {
	ID             string    `json:"id"`
	UserID         string    `json:"user_id"`
	ClientID       string    `json:"client_id"`
	Status         string    `json:"status"`
	OrganizationID string    `json:"organization_id,omitempty"`
	CreatedAt      time.Time `json:"created_at"`
	ExpireAt       time.Time `json:"expire_at"`
}

func newControlSession(s *state.Session) controlSession {
	return controlSession{s.ID, s.UserID, s.ClientID, s.Status, s.OrganizationID, s.Created.At.UTC(), s.ExpireAt.UTC()}
}

func (e *Emulator) controlSessions(c *wire.Call) error {
	user := c.R.URL.Query().Get("user_id")
	all := e.server.Store.ListSessions(func(s *state.Session) bool { return user == "" || s.UserID == user })
	out := make([]controlSession, len(all))
	for i := range all {
		out[i] = newControlSession(&all[i])
	}
	return c.OK(map[string]any{"sessions": out})
}

// controlSignIn does what Emulator.SignIn does, with its options as fields, and
// gives the first token and the cookies of the browser.
func (e *Emulator) controlSignIn(c *wire.Call) error {
	var in struct {
		User         string                     `json:"user"`
		Organization string                     `json:"organization"`
		Role         string                     `json:"role"`
		FactorAges   []int                      `json:"factor_ages"`
		Pending      string                     `json:"pending"`
		Actor        string                     `json:"actor"`
		Claims       map[string]json.RawMessage `json:"claims"`
		Version      int                        `json:"version"`
		Origin       *string                    `json:"origin"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if in.User == "" {
		return refusal.Missing("user")
	}
	u, err := e.anyUser(in.User)
	if err != nil {
		return err
	}
	s := state.SignIn{UserID: u.ID, SecondFactor: -1, Strategy: "password", Task: in.Pending, Version: in.Version}
	if in.Organization != "" {
		s.Organization, s.Role, s.Create = in.Organization, in.Role, true
	}
	switch {
	case in.Version < 0 || in.Version > 2:
		return refusal.Param("version", "form_param_value_invalid", "version is neither 1 nor 2")
	case in.FactorAges != nil && len(in.FactorAges) != 2:
		return refusal.Param("factor_ages", "form_param_value_invalid", "factor_ages must be two numbers")
	case len(in.FactorAges) == 2:
		s.FirstFactor, s.SecondFactor = in.FactorAges[0], in.FactorAges[1]
	}
	for name, value := range in.Claims {
		if slices.Contains(tokens.ReservedClaims, name) {
			return refusal.Param("claims", "form_param_value_invalid", refusal.Quoted(name)+" is a claim of Clerk's own")
		}
		if s.Custom == nil {
			s.Custom = map[string]any{}
		}
		s.Custom[name] = value
	}
	if in.Actor != "" {
		s.Actor = e.tokens.ActorClaim(in.Actor)
	}
	request := tokens.TokenRequest{Origin: e.server.Config.Origins[0]}
	if in.Origin != nil {
		request.Origin = *in.Origin
	}
	rec, err := e.server.Store.SignIn(s)
	if err != nil {
		return err
	}
	token, err := e.tokens.SessionToken(rec.ID, request)
	if err != nil {
		return err
	}
	cookies := map[string]string{clerk.CookieClientUAT: strconv.FormatInt(e.server.Store.ClientUAT(rec.ClientID), 10), clerk.CookieSession: token}
	if e.server.Config.Instance == clerk.Development {
		cookies[clerk.CookieDevBrowser] = e.server.Store.NewDevBrowser(rec.ClientID).ID
	}
	for _, name := range []string{clerk.CookieClientUAT, clerk.CookieSession, clerk.CookieDevBrowser} {
		if value, ok := cookies[name]; ok {
			cookies[e.server.Key.SuffixedCookie(name)] = value
		}
	}
	c.Note("signed in as " + u.ID)
	return c.OK(struct {
		controlSession
		Token   string            `json:"token"`
		Cookies map[string]string `json:"cookies"`
	}{newControlSession(&rec), token, cookies})
}

// anyUser finds a user by id, address, number or name.
func (e *Emulator) anyUser(name string) (state.User, error) {
	if u, err := e.server.Store.User(name); err == nil {
		return u, nil
	}
	u, err := e.server.Store.UserByIdentifier(name)
	if err != nil {
		return u, refusal.NotFound("user " + refusal.Quoted(name))
	}
	return u, nil
}

func (e *Emulator) controlToken(c *wire.Call) error {
	var in struct {
		Origin       *string `json:"origin"`
		Lifetime     int64   `json:"lifetime_seconds"`
		Organization *string `json:"organization"`
		Template     string  `json:"template"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if max := int64(maxAdvance / time.Second); in.Lifetime > max || in.Lifetime < -max {
		return refusal.Param("lifetime_seconds", "form_param_value_invalid", "lifetime_seconds is more than 20 years")
	}
	origin := e.server.Config.Origins[0]
	if in.Origin != nil {
		origin = *in.Origin
	}
	var token string
	var err error
	if in.Template != "" {
		token, err = e.sessions.TemplateToken(c.Param(0), in.Template, origin, 0)
	} else {
		token, err = e.tokens.SessionToken(c.Param(0), tokens.TokenRequest{
			Origin: origin, Lifetime: time.Duration(in.Lifetime) * time.Second, Organization: in.Organization,
		})
	}
	if err != nil {
		return err
	}
	c.Note("token made")
	return c.OK(map[string]string{"token": token})
}

func (e *Emulator) controlRevoke(c *wire.Call) error { return e.controlOver(c, state.StatusRevoked) }

func (e *Emulator) controlEnd(c *wire.Call) error { return e.controlOver(c, state.StatusEnded) }

func (e *Emulator) controlExpire(c *wire.Call) error { return e.controlOver(c, state.StatusExpired) }

// controlOver ends a session in one of the three ways.
func (e *Emulator) controlOver(c *wire.Call, status string) error {
	if err := c.Decode(&struct{}{}); err != nil {
		return err
	}
	rec, err := e.sessionOver(c.Param(0), status)
	if err != nil {
		return err
	}
	c.Note("session of " + rec.UserID + " " + rec.Status)
	return c.OK(newControlSession(&rec))
}

func (e *Emulator) sessionOver(id, status string) (state.Session, error) {
	if status == state.StatusExpired {
		return e.server.Store.ExpireSession(id)
	}
	return e.server.Store.EndSession(id, status)
}

// controlSign signs whatever it is given: claims as object, or as a string that
// is the payload as it is.
func (e *Emulator) controlSign(c *wire.Call) error {
	var in struct {
		Header map[string]any  `json:"header"`
		Claims json.RawMessage `json:"claims"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if in.Claims == nil {
		return refusal.Missing("claims")
	}
	var payload any = in.Claims
	var text string
	if json.Unmarshal(in.Claims, &text) == nil {
		payload = text
	}
	key := e.server.Keys.Current()
	token, err := keys.SignRS256(key.Private, keys.Header(key.ID, in.Header), payload)
	if err != nil {
		return refusal.Param("claims", "form_param_value_invalid", "claims cannot be signed")
	}
	c.Note("token signed as told")
	return c.OK(map[string]string{"token": token})
}
