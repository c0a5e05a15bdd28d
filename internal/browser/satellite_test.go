package browser_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
)

// TestSatelliteSignsIn opens a protected page of a satellite in a new browser. The
// middleware redirects to the sign-in page of the primary's instance, which returns to
// the page signed in.
func TestSatelliteSignsIn(t *testing.T) {
	for _, s := range []shape{shapes[0], shapes[1]} { // a development instance, on one site and across two
		t.Run(s.name, func(t *testing.T) {
			x := newSite(t, s)
			app := httptest.NewUnstartedServer(nil)
			t.Cleanup(app.Close)
			_, port, _ := strings.Cut(app.Listener.Addr().String(), ":")
			origin := "https://satellite.test:" + port // browsers send Sec-Fetch-Dest to https and localhost alone
			cfg := x.em.AddSatellite(origin)
			cfg.Logger = slog.New(slog.DiscardHandler)
			cfg.ProxyURL, cfg.SignInURL = x.clerk, x.clerk+"/sign-in"
			auth, err := middleware.New(cfg, middleware.WithErrorHandler(refuse), middleware.WithSignInRedirect())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = auth.Close() })
			start(app, true, auth.Handler(auth.Require()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				write(w, http.StatusOK, "Signed in", clerk.FromContext(r.Context()).UserID)
			}))))

			b := newTab(t, origin, look{})
			w := b.open(origin + "/list?x=1")
			w.was(t, "app /list 307 session-token-and-uat-missing", "clerk /sign-in 200")
			if to, err := url.Parse(w[len(w)-1].URL); err != nil || to.Query().Get("redirect_url") != origin+"/list?x=1&__clerk_synced=false" {
				t.Errorf("at %s", w[len(w)-1].URL)
			}
			b.signIn("alice@example.com", password).was(t,
				"clerk /sign-in 303",
				"app /list 307 satellite-needs-syncing", "clerk /sign-in 307", // for the dev browser
				"app /list 307 dev-browser-sync", toClerk,
				"app /list 307", "app /list 200")
			if p := b.sees("Signed in"); !strings.HasPrefix(p.URL, origin+"/list?x=1") || strings.Contains(p.URL, clerk.CookieDevBrowser) {
				t.Errorf("at %s", p.URL)
			}
			b.open(origin+"/list").was(t, "app /list 200")
		})
	}
}
