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

func (e *Emulator) controlUsers(c *call) error {
	users, _ := e.store.FirstUsers(math.MaxInt, nil)
	out := make([]controlUser, len(users))
	for i := range users {
		u := &users[i]
		out[i] = controlUser{u.ID, u.DisplayName(), u.Email, u.Phone, u.Username, u.Banned, u.Created.At.UTC()}
	}
	return c.ok(map[string]any{"users": out})
}

func (e *Emulator) controlAddUser(c *call) error {
	var in User
	if err := c.decode(&in); err != nil {
		return err
	}
	u, err := e.store.AddUser(state.UserSeed(in))
	if err != nil {
		return err
	}
	c.note("user added: " + u.ID)
	return c.ok(controlUser{u.ID, u.DisplayName(), u.Email, u.Phone, u.Username, u.Banned, u.Created.At.UTC()})
}

func (e *Emulator) controlSeed(c *call) error {
	seed, err := ReadSeed(http.MaxBytesReader(c.w, c.r.Body, maxSeed+1))
	if err == nil {
		err = e.Load(seed)
	}
	if err != nil {
		return refusal.BadRequest("seed_invalid", strings.TrimPrefix(err.Error(), "clerktest: "))
	}
	c.note("seed loaded")
	return c.ok(map[string]int{"users": len(seed.Users), "organizations": len(seed.Organizations), "roles": len(seed.Roles)})
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

func (e *Emulator) controlSessions(c *call) error {
	user := c.r.URL.Query().Get("user_id")
	all := e.store.ListSessions(func(s *state.Session) bool { return user == "" || s.UserID == user })
	out := make([]controlSession, len(all))
	for i := range all {
		out[i] = newControlSession(&all[i])
	}
	return c.ok(map[string]any{"sessions": out})
}

// controlSignIn does what Emulator.SignIn does, with its options as fields, and
// gives the first token and the cookies of the browser.
func (e *Emulator) controlSignIn(c *call) error {
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
	if err := c.decode(&in); err != nil {
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
		if slices.Contains(reservedClaims, name) {
			return refusal.Param("claims", "form_param_value_invalid", refusal.Quoted(name)+" is a claim of Clerk's own")
		}
		if s.Custom == nil {
			s.Custom = map[string]any{}
		}
		s.Custom[name] = value
	}
	if in.Actor != "" {
		s.Actor = e.actorClaim(in.Actor)
	}
	request := tokenRequest{origin: e.cfg.Origins[0]}
	if in.Origin != nil {
		request.origin = *in.Origin
	}
	rec, err := e.store.SignIn(s)
	if err != nil {
		return err
	}
	token, err := e.sessionToken(rec.ID, request)
	if err != nil {
		return err
	}
	cookies := map[string]string{clerk.CookieClientUAT: strconv.FormatInt(e.store.ClientUAT(rec.ClientID), 10), clerk.CookieSession: token}
	if e.cfg.Instance == clerk.Development {
		cookies[clerk.CookieDevBrowser] = e.store.NewDevBrowser(rec.ClientID).ID
	}
	for _, name := range []string{clerk.CookieClientUAT, clerk.CookieSession, clerk.CookieDevBrowser} {
		if value, ok := cookies[name]; ok {
			cookies[e.key.SuffixedCookie(name)] = value
		}
	}
	c.note("signed in as " + u.ID)
	return c.ok(struct {
		controlSession
		Token   string            `json:"token"`
		Cookies map[string]string `json:"cookies"`
	}{newControlSession(&rec), token, cookies})
}

// anyUser finds a user by id, address, number or name.
func (e *Emulator) anyUser(name string) (state.User, error) {
	if u, err := e.store.User(name); err == nil {
		return u, nil
	}
	u, err := e.store.UserByIdentifier(name)
	if err != nil {
		return u, refusal.NotFound("user " + refusal.Quoted(name))
	}
	return u, nil
}

func (e *Emulator) controlToken(c *call) error {
	var in struct {
		Origin       *string `json:"origin"`
		Lifetime     int64   `json:"lifetime_seconds"`
		Organization *string `json:"organization"`
		Template     string  `json:"template"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if max := int64(maxAdvance / time.Second); in.Lifetime > max || in.Lifetime < -max {
		return refusal.Param("lifetime_seconds", "form_param_value_invalid", "lifetime_seconds is more than 20 years")
	}
	origin := e.cfg.Origins[0]
	if in.Origin != nil {
		origin = *in.Origin
	}
	var token string
	var err error
	if in.Template != "" {
		token, err = e.templateToken(c.param(0), in.Template, origin, 0)
	} else {
		token, err = e.sessionToken(c.param(0), tokenRequest{
			origin: origin, lifetime: time.Duration(in.Lifetime) * time.Second, organization: in.Organization,
		})
	}
	if err != nil {
		return err
	}
	c.note("token made")
	return c.ok(map[string]string{"token": token})
}

func (e *Emulator) controlRevoke(c *call) error { return e.controlOver(c, state.StatusRevoked) }

func (e *Emulator) controlEnd(c *call) error { return e.controlOver(c, state.StatusEnded) }

func (e *Emulator) controlExpire(c *call) error { return e.controlOver(c, state.StatusExpired) }

// controlOver ends a session in one of the three ways.
func (e *Emulator) controlOver(c *call, status string) error {
	if err := c.decode(&struct{}{}); err != nil {
		return err
	}
	rec, err := e.sessionOver(c.param(0), status)
	if err != nil {
		return err
	}
	c.note("session of " + rec.UserID + " " + rec.Status)
	return c.ok(newControlSession(&rec))
}

func (e *Emulator) sessionOver(id, status string) (state.Session, error) {
	if status == state.StatusExpired {
		return e.store.ExpireSession(id)
	}
	return e.store.EndSession(id, status)
}

// controlSign signs whatever it is given: claims as object, or as a string that
// is the payload as it is.
func (e *Emulator) controlSign(c *call) error {
	var in struct {
		Header map[string]any  `json:"header"`
		Claims json.RawMessage `json:"claims"`
	}
	if err := c.decode(&in); err != nil {
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
	key := e.keys.Current()
	token, err := keys.SignRS256(key.Private, keys.Header(key.ID, in.Header), payload)
	if err != nil {
		return refusal.Param("claims", "form_param_value_invalid", "claims cannot be signed")
	}
	c.note("token signed as told")
	return c.ok(map[string]string{"token": token})
}
