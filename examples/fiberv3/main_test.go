package main

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
)

func TestLinks(t *testing.T) {
	em := clerktest.NewServer(t)
	auth, err := middleware.New(em.Config())
	if err != nil {
		t.Fatal(err)
	}
	defer auth.Close()
	app := routes(auth)
	alice := em.SignIn(em.AddUser(clerktest.User{Email: "alice@example.com"}), clerktest.WithOrg("acme", "org:admin"))
	bob := em.SignIn(em.AddUser(clerktest.User{Email: "bob@example.com"}))

	for _, step := range []struct {
		who          *clerktest.Session
		method, path string
		body         string
		status       int
		want         string
	}{
		{nil, "PUT", "/links/a", `{"to":"https://example.com/1"}`, 401, `"error":"sign in first","reason":"dev-browser-missing"`},
		{alice, "PUT", "/links/a", `{"to":"https://example.com/1"}`, 204, ""},
		{alice, "PUT", "/links/b", `{"to":"javascript:alert(1)"}`, 422, "https"},
		{alice, "PUT", "/links/b", `{`, 400, "needs an address"},
		{bob, "PUT", "/links/a", `{"to":"https://evil.example.com"}`, 409, "taken"},
		{bob, "PUT", "/links/z", `{"to":"https://example.com/2"}`, 204, ""},
		{nil, "GET", "/to/a", "", 302, ""},
		{nil, "GET", "/to/nowhere", "", 404, "no such link"},
		{bob, "GET", "/links/", "", 403, "lacks role org:admin"},
		{alice, "GET", "/links/", "", 200, `{"a":{"to":"https://example.com/1","owner":"` + alice.UserID + `"},"z":{"to":"https://example.com/2","owner":"` + bob.UserID + `"}}`},
		{bob, "DELETE", "/links/a", "", 404, "no such link"},
		{alice, "DELETE", "/links/a", "", 204, ""},
		{nil, "GET", "/to/a", "", 404, "no such link"},
	} {
		r := httptest.NewRequest(step.method, step.path, strings.NewReader(step.body))
		r.Header.Set("Content-Type", "application/json")
		if step.who != nil {
			step.who.Authorize(r)
		}
		res, err := app.Test(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != step.status || !strings.Contains(string(body), step.want) {
			t.Errorf("%s %s: %d %s, %v; want %d %s", step.method, step.path, res.StatusCode, body, err, step.status, step.want)
		}
		if to := res.Header.Get("Location"); step.status == 302 && to != "https://example.com/1" {
			t.Errorf("followed to %s", to)
		}
	}
}
