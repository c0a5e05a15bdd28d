package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
)

// issued is a Backend with the valid opaque tokens of this test.
type issued struct {
	handshake.Backend // other methods are not called

	tokens map[string]handshake.MachineToken
}

func (b issued) VerifyAPIKey(_ context.Context, token string) (handshake.MachineToken, error) {
	if t, ok := b.tokens[token]; ok {
		return t, nil
	}
	return handshake.MachineToken{}, &handshake.BackendError{Status: http.StatusNotFound}
}

func (b issued) VerifyM2M(ctx context.Context, token string) (handshake.MachineToken, error) {
	return b.VerifyAPIKey(ctx, token)
}

func TestMeasurements(t *testing.T) {
	em := clerktest.NewServer(t)
	auth, err := middleware.New(em.Config(), middleware.WithBackend(issued{tokens: map[string]handshake.MachineToken{
		"ak_roof":   {ID: "ak_1", Subject: "org_1", Scopes: []string{"measurements:write"}},
		"ak_viewer": {ID: "ak_2", Subject: "org_1", Scopes: []string{"measurements:read"}},
		"mt_cellar": {ID: "mt_1", Subject: "mch_cellar"},
	}}))
	if err != nil {
		t.Fatal(err)
	}
	defer auth.Close()
	app := routes(auth)
	admin := em.SignIn(em.AddUser(clerktest.User{Email: "admin@example.com"}), clerktest.WithOrg("org_1", "org:admin")).Token()
	member := em.SignIn(em.AddUser(clerktest.User{Email: "member@example.com"}), clerktest.WithOrg("org_1", "org:member")).Token()
	const batch = `[{"sensor":"t1","celsius":21.5,"device":"somebody else"}]`

	for _, step := range []struct {
		token, method string
		body          string
		status        int
		want          string
	}{
		{"", "POST", batch, 401, "authentication_required"},
		{"ak_stolen", "POST", batch, 401, "authentication_required"},
		{admin, "POST", batch, 401, "token-type-mismatch"},
		{"ak_viewer", "POST", batch, 403, "does not write"},
		{"ak_roof", "POST", batch, 202, `{"taken":1}`},
		{"mt_cellar", "POST", batch, 202, `{"taken":1}`},
		{"ak_roof", "POST", `{`, 400, "Bad Request"},
		{member, "GET", "", 200, `{"sensor":"t1","celsius":21.5,"device":"org_1"},{"sensor":"t1","celsius":21.5,"device":"mch_cellar"}`},
		{"ak_viewer", "GET", "", 200, `"device":"org_1"`},
		{"mt_cellar", "GET", "", 401, "token-type-mismatch"},
		{member, "DELETE", "", 403, "authorization_denied"},
		{admin, "DELETE", "", 204, ""},
		{member, "GET", "", 200, "[]"},
	} {
		r := httptest.NewRequest(step.method, "/v1/measurements", strings.NewReader(step.body))
		r.Header.Set("Content-Type", "application/json")
		if step.token != "" {
			r.Header.Set("Authorization", "Bearer "+step.token)
		}
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		if w.Code != step.status || !strings.Contains(w.Body.String(), step.want) {
			t.Errorf("%s with %.9s: %d %s, want %d %s", step.method, step.token, w.Code, w.Body, step.status, step.want)
		}
	}
}
