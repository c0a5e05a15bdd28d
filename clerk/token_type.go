package clerk

// TokenType is a kind of token that a request can present.
type TokenType string

// The kinds of tokens, named as in Clerk's API.
const (
	// SessionToken is the 60-second token of a signed-in user.
	SessionToken TokenType = "session_token"
	// APIKey is a long-lived key that a user or organization created (ak_…).
	APIKey TokenType = "api_key"
	// M2M is a token of a machine of yours (mt_…, or a JWT whose sub begins with
	// mch_).
	M2M TokenType = "m2m_token"
	// OAuth is an access token that Clerk issued as OAuth provider (oat_…, or a
	// JWT of type at+jwt).
	OAuth TokenType = "oauth_token"
	// TemplateToken is a JWT made from one of the instance's JWT templates
	// (getToken({template})). Its lifetime and its claims are the template
	// author's. It names a user, but it is no session: [Auth.SignedIn] is false for
	// it, and roles, permissions, features and plans are not read from it. Where
	// Audience is configured, it must name one.
	TemplateToken TokenType = "template_token"
)
