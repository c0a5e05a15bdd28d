package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/bapi"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// TestOneRowAndOneCall: fifty concurrent requests of a new user create one row with one
// call to Clerk. Later requests make no call. A change is visible after its webhook.
func TestOneRowAndOneCall(t *testing.T) {
	em := clerktest.NewServer(t)
	cfg := em.Config()
	cfg.WebhookSigningSecret = "whsec_c29tZXRoaW5nIHRoYXQgbm9ib2R5IGd1ZXNzZXMh"
	a, err := newApp(cfg, filepath.Join(t.TempDir(), "users.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.auth.Close(); _ = a.db.Close() })
	srv := httptest.NewServer(a)
	t.Cleanup(srv.Close)
	ada := em.AddUser(clerktest.User{FirstName: "Ada", Email: "ada@example.com"})
	sess := em.SignIn(ada)
	em.AddWebhook(clerktest.WebhookEndpoint{URL: srv.URL + "/webhooks", Secret: cfg.WebhookSigningSecret})
	get := func() string {
		req := httptest.NewRequest(http.MethodGet, "/me", nil)
		sess.Authorize(req)
		rec := httptest.NewRecorder()
		a.ServeHTTP(rec, req)
		return fmt.Sprint(rec.Code, " ", strings.TrimSpace(rec.Body.String()))
	}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if got := get(); got != "200 account 1 of Ada, ada@example.com" {
				t.Error(got)
			}
		})
	}
	wg.Wait()
	get()
	var rows int
	if err := a.db.QueryRow(`SELECT count(*) FROM accounts`).Scan(&rows); err != nil || rows != 1 {
		t.Errorf("%d rows, %v", rows, err)
	}
	if s := a.users.Stats(); s.Fetches != 1 {
		t.Errorf("%+v", s)
	}

	api, err := bapi.FromConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := api.Users.Update(t.Context(), ada.ID, bapi.UserUpdateParams{FirstName: bapi.Set("Augusta")}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := em.FlushWebhooks(ctx); err != nil {
		t.Fatal(err)
	}
	if got := get(); got != "200 account 1 of Augusta, ada@example.com" {
		t.Error(got)
	}
	// During an outage of the Backend API, known users are served.
	em.Fault(clerktest.Fault{Path: "/v1/users", Status: 503})
	if got := get(); got != "200 account 1 of Augusta, ada@example.com" {
		t.Error(got)
	}
}
