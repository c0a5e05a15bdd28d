package state

import (
	"cmp"
	"crypto/subtle"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// Scopes that Clerk knows
// (https://clerk.com/docs/guides/configure/auth-strategies/oauth/how-clerk-implements-oauth#scopes).
const (
	ScopeOpenID   = "openid"
	ScopeProfile  = "profile"
	ScopeEmail    = "email"
	ScopePublic   = "public_metadata"
	ScopePrivate  = "private_metadata"
	ScopeOffline  = "offline_access"
	ScopeOrg      = "user:org:read"
	DefaultScopes = ScopeProfile + " " + ScopeEmail
)

// BuiltInScopes are in the order of the metadata.
func BuiltInScopes() []string {
	return []string{ScopeOpenID, ScopeProfile, ScopeEmail, ScopePublic, ScopePrivate, ScopeOffline, ScopeOrg}
}

// OAuthSettings are those of the instance for its OAuth applications.
type OAuthSettings struct {
	DynamicRegistration bool     `json:"dynamic_oauth_client_registration"`
	DefaultScopes       []string `json:"default_scopes"`
	JWTAccessTokens     bool     `json:"oauth_jwt_access_tokens"`
	CIMDAdvertised      bool     `json:"client_id_metadata_documents_advertised"`
	CIMDOnlyRegistered  bool     `json:"client_id_metadata_documents_only_allow_pre_registered_clients"`
	CIMDBlockImplicit   bool     `json:"client_id_metadata_documents_block_implicitly_allowed_clients"`
}

// newOAuthSettings are Clerk's defaults: access tokens are JWTs.
func newOAuthSettings() OAuthSettings {
	return OAuthSettings{DefaultScopes: strings.Fields(DefaultScopes), JWTAccessTokens: true}
}

// OAuthApplication is a client of the instance as an OAuth 2.0 provider.
type OAuthApplication struct {
	ID, ClientID string
	ClientSecret string // "" for public clients
	Name         string
	URI, Logo    string
	Dynamic      bool
	Consent      bool
	PKCE         bool
	Public       bool
	Scopes       []string
	RedirectURIs []string
	Created      Made
	UpdatedAt    time.Time
}

// CheckSecret compares in constant time. Public clients have no secret.
func (a *OAuthApplication) CheckSecret(secret string) bool {
	return !a.Public && subtle.ConstantTimeCompare([]byte(secret), []byte(a.ClientSecret)) == 1
}

// maxOAuthName and maxOAuthScopes bound what an application has
// (schema of CreateOAuthApplication).
const (
	maxOAuthName   = 256
	maxOAuthScopes = 1024
)

func checkOAuthApplication(a *OAuthApplication) error {
	switch {
	case a.Name == "":
		return refusal.Param("name", "form_param_missing", "name must be given")
	case len(a.Name) > maxOAuthName:
		return refusal.Param("name", "form_param_exceeds_maximum_length", "name is longer than 256 characters")
	case len(strings.Join(a.Scopes, " ")) > maxOAuthScopes:
		return refusal.Param("scopes", "form_param_exceeds_maximum_length", "scopes are longer than 1024 characters")
	}
	for _, s := range a.Scopes {
		if !ValidScope(s) {
			return refusal.Param("scopes", "form_param_value_invalid", "scope "+refusal.Quoted(s)+" holds characters that a scope cannot have")
		}
	}
	for _, u := range a.RedirectURIs {
		if problem := RedirectURIProblem(u); problem != "" {
			return refusal.Param("redirect_uris", "form_param_format_invalid", "redirect URI "+refusal.Quoted(u)+" "+problem)
		}
	}
	return nil
}

// ValidScope holds to RFC 6749 section 3.3.
func ValidScope(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c >= 0x7f || c == '"' || c == '\\' })
}

// RedirectURIProblem says what is wrong with a redirect URI: it is absolute and
// without a fragment (RFC 6749 section 3.1.2), and http leads to this machine
// (RFC 8252 section 8.3). Applications on phones have schemes of their own.
func RedirectURIProblem(s string) string {
	if len(s) > MaxURL || strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c == 0x7f || c == '\\' }) {
		return "is too long, or holds white space, a control character or a backslash"
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Scheme == "":
		return "is not an absolute URL"
	case strings.Contains(s, "#"):
		return "has a fragment"
	case u.User != nil:
		return "holds a user name"
	}
	switch strings.ToLower(u.Scheme) {
	case "https":
		if u.Hostname() == "" {
			return "has no host"
		}
	case "http":
		if !hosts.Reserved(u.Host) {
			return "is not https"
		}
	case "javascript", "data", "vbscript", "blob", "file", "about":
		return "has a scheme that is not one of an application"
	}
	return ""
}

// AddOAuthApplication keeps a new application. Id and times are made here, and
// client id and secret if they are empty.
func (s *Store) AddOAuthApplication(a OAuthApplication) (OAuthApplication, error) {
	return With2(s, func(tx *Tx) (OAuthApplication, error) {
		if a.ClientID == "" {
			a.ClientID = tx.IDs.Random(16)
		}
		switch {
		case !ValidSlug(a.ClientID):
			return OAuthApplication{}, refusal.Param("client_id", "form_param_format_invalid", "client_id is not letters, digits, _ or -")
		case tx.OAuthApps[a.ClientID] != nil:
			return OAuthApplication{}, refusal.Param("client_id", "form_identifier_exists", "client_id is taken")
		case a.Public && a.ClientSecret != "":
			return OAuthApplication{}, refusal.Param("client_secret", "form_param_value_invalid", "a public client has no client_secret")
		}
		if a.Dynamic {
			a.Name = cmp.Or(a.Name, a.ClientID)
		}
		if err := checkOAuthApplication(&a); err != nil {
			return OAuthApplication{}, err
		}
		a.ID, a.Created = tx.IDs.Next("oauthapp"), tx.Made()
		a.UpdatedAt = a.Created.At
		if !a.Public && a.ClientSecret == "" {
			a.ClientSecret = tx.IDs.Random(32)
		}
		tx.OAuthApps[a.ClientID] = &a
		return a, nil
	})
}

func (tx *Tx) oauthApplication(id string) (*OAuthApplication, error) {
	for _, a := range tx.OAuthApps {
		if a.ID == id {
			return a, nil
		}
	}
	return nil, refusal.NotFound("OAuth application with id " + refusal.Quoted(id))
}

// OnOAuthApplication changes the application with an id, and returns it as it is
// then. Change may be nil.
func (s *Store) OnOAuthApplication(id string, change func(*OAuthApplication)) (OAuthApplication, error) {
	return With2(s, func(tx *Tx) (OAuthApplication, error) {
		a, err := tx.oauthApplication(id)
		if err != nil || change == nil {
			if err != nil {
				return OAuthApplication{}, err
			}
			return *a, nil
		}
		after := *a
		change(&after)
		switch {
		case after.Public:
			after.ClientSecret = ""
		case after.ClientSecret == "":
			after.ClientSecret = tx.IDs.Random(32)
		}
		if err := checkOAuthApplication(&after); err != nil {
			return OAuthApplication{}, err
		}
		after.UpdatedAt = tx.Now()
		*a = after
		return after, nil
	})
}

// DeleteOAuthApplication deletes an application with its codes, tokens and
// consents.
func (s *Store) DeleteOAuthApplication(id string) error {
	return s.Update(func(tx *Tx) error {
		a, err := tx.oauthApplication(id)
		if err != nil {
			return err
		}
		delete(tx.OAuthApps, a.ClientID)
		for key, c := range tx.OAuthCodes {
			if c.Grant.ClientID == a.ClientID {
				delete(tx.OAuthCodes, key)
			}
		}
		for key, t := range tx.OAuthTokens {
			if t.Grant.ClientID == a.ClientID {
				delete(tx.OAuthTokens, key)
			}
		}
		for key := range tx.OAuthConsents {
			if key.Client == a.ClientID {
				delete(tx.OAuthConsents, key)
			}
		}
		return nil
	})
}

// OAuthClient returns the application with a client id.
func (s *Store) OAuthClient(clientID string) (OAuthApplication, bool) {
	return With2(s, func(tx *Tx) (OAuthApplication, bool) {
		a := tx.OAuthApps[clientID]
		if a == nil {
			return OAuthApplication{}, false
		}
		return *a, true
	})
}

// ListOAuthApplications returns applications, oldest first.
func (s *Store) ListOAuthApplications(keep func(*OAuthApplication) bool) []OAuthApplication {
	return With(s, func(tx *Tx) []OAuthApplication {
		return List(tx.OAuthApps, func(a *OAuthApplication) Made { return a.Created }, keep)
	})
}

// consentKey names what a user granted to a client.
type consentKey struct{ User, Client string }

// MarshalText makes it the key of a JSON object. Neither id has a slash.
func (k consentKey) MarshalText() ([]byte, error) { return []byte(k.User + "/" + k.Client), nil }

// UnmarshalText reverses MarshalText.
func (k *consentKey) UnmarshalText(text []byte) error {
	k.User, k.Client, _ = strings.Cut(string(text), "/")
	return nil
}

// Consented reports whether a user granted a client all the scopes before.
func (s *Store) Consented(userID, clientID string, scopes []string) bool {
	return With(s, func(tx *Tx) bool {
		granted := tx.OAuthConsents[consentKey{userID, clientID}]
		return !slices.ContainsFunc(scopes, func(one string) bool { return !slices.Contains(granted, one) })
	})
}

// Consent notes that a user granted a client the scopes.
func (s *Store) Consent(userID, clientID string, scopes []string) {
	s.Apply(func(tx *Tx) {
		key := consentKey{userID, clientID}
		granted := append(slices.Clone(tx.OAuthConsents[key]), scopes...)
		slices.Sort(granted)
		tx.OAuthConsents[key] = slices.Compact(granted)
	})
}

// OAuthSettings returns the settings; change may be nil.
func (s *Store) OAuthSettings(change func(*OAuthSettings)) OAuthSettings {
	return With(s, func(tx *Tx) OAuthSettings {
		if change != nil {
			change(&tx.OAuthSettings)
		}
		return tx.OAuthSettings
	})
}
