package clerktest_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// uploadPicture sends a picture, as a form of several parts.
func uploadPicture(t *testing.T, em *clerktest.Emulator, method, path string, header http.Header) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("file", "picture.png")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write([]byte("\x89PNG\x0d\x0a\x1a\x0a" + strings.Repeat("x", 100))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	header.Set("Content-Type", w.FormDataContentType())
	resp, answer := do(t, em, method, path, header, body.String())
	if resp.StatusCode != 200 || !strings.Contains(answer, `"has_image":true`) {
		t.Errorf("%s %s: %d %s", method, path, resp.StatusCode, answer)
	}
}

func TestPictures(t *testing.T) {
	em, api, alice := orgTest(t)
	uploadPicture(t, em, "POST", "/v1/users/user_bob/profile_image", bearer(em.SecretKey()))
	want(t, "has_image", api.ok("GET /users/user_bob").at("has_image"), true)
	want(t, "has_image", api.ok("DELETE /users/user_bob/profile_image").at("has_image"), false)
	api.refused(404, "image_not_found", "DELETE /users/user_bob/profile_image")

	org := alice.ok("POST /organizations", "name", "Acme").str("id")
	query := url.Values{"__clerk_db_jwt": {alice.dev}, "_clerk_session_id": {alice.session}, "_method": {"PUT"}}
	uploadPicture(t, em, "POST", "/v1/organizations/"+org+"/logo?"+query.Encode(), http.Header{"Origin": {"http://localhost:3000"}})
	want(t, "has_image", api.ok("GET /organizations/"+org).at("has_image"), true)
	want(t, "has_image", alice.ok("DELETE /organizations/"+org+"/logo").at("has_image"), false)
}

func TestRejectMembershipRequest(t *testing.T) {
	em, _, alice := orgTest(t)
	bob := newFAPI(t, em)
	bob.signIn("bob@example.com", password)
	path := "/organizations/" + alice.ok("POST /organizations", "name", "Acme").str("id")
	want(t, "invitations", len(alice.ok("GET "+path+"/invitations/pending").list("data")), 0)
	domain := "/domains/" + alice.ok("POST "+path+"/domains", "name", "example.com").str("id")
	alice.ok("POST "+path+domain+"/prepare_affiliation_verification", "affiliation_email_address", "alice@example.com")
	alice.ok("POST "+path+domain+"/attempt_affiliation_verification", "code", alice.code("alice@example.com"))
	alice.ok("POST "+path+domain+"/update_enrollment_mode", "enrollment_mode", "automatic_suggestion")
	want(t, "mode", alice.ok("GET "+path+domain).str("enrollment_mode"), "automatic_suggestion")
	id := bob.ok("GET /me/organization_suggestions?status=pending").str("data", 0, "id")
	bob.ok("POST /me/organization_suggestions/" + id + "/accept")
	alice.ok("POST " + path + "/membership_requests/" + id + "/reject")
	want(t, "bob's organizations", len(bob.ok("GET /me").list("organization_memberships")), 0)
}

func TestReverifyByPhone(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Settings: clerktest.Settings{Reverification: true}})
	em.AddUser(clerktest.User{Email: "a@example.com", Phone: "+12015550100", Password: password})
	f := newFAPI(t, em)
	f.signIn("a@example.com", password)
	phone := f.ok("GET /me").str("phone_numbers", 0, "id")
	f.ok("PATCH /me/phone_numbers/"+phone, "reserved_for_second_factor", "true")
	verify := "POST /client/sessions/" + f.session + "/verify"
	f.ok(verify, "level", "second_factor")
	r := f.ok(verify+"/prepare_second_factor", "strategy", "phone_code", "phone_number_id", phone)
	want(t, "verification", r.str("second_factor_verification", "strategy"), "phone_code")
	want(t, "status", f.ok(verify+"/attempt_second_factor", "strategy", "phone_code", "code", "424242").str("status"), "complete")
}

// Some providers, and some clients of the OAuth provider, post what others put in
// the query.
func TestPostedCallbacks(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	f := newFAPI(t, em)
	page := f.ok("POST /client/sign_ups", "strategy", "oauth_google", "redirect_url", callback).
		str("verifications", "external_account", "external_verification_redirect_url")
	u, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	resp, _ := f.post(u.Path, url.Values{"state": {u.Query().Get("state")}, "email_address": {"n@example.com"}})
	back := location(t, resp)
	resp, body := f.post(back.Path, back.Query())
	if resp.StatusCode != http.StatusSeeOther || !strings.HasPrefix(location(t, resp).String(), callback) {
		t.Errorf("%d to %q: %s", resp.StatusCode, resp.Header.Get("Location"), body)
	}

	p := newProvider(t, clerktest.Config{}, clerktest.OAuthApplication{Name: "x", SkipConsent: true})
	p.signIn()
	resp, _ = p.post("/oauth/authorize", p.request())
	got := p.answer(resp)
	want(t, "state", got.Get("state"), "state678")
	tokens := p.exchange(http.StatusOK, "grant_type", "authorization_code", "code", got.Get("code"), "redirect_uri", clientURI)
	if tokens.str("access_token") == "" {
		t.Errorf("the code of a posted request gave %v", tokens)
	}
}

func TestClientOfUnknownBrowser(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	f := newFAPI(t, em)
	f.dev = "dvb_unknown"
	for _, call := range []string{"DELETE /client", "DELETE /client/sessions"} {
		f.refused(401, "dev_browser_unauthenticated", call)
	}
}
