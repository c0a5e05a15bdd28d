package clerktest

import (
	"cmp"
	"crypto/subtle"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Scopes that Clerk knows
// (https://clerk.com/docs/guides/configure/auth-strategies/oauth/how-clerk-implements-oauth#scopes).
const (
	scopeOpenID   = "openid"
	scopeProfile  = "profile"
	scopeEmail    = "email"
	scopePublic   = "public_metadata"
	scopePrivate  = "private_metadata"
	scopeOffline  = "offline_access"
	scopeOrg      = "user:org:read"
	defaultScopes = scopeProfile + " " + scopeEmail
)

// builtInScopes are in the order of the metadata.
func builtInScopes() []string {
	return []string{scopeOpenID, scopeProfile, scopeEmail, scopePublic, scopePrivate, scopeOffline, scopeOrg}
}

// oauthSettings are those of the instance for its OAuth applications.
type oauthSettings struct {
	DynamicRegistration bool     `json:"dynamic_oauth_client_registration"`
	DefaultScopes       []string `json:"default_scopes"`
	JWTAccessTokens     bool     `json:"oauth_jwt_access_tokens"`
	CIMDAdvertised      bool     `json:"client_id_metadata_documents_advertised"`
	CIMDOnlyRegistered  bool     `json:"client_id_metadata_documents_only_allow_pre_registered_clients"`
	CIMDBlockImplicit   bool     `json:"client_id_metadata_documents_block_implicitly_allowed_clients"`
}

// newOAuthSettings are Clerk's defaults: access tokens are JWTs.
func newOAuthSettings() oauthSettings {
	return oauthSettings{DefaultScopes: strings.Fields(defaultScopes), JWTAccessTokens: true}
}

// oauthApplication is a client of the instance as an OAuth 2.0 provider.
type oauthApplication struct {
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
	Created      made
	UpdatedAt    time.Time
}

// checkSecret compares in constant time. Public clients have no secret.
func (a *oauthApplication) checkSecret(secret string) bool {
	return !a.Public && subtle.ConstantTimeCompare([]byte(secret), []byte(a.ClientSecret)) == 1
}

// maxOAuthName and maxOAuthScopes bound what an application has
// (schema of CreateOAuthApplication).
const (
	maxOAuthName   = 256
	maxOAuthScopes = 1024
)

func checkOAuthApplication(a *oauthApplication) error {
	switch {
	case a.Name == "":
		return errParam("name", "form_param_missing", "name must be given")
	case len(a.Name) > maxOAuthName:
		return errParam("name", "form_param_exceeds_maximum_length", "name is longer than 256 characters")
	case len(strings.Join(a.Scopes, " ")) > maxOAuthScopes:
		return errParam("scopes", "form_param_exceeds_maximum_length", "scopes are longer than 1024 characters")
	}
	for _, s := range a.Scopes {
		if !validScope(s) {
			return errParam("scopes", "form_param_value_invalid", "scope "+quoted(s)+" holds characters that a scope cannot have")
		}
	}
	for _, u := range a.RedirectURIs {
		if problem := redirectURIProblem(u); problem != "" {
			return errParam("redirect_uris", "form_param_format_invalid", "redirect URI "+quoted(u)+" "+problem)
		}
	}
	return nil
}

// validScope holds to RFC 6749 section 3.3.
func validScope(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c >= 0x7f || c == '"' || c == '\\' })
}

// redirectURIProblem says what is wrong with a redirect URI: it is absolute and
// without a fragment (RFC 6749 section 3.1.2), and http leads to this machine
// (RFC 8252 section 8.3). Applications on phones have schemes of their own.
func redirectURIProblem(s string) string {
	if len(s) > maxURL || strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c == 0x7f || c == '\\' }) {
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
		if !reservedName(u.Host) {
			return "is not https"
		}
	case "javascript", "data", "vbscript", "blob", "file", "about":
		return "has a scheme that is not one of an application"
	}
	return ""
}

// addOAuthApplication keeps a new application. Id and times are made here, and
// client id and secret if they are empty.
func (s *store) addOAuthApplication(a oauthApplication) (oauthApplication, error) {
	return with2(s, func(tx *stateTx) (oauthApplication, error) {
		if a.ClientID == "" {
			a.ClientID = tx.ids.random(16)
		}
		switch {
		case !validSlug(a.ClientID):
			return oauthApplication{}, errParam("client_id", "form_param_format_invalid", "client_id is not letters, digits, _ or -")
		case tx.OAuthApps[a.ClientID] != nil:
			return oauthApplication{}, errParam("client_id", "form_identifier_exists", "client_id is taken")
		case a.Public && a.ClientSecret != "":
			return oauthApplication{}, errParam("client_secret", "form_param_value_invalid", "a public client has no client_secret")
		}
		if a.Dynamic {
			a.Name = cmp.Or(a.Name, a.ClientID)
		}
		if err := checkOAuthApplication(&a); err != nil {
			return oauthApplication{}, err
		}
		a.ID, a.Created = tx.ids.next("oauthapp"), tx.made()
		a.UpdatedAt = a.Created.At
		if !a.Public && a.ClientSecret == "" {
			a.ClientSecret = tx.ids.random(32)
		}
		tx.OAuthApps[a.ClientID] = &a
		return a, nil
	})
}

func (tx *stateTx) oauthApplication(id string) (*oauthApplication, error) {
	for _, a := range tx.OAuthApps {
		if a.ID == id {
			return a, nil
		}
	}
	return nil, errNotFound("OAuth application with id " + quoted(id))
}

// onOAuthApplication changes the application with an id, and returns it as it is
// then. Change may be nil.
func (s *store) onOAuthApplication(id string, change func(*oauthApplication)) (oauthApplication, error) {
	return with2(s, func(tx *stateTx) (oauthApplication, error) {
		a, err := tx.oauthApplication(id)
		if err != nil || change == nil {
			if err != nil {
				return oauthApplication{}, err
			}
			return *a, nil
		}
		after := *a
		change(&after)
		switch {
		case after.Public:
			after.ClientSecret = ""
		case after.ClientSecret == "":
			after.ClientSecret = tx.ids.random(32)
		}
		if err := checkOAuthApplication(&after); err != nil {
			return oauthApplication{}, err
		}
		after.UpdatedAt = tx.now()
		*a = after
		return after, nil
	})
}

// deleteOAuthApplication deletes an application with its codes, tokens and
// consents.
func (s *store) deleteOAuthApplication(id string) error {
	return s.Update(func(tx *stateTx) error {
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

// oauthClient returns the application with a client id.
func (s *store) oauthClient(clientID string) (oauthApplication, bool) {
	return with2(s, func(tx *stateTx) (oauthApplication, bool) {
		a := tx.OAuthApps[clientID]
		if a == nil {
			return oauthApplication{}, false
		}
		return *a, true
	})
}

// listOAuthApplications returns applications, oldest first.
func (s *store) listOAuthApplications(keep func(*oauthApplication) bool) []oauthApplication {
	return with(s, func(tx *stateTx) []oauthApplication {
		return list(tx.OAuthApps, func(a *oauthApplication) made { return a.Created }, keep)
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

// consented reports whether a user granted a client all the scopes before.
func (s *store) consented(userID, clientID string, scopes []string) bool {
	return with(s, func(tx *stateTx) bool {
		granted := tx.OAuthConsents[consentKey{userID, clientID}]
		return !slices.ContainsFunc(scopes, func(one string) bool { return !slices.Contains(granted, one) })
	})
}

// consent notes that a user granted a client the scopes.
func (s *store) consent(userID, clientID string, scopes []string) {
	s.Apply(func(tx *stateTx) {
		key := consentKey{userID, clientID}
		granted := append(slices.Clone(tx.OAuthConsents[key]), scopes...)
		slices.Sort(granted)
		tx.OAuthConsents[key] = slices.Compact(granted)
	})
}

// oauthSettings returns the settings; change may be nil.
func (s *store) oauthSettings(change func(*oauthSettings)) oauthSettings {
	return with(s, func(tx *stateTx) oauthSettings {
		if change != nil {
			change(&tx.OAuthSettings)
		}
		return tx.OAuthSettings
	})
}
