package clerk

import "encoding/json"

// MachineInfo holds what the Backend API or a token says about a machine token
// beyond its subject.
type MachineInfo struct {
	// Name is the name of an API key.
	Name string
	// ClientID is the OAuth application of an OAuth token.
	ClientID string
	// Scopes are the granted scopes.
	Scopes []string
	// Claims are the custom claims as JSON, nil if there are none.
	Claims json.RawMessage
}

// Auth returns the identity of an opaque machine token with these details, without
// checking anything: package handshake does that. A test may build one by hand:
//
//	a := clerk.MachineInfo{Scopes: []string{"files:read"}}.Auth(clerk.APIKey, "user_1", "ak_1")
//
// For API keys, OAuth and template tokens, UserID or OrgID is set from a subject
// that begins with user_ or org_.
func (m MachineInfo) Auth(t TokenType, subject, tokenID string) Auth {
	a := Auth{TokenType: t, Subject: subject, TokenID: tokenID}
	a.machine = &MachineInfo{Name: m.Name, ClientID: m.ClientID, Scopes: clone(m.Scopes), Claims: clone(m.Claims)}
	if t == APIKey || t == OAuth || t == TemplateToken {
		switch {
		case hasPrefix(subject, "user_"):
			a.UserID = subject
		case hasPrefix(subject, "org_"):
			a.OrgID = subject
		}
	}
	return a
}

// MachineAuth returns the identity that the claims of an M2M, OAuth or template
// token in the form of a JWT stand for, without checking anything: package verify
// does that. [Auth.Claims], [Auth.RawClaims] and [ClaimsAs] give its payload.
func (c *Claims) MachineAuth(t TokenType, m MachineInfo) Auth {
	if c == nil {
		return m.Auth(t, "", "")
	}
	a := m.Auth(t, c.subject, c.jti)
	a.IssuedAt, a.ExpiresAt = c.IssuedAt(), c.ExpiresAt()
	a.claims = c
	return a
}

// Machine returns what is known about a machine token, as a copy. It is zero for
// sessions.
func (a Auth) Machine() MachineInfo {
	if a.machine == nil {
		return MachineInfo{}
	}
	m := *a.machine
	m.Scopes, m.Claims = clone(m.Scopes), clone(m.Claims)
	return m
}

// Scopes returns the scopes of a machine token, a new list on each call.
func (a Auth) Scopes() []string { return a.Machine().Scopes }
