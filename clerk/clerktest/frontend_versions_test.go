package clerktest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// These hold without a browser what clerk-js was found to need in one
// (internal/browser/clerkjs).

// clerk-js 5 reads the entry wrapped, clerk-js 6 bare.
func TestWaitlistOfEachVersion(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Settings: clerktest.Settings{SignUpMode: "waitlist"}})
	b := newBrowser(t, em)
	join := func(version string) object {
		t.Helper()
		resp, body := b.post("/v1/waitlist?__clerk_api_version="+version, url.Values{"email_address": {"a@example.com"}})
		if resp.StatusCode != 200 {
			t.Fatalf("%d %s", resp.StatusCode, body)
		}
		return decode[object](t, body)
	}
	five := join("2025-11-10")
	want(t, "clerk-js 5", five.str("response", "object"), "waitlist_entry")
	for _, version := range []string{"2026-05-12", "2026-08-20", ""} {
		if six := join(version); six.str("object") != "waitlist_entry" || six.str("id") != five.str("response", "id") {
			t.Errorf("version %q: %v", version, six)
		}
	}
}

// clerk-js creates addresses and numbers at paths that end in a slash.
func TestTrailingSlash(t *testing.T) {
	em := newEmulator(t, multiSession)
	em.AddUser(clerktest.User{Email: "a@example.com", Password: password})
	f := newFAPI(t, em)
	f.signIn("a@example.com", password)
	want(t, "address", f.ok("POST /me/email_addresses/", "email_address", "b@example.com").str("email_address"), "b@example.com")
	want(t, "number", f.ok("POST /me/phone_numbers/", "phone_number", "+12015550100").str("phone_number"), "+12015550100")
	resp, _ := f.get("/sign-in/")
	want(t, "a page", resp.StatusCode, 404)
}

// A page may read the answer to a call that there is no such operation.
func TestUnknownOperationIsReadable(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	f := newFAPI(t, em)
	resp, out := f.do("POST /client/nonsense")
	if resp.StatusCode != 501 || resp.Header.Get("Access-Control-Allow-Origin") != "http://localhost:3000" || out.str("errors", 0, "code") == "" {
		t.Errorf("%d %v %v", resp.StatusCode, resp.Header, out)
	}
}

// Components fetch pictures without credentials, and from another origin.
func TestPicturesAreForAll(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	resp, _ := newBrowser(t, em).send("GET", em.URL+"/static/avatar.svg", http.Header{"Origin": {"http://localhost:3000"}}, nil)
	if resp.StatusCode != 200 || resp.Header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(resp.Header.Get("Cache-Control"), "max-age") {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
}

// The link of an invitation leads to the application that it was made in.
func TestInvitationLeadsBack(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Origins: []string{"http://localhost:3000", "https://other.example"}})
	em.AddUser(clerktest.User{Email: "a@example.com", Password: password})
	f := newFAPI(t, em)
	f.signIn("a@example.com", password)
	org := f.ok("POST /organizations", "name", "Acme").str("id")
	invite := func(origin, to string) *url.URL {
		t.Helper()
		path := "/v1/organizations/" + org + "/invitations?__clerk_db_jwt=" + f.dev + "&_clerk_session_id=" + f.session
		resp, body := f.send("POST", em.URL+path, http.Header{"Origin": {origin}}, url.Values{"email_address": {to}, "role": {"org:member"}})
		if resp.StatusCode != 200 {
			t.Fatalf("%d %s", resp.StatusCode, body)
		}
		m, _ := em.LastMessage(to)
		resp, _ = newBrowser(t, em).get(strings.TrimPrefix(m.URL, em.URL))
		return location(t, resp)
	}
	for _, origin := range []string{"http://localhost:3000", "https://other.example"} {
		if to := invite(origin, "x"+origin[len(origin)-4:]+"@example.com"); !strings.HasPrefix(to.String(), origin+"/?") || to.Query().Get("__clerk_ticket") == "" {
			t.Errorf("from %s the link leads to %s", origin, to)
		}
	}
}
