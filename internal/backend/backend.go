// Package backend calls Clerk's Backend API (BAPI) to authenticate requests. It
// implements the interface of package handshake with the HTTP client of
// internal/transport.
package backend

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/internal/transport"
)

// timeout bounds one call. It is short because a browser or a client waits for it.
const timeout = 5 * time.Second

// maxAnswer is the maximum size of a response: a few cookies, or the record of a token.
const maxAnswer = 256 << 10

// Backend implements handshake.Backend.
type Backend struct {
	client     *transport.Client
	machineKey func() string // a function, so that fmt does not print the key
}

// New returns a Backend with the settings of cfg. SecretKey or MachineSecretKey must be
// set. New does not access the network.
func New(cfg clerk.Config) (*Backend, error) {
	key := cfg.SecretKey
	if key == "" {
		key = cfg.MachineSecretKey
	}
	client, err := transport.New(transport.Config{
		SecretKey:        key,
		APIURL:           cfg.APIURL,
		HTTPClient:       cfg.HTTPClient,
		Timeout:          timeout,
		MaxResponseBytes: maxAnswer,
		Logger:           cfg.Logger,
		Now:              cfg.Now,
		InsecureHTTP:     cfg.InsecureEmulator,
	})
	if err != nil {
		return nil, err
	}
	machineKey := cfg.MachineSecretKey
	return &Backend{client: client, machineKey: func() string { return machineKey }}, nil
}

// HandshakePayload exchanges a nonce for Set-Cookie values. The first call uses up the
// nonce, so HandshakePayload does not retry.
func (b *Backend) HandshakePayload(ctx context.Context, nonce string) ([]string, error) {
	var answer struct {
		Directives []string `json:"directives"`
	}
	err := b.do(ctx, transport.Request{
		Method: "GET", Path: []string{"clients", "handshake_payload"}, Query: url.Values{"nonce": {nonce}},
	}, &answer)
	return answer.Directives, err
}

type refreshBody struct {
	Format         string              `json:"format"`
	ExpiredToken   string              `json:"expired_token"`
	RefreshToken   string              `json:"refresh_token"`
	RequestOrigin  string              `json:"request_origin"`
	RequestHeaders map[string][]string `json:"request_headers,omitempty"`
}

// RefreshSession exchanges an expired session token for Set-Cookie values.
func (b *Backend) RefreshSession(ctx context.Context, r handshake.RefreshRequest) ([]string, error) {
	body, err := json.Marshal(refreshBody{"cookie", r.ExpiredToken, r.RefreshToken, r.RequestOrigin, r.RequestHeaders})
	if err != nil {
		return nil, err
	}
	req := transport.Request{Method: "POST", Path: []string{"sessions", r.SessionID, "refresh"}, Body: body}
	if r.SuffixedCookies {
		req.Query = url.Values{"suffixed_cookies": {"true"}}
	}
	var answer struct {
		Cookies []string `json:"cookies"`
	}
	err = b.do(ctx, req, &answer)
	return answer.Cookies, err
}

// VerifyM2M verifies an opaque M2M token, with the machine's secret key if there
// is one.
func (b *Backend) VerifyM2M(ctx context.Context, token string) (handshake.MachineToken, error) {
	return b.verify(ctx, "token", token, b.machineKey(), "m2m_tokens", "verify")
}

// VerifyAPIKey verifies an API key.
func (b *Backend) VerifyAPIKey(ctx context.Context, secret string) (handshake.MachineToken, error) {
	return b.verify(ctx, "secret", secret, "", "api_keys", "verify")
}

// VerifyOAuth verifies an opaque OAuth access token.
func (b *Backend) VerifyOAuth(ctx context.Context, token string) (handshake.MachineToken, error) {
	return b.verify(ctx, "access_token", token, "", "oauth_applications", "access_tokens", "verify")
}

// machineToken has the fields that are read from the responses of the three operations.
type machineToken struct {
	ID         string          `json:"id"`
	Subject    string          `json:"subject"`
	Name       string          `json:"name"`
	ClientID   string          `json:"client_id"`
	Scopes     []string        `json:"scopes"`
	Audience   []string        `json:"aud"`
	Claims     json.RawMessage `json:"claims"`
	Revoked    bool            `json:"revoked"`
	Expired    bool            `json:"expired"`
	Expiration *float64        `json:"expiration"`
	CreatedAt  *float64        `json:"created_at"`
}

func (b *Backend) verify(ctx context.Context, member, token, key string, path ...string) (handshake.MachineToken, error) {
	body, err := json.Marshal(map[string]string{member: token})
	if err != nil {
		return handshake.MachineToken{}, err
	}
	var t machineToken
	err = b.do(ctx, transport.Request{
		Method: "POST", Path: path, Unversioned: true, Body: body, SecretKey: key,
	}, &t)
	if err != nil {
		return handshake.MachineToken{}, err
	}
	if string(t.Claims) == "null" {
		t.Claims = nil
	}
	return handshake.MachineToken{
		ID: t.ID, Subject: t.Subject, Name: t.Name, ClientID: t.ClientID, Scopes: t.Scopes, Audience: t.Audience,
		Claims: t.Claims, Revoked: t.Revoked, Expired: t.Expired,
		CreatedAt: timestamp(t.CreatedAt), ExpiresAt: timestamp(t.Expiration),
	}, nil
}

// timestamp reads a time in milliseconds, as in API keys and M2M tokens, or in seconds,
// as in OAuth tokens. The magnitude distinguishes the two.
func timestamp(n *float64) time.Time {
	switch {
	case n == nil || *n <= 0 || *n > 8.64e15:
		return time.Time{}
	case *n < 1e11:
		return time.Unix(int64(*n), 0)
	}
	return time.UnixMilli(int64(*n))
}

// do makes one call without retries. The client is waiting for the response, and
// retries would multiply a flood of requests.
func (b *Backend) do(ctx context.Context, req transport.Request, out any) error {
	req.NoRetry = true
	_, err := b.client.Do(ctx, req, out)
	if err == nil {
		return nil
	}
	be := &handshake.BackendError{Err: err}
	if e := (*transport.Error)(nil); errors.As(err, &e) && !errors.Is(err, transport.ErrInvalidArgument) {
		be.Status = e.Status
		if codes := e.Codes(); len(codes) > 0 {
			be.Code = codes[0]
		}
	} else if errors.Is(err, transport.ErrInvalidArgument) {
		be.Status = 400 // refused before it was sent: the request is invalid
	}
	return be
}
