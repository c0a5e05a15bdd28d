package clerk

// TokenType is a kind of token that a request can present.
type TokenType string

// The kinds of tokens, named as in Clerk's API.
const (
	// SessionToken is the 60-second token of a signed-in user.
	SessionToken TokenType = "session_token"
	// APIKey is a long-lived key that a user or organization created (ak_…).
	APIKey TokenType = "api_key"
	// M2M is a token of one of your machines (mt_…, or a JWT whose sub begins with
	// mch_).
	M2M TokenType = "m2m_token"
	// OAuth is an access token that Clerk issued as OAuth provider (oat_…, or a
	// JWT of type at+jwt).
	OAuth TokenType = "oauth_token"
	// TemplateToken is a JWT made from one of the instance's JWT templates
	// (getToken({template})). The template's author chooses its lifetime and its
	// claims. It names a user, but it is not a session: [Auth.SignedIn] is false for
	// it, and it grants no roles, permissions, features or plans. Where Audience is
	// configured, the token must name one of its values.
	TemplateToken TokenType = "template_token"
)
