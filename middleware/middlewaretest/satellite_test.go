package middlewaretest_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
)

// A browser comes to a satellite of a development instance: who is signed in on
// the primary domain is signed in there after one round of redirects, and who is
// not is not redirected forever.
func TestSatelliteOfTheEmulator(t *testing.T) {
	em := clerktest.NewServer(t)
	u := em.AddUser(clerktest.User{})
	server := httptest.NewUnstartedServer(nil)
	defer server.Close()
	_, port, _ := strings.Cut(server.Listener.Addr().String(), ":")
	origin := "http://localhost:" + port
	cfg := em.AddSatellite(origin)
	cfg.SatelliteAutoSync = true
	m, err := middleware.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = m.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.WriteString(w, clerk.FromContext(r.Context()).UserID); err != nil {
			t.Error(err)
		}
	}))
	server.Start()

	visit := func(signedIn bool) (user string, hops int) {
		t.Helper()
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		navigates := func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Dest", "document")
			r.Header.Set("Accept", "text/html")
		}
		client := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
			if !strings.HasPrefix(r.URL.String(), origin) && !strings.HasPrefix(r.URL.String(), em.URL) {
				return http.ErrUseLastResponse // the primary application, which is not running
			}
			navigates(r)
			if hops++; hops > 10 {
				t.Fatalf("still on the way: %s", r.URL)
			}
			return nil
		}}
		if signedIn {
			resp, err := client.PostForm(em.URL+"/sign-in", url.Values{"user_id": {u.ID}})
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			hops = 0
		}
		r, err := http.NewRequest(http.MethodGet, origin+"/page", nil)
		if err != nil {
			t.Fatal(err)
		}
		navigates(r)
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%d %v", resp.StatusCode, err)
		}
		return string(body), hops
	}
	for signedIn, want := range map[bool]string{true: u.ID, false: ""} {
		if user, hops := visit(signedIn); user != want || hops == 0 {
			t.Errorf("signed in on the primary domain %v: the satellite knows %q after %d redirects", signedIn, user, hops)
		}
	}
}
