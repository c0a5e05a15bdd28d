package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
)

func TestInvoices(t *testing.T) {
	em := clerktest.NewServer(t)
	em.AddRole("org:admin", "org:invoices:read", "org:invoices:create")
	em.AddRole("org:auditor", "org:invoices:read")
	auth, err := middleware.New(em.Config())
	if err != nil {
		t.Fatal(err)
	}
	defer auth.Close()
	app := routes(auth)
	admin := em.SignIn(em.AddUser(clerktest.User{Email: "admin@example.com"}), clerktest.WithOrg("acme", "org:admin"), clerktest.WithFactorAges(0, 0))
	auditor := em.SignIn(em.AddUser(clerktest.User{Email: "auditor@example.com"}), clerktest.WithOrg("acme", "org:auditor"))
	rival := em.SignIn(em.AddUser(clerktest.User{Email: "rival@example.com"}), clerktest.WithOrg("rival", "org:admin"))

	for _, step := range []struct {
		who          *clerktest.Session
		method, path string
		body         string
		status       int
		want         string
	}{
		{nil, "GET", "/invoices/1", "", 401, `"title":"Unauthorized"`},
		{admin, "POST", "/invoices", `{"cents":1200,"to":"Eve"}`, 201, `"number":1,"cents":1200,"to":"Eve","by":"` + admin.UserID},
		{admin, "POST", "/invoices", `{"cents":-1}`, 422, "an invoice needs a sum"},
		{admin, "POST", "/invoices", `{`, 400, `"title":"Bad Request"`},
		{auditor, "POST", "/invoices", `{"cents":1200,"to":"Eve"}`, 403, "lacks permission org:invoices:create"},
		{auditor, "GET", "/invoices/1", "", 200, `"cents":1200`},
		{rival, "GET", "/invoices/1", "", 404, "no such invoice"},
		{auditor, "DELETE", "/invoices/1", "", 403, "lacks role org:admin"},
		{admin, "DELETE", "/invoices/1", "", 204, ""},
		{admin, "GET", "/invoices/1", "", 404, "no such invoice"},
		{admin, "GET", "/nowhere", "", 404, `"title":"Not Found"`},
	} {
		w := send(app, step.who, step.method, step.path, step.body)
		if w.Code != step.status || !strings.Contains(w.Body.String(), step.want) {
			t.Errorf("%s %s: %d %s, want %d %s", step.method, step.path, w.Code, w.Body, step.status, step.want)
		}
		if got := w.Header().Get("Content-Type"); step.status >= 400 && got != "application/problem+json" {
			t.Errorf("%s %s: Content-Type %q", step.method, step.path, got)
		}
	}
	em.Advance(11 * time.Minute)
	w := send(app, admin, "DELETE", "/invoices/1", "")
	if w.Code != 403 || !strings.Contains(w.Body.String(), `"reverification":"strict"`) {
		t.Errorf("eleven minutes after the verification: %d %s", w.Code, w.Body)
	}
}

func send(app http.Handler, who *clerktest.Session, method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if who != nil {
		who.Authorize(r)
	}
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	return w
}
