package bapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestKeyStaysHidden: printing a client or an error of a call in any way does not show
// the key.
func TestKeyStaysHidden(t *testing.T) {
	var text bytes.Buffer
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = fmt.Fprintf(w, "<html>%s</html>", r.Header.Get("Authorization"))
	}, func(c *Config) {
		c.Logger = slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	_, err := c.Users.Get(t.Context(), "user_1")
	_, refused := c.Users.Get(t.Context(), "user_1", WithSecretKey(testKey+" x"))
	cfg := Config{SecretKey: testKey}
	for _, v := range []any{c, *c, c.Users, struct{ c *Client }{c}, struct{ C Config }{cfg}, []Config{cfg}, cfg, &cfg, err, refused} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			_, _ = fmt.Fprintf(&text, verb, v)
		}
		slog.New(slog.NewJSONHandler(&text, nil)).Info("x", "v", v)
		slog.New(slog.NewTextHandler(&text, nil)).Info("x", "v", v)
		_ = json.NewEncoder(&text).Encode(v)
	}
	if i := strings.Index(text.String(), testKey); i >= 0 {
		t.Errorf("found the key in …%s", text.String()[max(0, i-300):i])
	}
}

func TestCallOptions(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization") + " " + r.Header.Get("X-Request-Id"); got != "Bearer ak_machine req_1" {
			t.Errorf("headers %q", got)
		}
		w.Header().Set("X-Answer", "yes")
		_, _ = io.WriteString(w, `{"id":"mt_1","token":"mt_secret"}`)
	})
	var res Response
	tok, err := c.M2MTokens.Create(t.Context(), M2MTokenCreateParams{TokenFormat: Set(M2MTokenFormatOpaque)},
		WithSecretKey("ak_machine"), WithHeader("X-Request-Id", "req_1"), WithResponse(&res), WithoutRetry(), WithTimeout(time.Minute), nil)
	if err != nil || tok.Token != "mt_secret" || res.Status != 200 || res.Header.Get("X-Answer") != "yes" || !bytes.Contains(res.Body, []byte("mt_1")) {
		t.Fatalf("%+v %+v %v", tok, res, err)
	}
}

func TestEmptyIDsAreNeverSent(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) { t.Errorf("%s %s was sent", r.Method, r.URL) })
	for name, call := range map[string]func() error{
		"delete user": func() error { _, err := c.Users.Delete(t.Context(), ""); return err },
		"dots":        func() error { _, err := c.Users.Delete(t.Context(), ".."); return err },
		"subject":     func() error { _, err := c.APIKeys.List(t.Context(), "", APIKeyListParams{}); return err },
		"limit":       func() error { _, err := c.Users.List(t.Context(), UserListParams{Limit: 501}); return err },
		"low limit":   func() error { _, err := c.Users.List(t.Context(), UserListParams{Limit: -1}); return err },
		"offset":      func() error { _, err := c.Users.List(t.Context(), UserListParams{Offset: -1}); return err },
		"key limit": func() error {
			_, err := c.APIKeys.List(t.Context(), "user_1", APIKeyListParams{Limit: 101})
			return err
		},
		"metadata": func() error {
			_, err := c.Users.MergeMetadata(t.Context(), "user_1", UserMergeMetadataParams{PublicMetadata: `["no object"]`})
			return err
		},
		"no file": func() error { _, err := c.Users.SetProfileImage(t.Context(), "user_1", File{}); return err },
	} {
		t.Run(name, func(t *testing.T) {
			err := call()
			var e *Error
			if !errors.As(err, &e) || !errors.Is(err, ErrInvalidArgument) || errors.Is(err, ErrUnavailable) || strings.Contains(err.Error(), "no object") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestArgumentsHaveThreeStates(t *testing.T) {
	rec := &recorder{status: 200, answer: `{"id":"user_1"}`}
	c := serve(t, rec.ServeHTTP)
	_, err := c.Users.Update(t.Context(), "user_1", UserUpdateParams{
		FirstName:   Set("Ada"),
		LastName:    Null[string](),
		Username:    Set(""),
		BackupCodes: []string{},
		CreatedAt:   Set(sampleTime),
	})
	if want := `{"first_name":"Ada","last_name":null,"username":"","backup_codes":[],"created_at":"2026-01-02T03:04:05.123Z"}`; err != nil || !sameJSON(t, string(rec.got.body), want) {
		t.Errorf("sent %s, want %s (%v)", rec.got.body, want, err)
	}
	if _, err = c.Users.Update(t.Context(), "user_1", UserUpdateParams{}); err != nil || string(rec.got.body) != "{}" {
		t.Errorf("sent %s for nothing (%v)", rec.got.body, err)
	}
	_, err = c.Users.MergeMetadata(t.Context(), "user_1", UserMergeMetadataParams{PublicMetadata: `{"plan":null}`})
	if want := `{"public_metadata":{"plan":null}}`; err != nil || string(rec.got.body) != want {
		t.Errorf("sent %s, want %s (%v)", rec.got.body, want, err)
	}
}

// TestUploadStreams uploads a large stream that is never in memory as a whole, and a
// reader that cannot be read twice.
func TestUploadStreams(t *testing.T) {
	attempts, size := 0, int64(0)
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		attempts++
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			t.Error(err)
		}
		size = n
		if attempts%2 == 1 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		_, _ = io.WriteString(w, `{"id":"org_1"}`)
	}, func(c *Config) { c.MaxRetries = 2 })
	name := filepath.Join(t.TempDir(), "logo.png")
	if err := os.WriteFile(name, bytes.Repeat([]byte("x"), 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	org, err := c.Organizations.SetLogo(t.Context(), "org_1", File{Content: f}, OrganizationSetLogoParams{UploaderUserID: Set("user_1")})
	if err != nil || org.ID != "org_1" || attempts != 2 || size < 1<<20 {
		t.Errorf("%d attempts, %d bytes: %v", attempts, size, err)
	}
	_, err = c.Organizations.SetLogo(t.Context(), "org_1", File{Content: io.LimitReader(f, 10)}, OrganizationSetLogoParams{})
	if !errors.Is(err, ErrRateLimited) || attempts != 3 {
		t.Errorf("a reader that cannot be read again: %d attempts, %v", attempts, err)
	}
}

func TestErrorsOfCalls(t *testing.T) {
	status, body := 404, `{"errors":[{"code":"resource_not_found","message":"not found","long_message":"No user was found","meta":{}}],"clerk_trace_id":"tr_1"}`
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
	_, err := c.Users.Get(t.Context(), "user_1")
	var e *Error
	if !errors.Is(err, ErrNotFound) || !errors.As(err, &e) || e.TraceID != "tr_1" || !e.HasCode("resource_not_found") {
		t.Errorf("%v", err)
	}
	if got, want := err.Error(), "clerk: GET /v1/users/user_1: 404 Not Found: resource_not_found: No user was found [trace tr_1]"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for body2, want := range map[string]string{
		`{"id":`:                    "not valid JSON",
		`{"id":7}`:                  `the response has a JSON number where "id" should be string`,
		`{"banned":"yes, please"}`:  `where "banned" should be bool`,
		`{"email_addresses":{}}`:    `where "email_addresses" should be []interface`,
		`{"created_at":"tomorrow"}`: `where "created_at" should be int64`,
		`{"id":"user_1"} {}`:        "not valid JSON",
		`{}`:                        `the response lacks its "id"`,
		`null`:                      `the response lacks its "id"`,
		``:                          "the response is empty",
	} {
		status, body = 200, body2
		var res Response
		u, err := c.Users.Get(t.Context(), "user_1", WithResponse(&res))
		if u != nil || !errors.Is(err, ErrUnexpectedAnswer) || !strings.Contains(err.Error(), want) || string(res.Body) != body2 {
			t.Errorf("%s: %v", body2, err)
		}
		if strings.Contains(err.Error(), "please") || strings.Contains(err.Error(), "tomorrow") {
			t.Errorf("a value is in %v", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Users.Get(ctx, "user_1"); !errors.Is(err, context.Canceled) || !errors.Is(err, ErrUnavailable) {
		t.Errorf("%v", err)
	}
}

// TestUnions decodes a union by its discriminator, also for an unknown value.
func TestUnions(t *testing.T) {
	var e EmailAddress
	err := json.Unmarshal([]byte(`{"id":"idn_1","verification":{"object":"verification_hologram","status":"pending_review","strategy":"hologram","attempts":2,"depth":3}}`), &e)
	if err != nil {
		t.Fatal(err)
	}
	v := e.Verification
	if v.Object != "verification_hologram" || v.Status != "pending_review" || v.Attempts.Or(0) != 2 || !v.Present() {
		t.Errorf("%+v", v)
	}
	if depth, ok := v.RawField("depth"); !ok || depth != "3" {
		t.Errorf("the unknown field is %q", depth)
	}
	var r SessionRefresh
	if err := json.Unmarshal([]byte(`{"object":"cookies","cookies":["__session=x"]}`), &r); err != nil || r.Object != SessionRefreshObjectCookies || len(r.Cookies) != 1 || r.JWT != "" {
		t.Errorf("%+v %v", r, err)
	}
	if err := json.Unmarshal([]byte(`{"id":"idn_1","verification":null}`), &e); err != nil || e.Verification.Present() || e.Verification.Status != "" {
		t.Errorf("%+v %v", e, err)
	}
}
