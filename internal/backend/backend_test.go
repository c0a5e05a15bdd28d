package backend_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/internal/backend"
)

const secretKey, machineKey = "sk_test_backend", "ak_machine"

// bapi gives every call the same response, and records the last call.
type bapi struct {
	*httptest.Server
	calls  int
	method string
	uri    string
	auth   string
	body   map[string]any
}

func newBackend(t *testing.T, status int, answer string, cfg clerk.Config) (*bapi, *backend.Backend) {
	t.Helper()
	api := &bapi{}
	api.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		api.calls++
		api.method, api.uri, api.auth, api.body = r.Method, r.RequestURI, r.Header.Get("Authorization"), nil
		raw, err := io.ReadAll(r.Body)
		if err != nil || len(raw) > 0 && json.Unmarshal(raw, &api.body) != nil {
			t.Errorf("body %q, %v", raw, err)
		}
		if got := r.Header.Get("Clerk-Api-Version"); got != clerk.DefaultAPIVersion {
			t.Errorf("version %q", got)
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(api.Close)
	cfg.APIURL = api.URL
	b, err := backend.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return api, b
}

func TestHandshakePayload(t *testing.T) {
	api, b := newBackend(t, 200, `{"object":"handshake_payload","directives":["__session=a","__client_uat=1"]}`, clerk.Config{SecretKey: secretKey})
	got, err := b.HandshakePayload(t.Context(), "a +&é")
	if err != nil || !reflect.DeepEqual(got, []string{"__session=a", "__client_uat=1"}) {
		t.Errorf("got %q, %v", got, err)
	}
	if api.method != "GET" || api.uri != "/v1/clients/handshake_payload?nonce=a+%2B%26%C3%A9" || api.auth != "Bearer "+secretKey {
		t.Errorf("sent %s %s %s", api.method, api.uri, api.auth)
	}
}

func TestRefreshSession(t *testing.T) {
	api, b := newBackend(t, 200, `{"object":"cookies","cookies":["__session=b"]}`, clerk.Config{SecretKey: secretKey})
	got, err := b.RefreshSession(t.Context(), handshake.RefreshRequest{
		SessionID: "sess_1", SuffixedCookies: true, ExpiredToken: "e", RefreshToken: "r", RequestOrigin: "https://app.example.com",
		RequestHeaders: map[string][]string{"user-agent": {"x"}},
	})
	if err != nil || !reflect.DeepEqual(got, []string{"__session=b"}) {
		t.Errorf("got %q, %v", got, err)
	}
	want := map[string]any{"format": "cookie", "expired_token": "e", "refresh_token": "r", "request_origin": "https://app.example.com",
		"request_headers": map[string]any{"user-agent": []any{"x"}}}
	if api.method != "POST" || api.uri != "/v1/sessions/sess_1/refresh?suffixed_cookies=true" || !reflect.DeepEqual(api.body, want) {
		t.Errorf("sent %s %s %v", api.method, api.uri, api.body)
	}
	if _, err := b.RefreshSession(t.Context(), handshake.RefreshRequest{SessionID: "sess_1"}); err != nil || api.uri != "/v1/sessions/sess_1/refresh" {
		t.Errorf("plain: %s, %v", api.uri, err)
	}
	// An id that would reach another resource is refused and not sent.
	api.calls = 0
	_, err = b.RefreshSession(t.Context(), handshake.RefreshRequest{SessionID: ".."})
	if be := (*handshake.BackendError)(nil); !errors.As(err, &be) || be.Outage() || api.calls != 0 {
		t.Errorf("dots: %v, %d calls", err, api.calls)
	}
}

func TestVerifyMachineTokens(t *testing.T) {
	const answer = `{"id":"tok_1","subject":"user_1","name":"ci","client_id":"client_1","scopes":["read"],"claims":{"a":1},
		"revoked":false,"expired":true,"expiration":1750000000000,"created_at":1749999999000,"more":[]}`
	want := handshake.MachineToken{ID: "tok_1", Subject: "user_1", Name: "ci", ClientID: "client_1", Scopes: []string{"read"},
		Claims: json.RawMessage(`{"a":1}`), Expired: true, CreatedAt: time.UnixMilli(1749999999000), ExpiresAt: time.UnixMilli(1750000000000)}
	api, b := newBackend(t, 200, answer, clerk.Config{SecretKey: secretKey, MachineSecretKey: machineKey})
	for name, tt := range map[string]struct {
		verify func(context.Context, string) (handshake.MachineToken, error)
		uri    string
		member string
		key    string
	}{
		"M2M":     {b.VerifyM2M, "/m2m_tokens/verify", "token", machineKey},
		"API key": {b.VerifyAPIKey, "/api_keys/verify", "secret", secretKey},
		"OAuth":   {b.VerifyOAuth, "/oauth_applications/access_tokens/verify", "access_token", secretKey},
	} {
		got, err := tt.verify(t.Context(), "mt_x")
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
		if api.method != "POST" || api.uri != tt.uri || api.auth != "Bearer "+tt.key || !reflect.DeepEqual(api.body, map[string]any{tt.member: "mt_x"}) {
			t.Errorf("%s: sent %s %s %s %v", name, api.method, api.uri, api.auth, api.body)
		}
	}
	// A server with only a machine secret key.
	api, b = newBackend(t, 200, answer, clerk.Config{MachineSecretKey: machineKey})
	if _, err := b.VerifyM2M(t.Context(), "mt_x"); err != nil || api.auth != "Bearer "+machineKey {
		t.Errorf("%s, %v", api.auth, err)
	}
}

func TestRefusalsAndOutages(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		answer string
		code   string
		outage bool
	}{
		"refused":       {401, `{"errors":[{"code":"session_not_active","message":"m"}]}`, "session_not_active", false},
		"no code":       {404, `{"errors":[]}`, "", false},
		"not JSON":      {422, `<html>`, "", false},
		"rate limited":  {429, `{"errors":[{"code":"too_many_requests"}]}`, "too_many_requests", true},
		"down":          {503, ``, "", true},
		"garbled":       {200, `{"directives":"x"`, "", true},
		"another shape": {200, `{"directives":5}`, "", true},
		"null":          {200, `null`, "", false},
	} {
		api, b := newBackend(t, tt.status, tt.answer, clerk.Config{SecretKey: secretKey})
		got, err := b.HandshakePayload(t.Context(), "nonce-secret")
		if name == "null" {
			if err != nil || got != nil {
				t.Errorf("%s: %q, %v", name, got, err)
			}
			continue
		}
		var be *handshake.BackendError
		if !errors.As(err, &be) || be.Code != tt.code || be.Outage() != tt.outage {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && (strings.Contains(err.Error(), secretKey) || strings.Contains(err.Error(), "nonce-secret")) {
			t.Errorf("%s: the error holds a secret: %v", name, err)
		}
		if api.calls != 1 {
			t.Errorf("%s: %d calls, want one: the first call uses up the nonce", name, api.calls)
		}
	}
	api, b := newBackend(t, 200, `{}`, clerk.Config{SecretKey: secretKey})
	api.Close()
	_, err := b.VerifyAPIKey(t.Context(), "ak_x")
	if be := (*handshake.BackendError)(nil); !errors.As(err, &be) || !be.Outage() || be.Status != 0 {
		t.Errorf("unreachable: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.VerifyAPIKey(ctx, "ak_x"); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, cfg := range map[string]clerk.Config{
		"no key":     {},
		"plain http": {SecretKey: secretKey, APIURL: "http://bapi.example.com"},
	} {
		if _, err := backend.New(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := backend.New(clerk.Config{SecretKey: secretKey, APIURL: "http://bapi.internal", InsecureEmulator: true}); err != nil {
		t.Errorf("emulator in a container: %v", err)
	}
}
