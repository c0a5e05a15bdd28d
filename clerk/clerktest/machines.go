package clerktest

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// Machine is a service of the application that authenticates by M2M tokens.
type Machine struct {
	// ID pins the id, which must begin with mch_. Empty means a new one.
	ID string `json:"id,omitempty"`
	// Name is the name, the id if empty.
	Name string `json:"name,omitempty"`
	// Scopes are the ids of the machines that it may call: they accept its opaque
	// tokens.
	Scopes []string `json:"scoped_machines,omitempty"`
	// TokenLifetime is how long tokens live that are made without a lifetime of
	// their own, in whole seconds. Zero means an hour, as at Clerk.
	TokenLifetime time.Duration `json:"-"`
	// SecretKey is the machine's secret key, ak_…, for
	// [clerk.Config].MachineSecretKey. Empty means a random one, which AddMachine
	// fills in. A pinned one must begin with ak_emulator, so that a real one cannot
	// end up here.
	SecretKey string `json:"secret_key,omitempty"`
}

// MachineToken describes a machine token. The zero value is an opaque token without
// scopes and claims.
type MachineToken struct {
	// Name is the name of an API key, "clerktest" if empty. Others have none.
	Name string
	// Scopes are those of an API key or OAuth token. The scopes of an M2M token
	// are those of its machine.
	Scopes []string
	// Claims are custom claims of an API key or M2M token. OAuth tokens have none.
	Claims map[string]any
	// Lifetime is how long it lives. Zero means no end for API keys, the
	// machine's TokenLifetime for M2M tokens, and a day for OAuth tokens.
	Lifetime time.Duration
	// JWT makes an M2M or OAuth token in JWT form, which servers verify without a call
	// to Clerk. API keys are always opaque.
	JWT bool
	// ClientID is the client of an OAuth token, see
	// [Emulator.AddOAuthApplication]. Empty means an application for tests.
	ClientID string
}

// AddMachine adds a machine and returns it with its id and secret key. The
// machines of its scopes must be there.
func (e *Emulator) AddMachine(m Machine) Machine {
	e.helper()
	added, err := e.addMachine(m)
	if err != nil {
		e.fail("AddMachine: %v", err)
	}
	return added
}

func (e *Emulator) addMachine(m Machine) (Machine, error) {
	ttl := int64(m.TokenLifetime / time.Second)
	if m.TokenLifetime == 0 {
		ttl = state.DefaultMachineTTL
	}
	state, err := e.server.Store.AddMachine(state.Machine{
		ID: m.ID, Name: cmp.Or(m.Name, m.ID, "clerktest"), DefaultTokenTTL: ttl, Secret: m.SecretKey,
	}, m.Scopes)
	if err != nil {
		return m, err
	}
	m.ID, m.Name, m.SecretKey = state.Machine.ID, state.Machine.Name, state.Machine.Secret
	m.TokenLifetime = time.Duration(ttl) * time.Second
	return m, nil
}

// M2MToken makes a token with which the machine calls others: mt_…, or a JWT.
func (e *Emulator) M2MToken(m Machine, like MachineToken) string {
	e.helper()
	shown, err := e.server.Store.Machine(m.ID)
	if err != nil {
		e.fail("M2MToken: %v", err)
		return ""
	}
	lifetime := like.Lifetime
	if lifetime == 0 {
		lifetime = time.Duration(shown.Machine.DefaultTokenTTL) * time.Second
	}
	claims := e.encodeClaims("M2MToken", like.Claims)
	var t state.M2MToken
	if like.JWT {
		t, err = e.machines.M2MJWT(&shown.Machine, claims, lifetime)
	} else {
		t, err = e.server.Store.NewM2MToken(m.ID, claims, lifetime, nil)
	}
	if err != nil {
		e.fail("M2MToken: %v", err)
	}
	return t.Token
}

// APIKey makes an API key, ak_…, for the user, organization or machine with the
// id.
func (e *Emulator) APIKey(subject string, like MachineToken) string {
	e.helper()
	k, err := e.server.Store.AddAPIKey(state.APIKey{
		Type: state.DefaultAPIKeyType, Subject: subject, Name: cmp.Or(like.Name, "clerktest"),
		Claims: e.encodeClaims("APIKey", like.Claims), Scopes: slices.Clone(like.Scopes),
	}, like.Lifetime)
	if err != nil {
		e.fail("APIKey: %v", err)
	}
	return k.Secret
}

// OAuthToken makes an access token with which an OAuth client acts for the user:
// oat_…, or a JWT.
func (e *Emulator) OAuthToken(u User, like MachineToken) string {
	e.helper()
	if _, err := e.server.Store.User(u.ID); err != nil {
		e.fail("OAuthToken: %v", err)
		return ""
	}
	client := like.ClientID
	if client == "" {
		client = e.AddOAuthApplication(OAuthApplication{Scopes: like.Scopes}).ClientID
	} else if _, ok := e.server.Store.OAuthClient(client); !ok {
		e.fail("OAuthToken: there is no OAuth application with client id %s", client)
		return ""
	}
	token, err := e.oauth.NewAccessToken(&state.OAuthGrant{
		ID: e.server.IDs.Next("grant"), ClientID: client, UserID: u.ID, Scopes: slices.Clone(like.Scopes), AuthAt: e.server.Now(),
	}, like.JWT, cmp.Or(like.Lifetime, state.OAuthAccessLifetime))
	if err != nil {
		e.fail("OAuthToken: %v", err)
	}
	return token
}

func (e *Emulator) encodeClaims(who string, claims map[string]any) json.RawMessage {
	if claims == nil {
		return nil
	}
	raw, err := json.Marshal(claims)
	if err != nil {
		e.fail("%s: claims: %v", who, err)
	}
	return raw
}

// OAuthApplication is a client of the instance as an OAuth 2.0 and OpenID Connect
// provider: users grant it access.
type OAuthApplication struct {
	// Name is what the consent page calls it, "clerktest" if empty.
	Name string `json:"name,omitempty"`
	// RedirectURIs are where it may get authorization codes.
	RedirectURIs []string `json:"redirect_uris,omitempty"`
	// Scopes are those that it may ask for. None means profile and email.
	Scopes []string `json:"scopes,omitempty"`
	// Public makes a client without a secret, which must use PKCE.
	Public bool `json:"public,omitempty"`
	// SkipConsent leaves the consent page out.
	SkipConsent bool `json:"skip_consent,omitempty"`
	// ClientID and ClientSecret are random ones if empty, which
	// AddOAuthApplication fills in.
	ClientID     string `json:"client_id,omitempty"`
	ClientSecret string `json:"client_secret,omitempty"`
}

// AddOAuthApplication adds an OAuth application and returns it with its client id,
// and its secret if it has one.
func (e *Emulator) AddOAuthApplication(a OAuthApplication) OAuthApplication {
	e.helper()
	added, err := e.addOAuthApplication(a)
	if err != nil {
		e.fail("AddOAuthApplication: %v", err)
	}
	return added
}

func (e *Emulator) addOAuthApplication(a OAuthApplication) (OAuthApplication, error) {
	scopes := slices.Clone(a.Scopes)
	if len(scopes) == 0 {
		scopes = strings.Fields(state.DefaultScopes)
	}
	added, err := e.server.Store.AddOAuthApplication(state.OAuthApplication{
		Name: cmp.Or(a.Name, "clerktest"), RedirectURIs: slices.Clone(a.RedirectURIs), Scopes: scopes,
		Public: a.Public, Consent: !a.SkipConsent, ClientID: a.ClientID, ClientSecret: a.ClientSecret,
	})
	if err != nil {
		return a, err
	}
	a.Name, a.Scopes, a.ClientID, a.ClientSecret = added.Name, added.Scopes, added.ClientID, added.ClientSecret
	return a, nil
}
