package main

import (
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	os.Exit(m.Run())
}

func TestReports(t *testing.T) {
	em := clerktest.NewServer(t)
	em.AddOrganization(clerktest.Organization{ID: "org_pro", Plan: "pro", Features: []string{"reports"}})
	auth, err := middleware.New(em.Config())
	if err != nil {
		t.Fatal(err)
	}
	defer auth.Close()
	s := &service{}
	app := s.routes(auth)
	boss := em.SignIn(em.AddUser(clerktest.User{Email: "boss@example.com"}), clerktest.WithOrg("org_pro", "org:admin"))
	clerk := em.SignIn(em.AddUser(clerktest.User{Email: "clerk@example.com"}), clerktest.WithOrg("org_pro", "org:member"))
	guest := em.SignIn(em.AddUser(clerktest.User{Email: "guest@example.com"}))

	for _, step := range []struct {
		who          *clerktest.Session
		method, path string
		body         string
		status       int
		want         string
	}{
		{nil, "GET", "/pricing", "", 200, `{"plans":["free","pro"]}`},
		{boss, "GET", "/pricing", "", 200, `"yours":["o:pro"]`},
		{nil, "GET", "/reports", "", 401, "authentication_required"},
		{guest, "POST", "/reports", `{"month":"2026-01"}`, 403, "authorization_denied"},
		{clerk, "POST", "/reports", `{"month":"2026-01"}`, 201, clerk.UserID},
		{clerk, "POST", "/reports", `{"month":"January"}`, 400, "2026-01"},
		{clerk, "POST", "/reports/export", "", 403, "authorization_denied"},
		{boss, "POST", "/reports/export", "", 202, ""},
	} {
		r := httptest.NewRequest(step.method, step.path, strings.NewReader(step.body))
		if step.who != nil {
			step.who.Authorize(r)
		}
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		if w.Code != step.status || !strings.Contains(w.Body.String(), step.want) {
			t.Errorf("%s %s: %d %s, want %d %s", step.method, step.path, w.Code, w.Body, step.status, step.want)
		}
	}
	s.exports.Wait()
	if len(s.done) != 1 || s.done[0] != "org_pro for "+boss.UserID {
		t.Errorf("exported %q", s.done)
	}
}
