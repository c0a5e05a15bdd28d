package clerktest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestOrganizationPage(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Settings: clerktest.Settings{ForceOrganizationSelection: true}})
	u := em.AddUser(clerktest.User{Email: "a@example.com", FirstName: "Ann"})
	em.AddOrganization(clerktest.Organization{ID: "org_1", Name: "<b>Acme</b>"})
	em.AddOrganization(clerktest.Organization{ID: "org_foreign"})
	em.AddMember("org_1", u.ID, "org:member")
	const back = "http://localhost:3000/after"
	b := newBrowser(t, em)
	signIn := func(u clerktest.User) url.Values {
		t.Helper()
		resp, body := b.post("/sign-in", url.Values{"user_id": {u.ID}, "redirect_url": {back}})
		to := location(t, resp)
		if resp.StatusCode != 303 || to.Path != "/sign-in/organization" {
			t.Fatalf("%d %s %s", resp.StatusCode, to, body)
		}
		return to.Query()
	}
	status := func() string {
		t.Helper()
		_, body := b.get("/v1/client")
		return decode[object](t, body).str("response", "sessions", 0, "status")
	}

	// Nobody chooses who is not signed in.
	resp, _ := b.get("/sign-in/organization?redirect_url=" + url.QueryEscape(back))
	if to := location(t, resp); to.Path != "/sign-in" || to.Query().Get("redirect_url") != back {
		t.Errorf("signed out: %s", to)
	}
	query := signIn(u)
	want(t, "status", status(), "pending")
	resp, body := b.get("/sign-in/organization?" + query.Encode())
	if resp.StatusCode != 200 || !strings.Contains(body, "&lt;b&gt;Acme") || strings.Contains(body, "<b>") || strings.Contains(body, "org_foreign") {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	resp, _ = b.get("/sign-in?" + query.Encode())
	want(t, "the sign-in page leads to", location(t, resp).Path, "/sign-in/organization")
	with := func(name, value string) url.Values {
		form := url.Values{name: {value}}
		for k, v := range query {
			form[k] = v
		}
		return form
	}
	for _, bad := range []url.Values{with("organization_id", "org_foreign"), with("organization_id", "org_none"), with("name", "")} {
		if resp, body = b.post("/sign-in/organization", bad); resp.StatusCode != 422 || !strings.Contains(body, `role="alert"`) {
			t.Errorf("%v: %d %s", bad, resp.StatusCode, body)
		}
	}
	resp, _ = b.send("POST", em.URL+"/sign-in/organization", http.Header{"Sec-Fetch-Site": {"cross-site"}}, with("organization_id", "org_1"))
	want(t, "a form of another site", resp.StatusCode, 403)
	evil := with("organization_id", "org_1")
	evil.Set("redirect_url", "https://evil.example/")
	resp, _ = b.post("/sign-in/organization", evil)
	want(t, "another site as the way back", resp.StatusCode, 422)
	want(t, "status", status(), "pending")

	resp, _ = b.post("/sign-in/organization", with("organization_id", "org_1"))
	to := location(t, resp)
	if !strings.HasPrefix(to.String(), back) || to.Query().Get("__clerk_db_jwt") == "" || status() != "active" {
		t.Errorf("chosen: %d %s %s", resp.StatusCode, to, status())
	}
	resp, _ = b.get("/sign-in/organization?" + query.Encode())
	if to = location(t, resp); !strings.HasPrefix(to.String(), back) {
		t.Errorf("chosen already: %s", to)
	}

	query = signIn(em.AddUser(clerktest.User{Email: "b@example.com"})) // who had none before
	resp, _ = b.post("/sign-in/organization", with("name", "New one"))
	if to = location(t, resp); !strings.HasPrefix(to.String(), back) || status() != "active" {
		t.Errorf("made: %d %s %s", resp.StatusCode, to, status())
	}
}
