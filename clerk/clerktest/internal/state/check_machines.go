package state

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// machineRules are the rules of the tables of machine authentication and OAuth.
func (t *Tables) machineRules() map[string]func() error {
	validClaims := func(raw json.RawMessage) bool { return raw == nil || json.Valid(raw) }
	return map[string]func() error{
		"Machines": func() error {
			return each(t.Machines, func(id string, m *Machine) string {
				switch {
				case m.ID != id || !validID(id, "mch_"):
					return "is not its id"
				case checkMachine(m.Name, m.DefaultTokenTTL) != nil || len(m.Scopes) > maxMachineScopes:
					return "has a name, lifetime or number of scopes that it cannot have"
				case !strings.HasPrefix(m.Secret, "ak_"):
					return "has no secret key"
				}
				return ""
			})
		},
		"M2MTokens": func() error {
			return eachSecret(t.M2MTokens, func(token string, m *M2MToken) string {
				if !strings.HasPrefix(token, "mt_") || !validClaims(m.Claims) {
					return "is no token, or has claims that are no JSON"
				}
				return keyed(m.Token == token)
			})
		},
		"APIKeys": func() error {
			return eachSecret(t.APIKeys, func(secret string, k *APIKey) string {
				if !strings.HasPrefix(secret, "ak_") || !validClaims(k.Claims) || checkAPIKey(k) != nil {
					return "is no key, or has a name, description, type or claims that it cannot have"
				}
				return keyed(k.Secret == secret)
			})
		},
		"OAuthApps": func() error {
			return each(t.OAuthApps, func(id string, a *OAuthApplication) string {
				if a.Public == (a.ClientSecret != "") || checkOAuthApplication(a) != nil {
					return "has a secret, name, scope or redirect URI that it cannot have"
				}
				return keyed(a.ClientID == id && id != "")
			})
		},
		"OAuthCodes": func() error {
			return eachSecret(t.OAuthCodes, func(code string, c *oauthCode) string {
				return keyed(code != "" && c.Grant.ID != "")
			})
		},
		"OAuthTokens": func() error {
			return eachSecret(t.OAuthTokens, func(token string, o *OAuthToken) string {
				if o.Grant.ID == "" || o.Refresh == (o.TokenID != "") {
					return "has no grant, or an id that refresh tokens do not have"
				}
				return keyed(token != "")
			})
		},
		"OAuthConsents": func() error { return nil }, // any will do
		"OAuthSettings": func() error {
			if t.OAuthSettings.DefaultScopes == nil { // of an older emulator
				t.OAuthSettings = newOAuthSettings()
			}
			if slices.ContainsFunc(t.OAuthSettings.DefaultScopes, func(s string) bool { return !ValidScope(s) }) {
				return refusal.Param("default_scopes", "form_param_value_invalid", "a default scope that is none")
			}
			return nil
		},
		"AgentTasks": func() error {
			return eachSecret(t.AgentTasks, func(ticket string, a *AgentTask) string {
				return keyed(ticket != "" && a.ID != "" && a.Lifetime > 0)
			})
		},
	}
}
