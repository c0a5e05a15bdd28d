package clerktest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestSessionActivity(t *testing.T) {
	em := newEmulator(t, multiSession)
	u := em.AddUser(clerktest.User{Email: "a@example.com", Password: password})
	em.SignIn(u) // a session that no browser has shown itself with
	f := newFAPI(t, em)
	f.signIn("a@example.com", password)
	for agent, want := range map[string][4]any{
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36":                           {"Chrome", "156.0.0.0", "Linux", false},
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.3537.57":       {"Edge", "141.0.3537.57", "Windows", false},
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:144.0) Gecko/20100101 Firefox/144.0":                                                    {"Firefox", "144.0", "Macintosh", false},
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1": {"Safari", "18.6", "iPhone", true},
		"Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36":                   {"Chrome", "141.0.0.0", "Android", true},
		"curl/8.0":                             {"", "", "", false},
		"\xff\xfe" + strings.Repeat("x", 5000): {"", "", "", false},
	} {
		path := "/v1/me/sessions/active?__clerk_db_jwt=" + f.dev + "&_clerk_session_id=" + f.session
		resp, body := f.send("GET", em.URL+path, http.Header{"User-Agent": {agent}}, url.Values(nil))
		list := decode[[]object](t, body)
		if resp.StatusCode != 200 || len(list) != 2 {
			t.Fatalf("%d %s", resp.StatusCode, body)
		}
		a := list[1]
		got := [4]any{a.at("latest_activity", "browser_name"), a.at("latest_activity", "browser_version"), a.at("latest_activity", "device_type"), a.at("latest_activity", "is_mobile")}
		if got != want {
			t.Errorf("%.60q: %v, want %v", agent, got, want)
		}
		if list[0].str("latest_activity", "browser_name") != "" {
			t.Errorf("a session without a browser: %s", body)
		}
	}
}
