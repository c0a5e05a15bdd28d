package handshake

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// Backend makes the calls to Clerk's Backend API that the state machine needs,
// authorized by the secret key. Package middleware has an implementation. Methods must
// be safe for concurrent use.
//
// If the API refuses a call, the error must be a *[BackendError]. Every other error
// counts as an outage.
type Backend interface {
	// HandshakePayload exchanges the nonce of a handshake for its Set-Cookie
	// values: GET /v1/clients/handshake_payload.
	HandshakePayload(ctx context.Context, nonce string) ([]string, error)
	// RefreshSession exchanges an expired session token for Set-Cookie values
	// with a new one: POST /v1/sessions/{session_id}/refresh, format "cookie".
	RefreshSession(ctx context.Context, r RefreshRequest) ([]string, error)
	// VerifyM2M, VerifyAPIKey and VerifyOAuth verify an opaque token: POST
	// /m2m_tokens/verify, /api_keys/verify and
	// /oauth_applications/access_tokens/verify.
	VerifyM2M(ctx context.Context, token string) (MachineToken, error)
	VerifyAPIKey(ctx context.Context, secret string) (MachineToken, error)
	VerifyOAuth(ctx context.Context, token string) (MachineToken, error)
}

// RefreshRequest holds the parameters of a session refresh.
type RefreshRequest struct {
	// SessionID is in the path.
	SessionID string
	// SuffixedCookies asks for cookies with the suffix; it is the query parameter
	// suffixed_cookies, left out when false.
	SuffixedCookies bool
	// ExpiredToken, RefreshToken and RequestOrigin are the members expired_token,
	// refresh_token and request_origin of the body.
	ExpiredToken, RefreshToken, RequestOrigin string
	// RequestHeaders is the member request_headers: what the Frontend API records
	// as the session's activity.
	RequestHeaders map[string][]string
}

// MachineToken is the Backend API's answer about an opaque token.
type MachineToken struct {
	// ID is the id of the token or key, and Subject the user, organization or machine
	// that it represents. Without both there is no identity.
	ID, Subject string
	// Name is that of an API key, ClientID the application of an OAuth token.
	Name, ClientID string
	Scopes         []string
	// Audience is the aud of an OAuth token.
	Audience []string
	// Claims are the custom claims, nil if there are none.
	Claims json.RawMessage
	// Revoked and Expired refuse the token, whatever the status of the answer was.
	Revoked, Expired bool
	// CreatedAt and ExpiresAt are zero where the answer does not say.
	CreatedAt, ExpiresAt time.Time
}

// BackendError is an answer of the Backend API that is not a success.
type BackendError struct {
	// Status is the HTTP status, 0 where there was no answer.
	Status int
	// Code is the code of the first error in the answer, "" if there is none.
	Code string
	// Err is the cause; it must not hold secrets.
	Err error
}

// Error implements the error interface.
func (e *BackendError) Error() string {
	s := "handshake: the Backend API did not answer"
	if e.Status != 0 {
		s = "handshake: the Backend API answered " + strconv.Itoa(e.Status)
	}
	if e.Code != "" {
		s += " " + strconv.QuoteToASCII(e.Code)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns Err.
func (e *BackendError) Unwrap() error { return e.Err }

// Outage reports whether the credential could not be checked: there was no answer, the
// server failed (5xx), or it limits the rate (429).
func (e *BackendError) Outage() bool {
	return e.Status < 400 || e.Status >= 500 || e.Status == http.StatusRequestTimeout || e.Status == http.StatusTooManyRequests
}

// isOutage distinguishes an outage from a refusal.
func isOutage(err error) bool {
	if e := (*BackendError)(nil); errors.As(err, &e) {
		return e.Outage()
	}
	return err != nil
}
