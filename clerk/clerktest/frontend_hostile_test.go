package clerktest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/oauth"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/sessions"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// hostileBodies are forms that no client sends.
var hostileBodies = []struct{ kind, body string }{
	{"application/x-www-form-urlencoded", "a=%zz"},
	{"application/x-www-form-urlencoded", "a=b;c=d"},
	{"application/x-www-form-urlencoded", "unknown=1&other=2&=3"},
	{"application/x-www-form-urlencoded", everyField("")},
	{"application/x-www-form-urlencoded", everyField("\x00\xff<script>")},
	{"application/x-www-form-urlencoded", everyField(strings.Repeat("9", 5000))},
	{"application/x-www-form-urlencoded", everyField("true")},
	{"application/x-www-form-urlencoded", everyField("oauth_")},
	{"application/x-www-form-urlencoded", everyField("{}")},
	{"application/x-www-form-urlencoded", everyField("email_code")},
	{"application/x-www-form-urlencoded", strings.Repeat("a", wire.MaxBody+1)},
	{"application/json", `{"strategy": 1}`},
	{"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--x--"},
	{"", "strategy=password"},
}

// everyField is a form with one value for all fields that any operation has.
func everyField(value string) string {
	form := url.Values{}
	for _, name := range []string{
		"strategy", "identifier", "password", "ticket", "redirect_url", "action_complete_redirect_url", "transfer", "code", "token",
		"email_address_id", "phone_number_id", "email_address", "phone_number", "username", "first_name", "last_name", "unsafe_metadata",
		"legal_accepted", "email_address_or_phone_number", "active_organization_id", "organization_id", "intent", "level", "name", "slug",
		"role", "user_id", "enrollment_mode", "affiliation_email_address", "current_password", "new_password", "sign_out_of_other_sessions",
		"reserved_for_second_factor", "default_second_factor", "primary_email_address_id", "primary_phone_number_id", "state", "deny", "locale",
		"grant_type", "client_id", "client_secret", "redirect_uri", "scope", "response_type", "code_challenge", "code_verifier", "consented",
	} {
		form.Set(name, value)
	}
	return form.Encode()
}

// TestHostileCalls sends nonsense to every operation of the Frontend API and
// every page, signed in and not. What comes back is an answer, or Clerk's error
// envelope, and never a panic or a 500.
func TestHostileCalls(t *testing.T) {
	e, err := New(Config{Settings: Settings{MultiSession: true, PhoneNumber: "on", Username: "on", OrganizationDomains: true, SignUpMode: "waitlist"}})
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	for _, signedIn := range []bool{false, true} {
		for _, table := range [][]operation{frontendRoutes, pageRoutes} {
			for i := range table {
				if rt := &table[i]; rt.Handler != nil {
					calls += hostileCalls(t, e, rt, signedIn)
				}
			}
		}
	}
	if calls < 3000 {
		t.Errorf("only %d calls", calls)
	}
	for _, m := range e.Outbox() {
		if strings.ContainsAny(m.To, "<>\x00") {
			t.Errorf("a message to %q", m.To)
		}
	}
}

func hostileCalls(t *testing.T, e *Emulator, rt *operation, signedIn bool) (calls int) {
	t.Helper()
	for _, id := range []string{"x", "%2e%2e", "%00", strings.Repeat("x", 3000), "org_own"} {
		for _, b := range hostileBodies {
			if rt.Method == http.MethodGet && b.body != "a=%zz" || len(b.body) > wire.MaxBody && id != "x" {
				continue
			}
			query := url.Values{"limit": {"-1"}, "offset": {"x"}, "redirect_url": {"javascript:alert(1)"}, "token": {"x"}, "ticket": {"x"}, "state": {"x"}}
			if signedIn { // as a user who has not been deleted yet, in an organization that neither has
				s := e.SignIn(e.AddUser(User{Password: "correct horse 1"}), WithOrg("org_own", "org:admin"))
				query.Set(wire.ParamDevBrowser, s.devBrowser)
				query.Set(sessions.ParamSession, s.ID)
			}
			method := rt.Method
			if method != http.MethodGet && method != http.MethodPost {
				query.Set("_method", method)
				method = http.MethodPost
			}
			target := "http://localhost" + placeholder.ReplaceAllString(rt.Pattern, id) + "?" + query.Encode()
			r := httptest.NewRequest(method, target, strings.NewReader(b.body))
			r.Header.Set("Content-Type", b.kind)
			w := httptest.NewRecorder()
			e.ServeHTTP(w, r)
			calls++
			if w.Code >= 500 {
				t.Errorf("%s with %q: %d %.300s", rt.Operation, b.body[:min(len(b.body), 60)], w.Code, w.Body)
			}
			if w.Code < 400 || strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
				continue
			}
			if refused := (&oauth.OAuthError{}); strings.HasPrefix(rt.Pattern, "/oauth/") && json.Unmarshal(w.Body.Bytes(), refused) == nil && refused.Code != "" {
				continue
			}
			judgeHostile(t, rt, w, b.body, e.SecretKey())
		}
	}
	return calls
}
