package middleware_test

import (
	"crypto/tls"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
)

// walker is a browser between an application and its Clerk, without a network. It
// follows redirects and keeps cookies as a browser does.
type walker struct {
	t    *testing.T
	jar  http.CookieJar
	apps map[string]http.Handler // by origin
	em   *clerktest.Emulator
	hops []string
}

func (b *walker) RoundTrip(r *http.Request) (*http.Response, error) {
	h, ok := b.apps[r.URL.Scheme+"://"+r.URL.Host]
	if !ok {
		h = b.em
	}
	in := r.Clone(r.Context())
	in.RequestURI, in.Host, in.RemoteAddr = r.URL.RequestURI(), r.URL.Host, "127.0.0.1:9"
	if in.TLS = nil; r.URL.Scheme == "https" {
		in.TLS = &tls.ConnectionState{}
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	in.Header.Set("Sec-Fetch-Dest", "document")
	in.Header.Set("Accept", "text/html")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, in)
	b.hops = append(b.hops, fmt.Sprintf("%s%s %d", r.URL.Host, r.URL.Path, w.Code))
	res := w.Result()
	res.Request = r
	return res, nil
}

// open goes to a page, and returns where that led.
func (b *walker) open(method, target string, form url.Values) (at *url.URL, status int, body string) {
	b.t.Helper()
	b.hops = nil
	req, err := http.NewRequestWithContext(b.t.Context(), method, target, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := (&http.Client{Transport: b, Jar: b.jar}).Do(req) // gives up after ten redirects
	if err != nil {
		b.t.Fatalf("%v, after\n%s", err, strings.Join(b.hops, "\n"))
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return res.Request.URL, res.StatusCode, string(text)
}

var hiddenField = regexp.MustCompile(`type="hidden" name="([^"]*)" value="([^"]*)"`)

// TestSatelliteSignsIn follows a browser that was never here from a satellite's gate
// to the sign-in page of its Clerk and back, where it is signed in. The pattern that
// had redirect_url alone came back signed out, and was redirected forever.
func TestSatelliteSignsIn(t *testing.T) {
	for _, tt := range []struct {
		name              string
		em                clerktest.Config
		satellite, signIn string
		home              string // the way back
	}{
		{
			name: "development", satellite: "http://satellite.test:4000",
			home: "localhost:0/sign-in 303, satellite.test:4000/list 307, localhost:0/sign-in 307, satellite.test:4000/list 307, localhost:0/v1/client/handshake 307, satellite.test:4000/list 307, satellite.test:4000/list 200",
		},
		{
			name: "production", satellite: "https://satellite.test", signIn: "https://clerk.primary.test/sign-in",
			em:   clerktest.Config{Instance: clerk.Production, FrontendAPI: "clerk.primary.test", Origins: []string{"https://primary.test"}},
			home: "clerk.primary.test/sign-in 303, satellite.test/list 307, clerk.satellite.test/v1/client/handshake 307, clerk.primary.test/v1/client/sync 307, clerk.satellite.test/v1/client/link 307, clerk.satellite.test/v1/client/handshake 307, satellite.test/list 200",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			em, err := clerktest.New(tt.em)
			if err != nil {
				t.Fatal(err)
			}
			alice := em.AddUser(clerktest.User{Email: "alice@example.com"})
			cfg := em.AddSatellite(tt.satellite)
			cfg.Logger = slog.New(slog.DiscardHandler)
			if tt.signIn != "" {
				cfg.SignInURL = tt.signIn
			}
			auth, err := middleware.New(cfg, middleware.WithSignInRedirect())
			if err != nil {
				t.Fatal(err)
			}
			defer auth.Close()
			jar, err := cookiejar.New(nil)
			if err != nil {
				t.Fatal(err)
			}
			list := auth.Handler(auth.Require()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprintf(w, "hello %s", clerk.FromContext(r.Context()).UserID)
			})))
			b := &walker{t: t, jar: jar, em: em, apps: map[string]http.Handler{tt.satellite: list}}

			page, status, body := b.open("GET", tt.satellite+"/list?x=1", nil)
			back := tt.satellite + "/list?x=1&__clerk_synced=false"
			if status != 200 || page.Path != "/sign-in" || page.Query().Get("redirect_url") != back {
				t.Fatalf("%d at %s, after\n%s", status, page, strings.Join(b.hops, "\n"))
			}
			form := url.Values{"user_id": {alice.ID}}
			for _, f := range hiddenField.FindAllStringSubmatch(body, -1) {
				form.Set(f[1], html.UnescapeString(f[2]))
			}
			form.Set("redirect_url", back)
			page.RawQuery = ""
			page, status, body = b.open("POST", page.String(), form)
			if status != 200 || body != "hello "+alice.ID || page.Host != strings.SplitN(tt.satellite, "://", 2)[1] || page.Query().Get("x") != "1" {
				t.Errorf("%d %s at %s, after\n%s", status, body, page, strings.Join(b.hops, "\n"))
			}
			if way := strings.Join(b.hops, ", "); way != tt.home {
				t.Errorf("the way back was\n%s, want\n%s", way, tt.home)
			}
			if page.Query().Has("__clerk_db_jwt") {
				t.Errorf("the dev browser stays in the address bar: %s", page)
			}
			// The next page needs no detour.
			if _, status, body = b.open("GET", tt.satellite+"/list", nil); status != 200 || body != "hello "+alice.ID || len(b.hops) != 1 {
				t.Errorf("%d %s, after\n%s", status, body, strings.Join(b.hops, "\n"))
			}
		})
	}
}

// TestSignInCircleEnds: a sign-in page that sends everybody back at once, because it
// knows who the browser is and the application does not believe it.
func TestSignInCircleEnds(t *testing.T) {
	em, auth := newAuth(t, func(c *clerk.Config) { c.SignInURL, c.Handshake = "https://login.test/sign-in", clerk.HandshakeOff }, middleware.WithSignInRedirect())
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &walker{t: t, jar: jar, em: em, apps: map[string]http.Handler{
		"http://localhost:3000": auth.Require()(http.NotFoundHandler()),
		"https://login.test": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Query().Get("redirect_url"), http.StatusSeeOther)
		}),
	}}
	client := &http.Client{Transport: b, Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
	res, err := client.Get("http://localhost:3000/p")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusUnauthorized || len(b.hops) != 11 {
		t.Errorf("%d, after\n%s; want 401 after five rounds", res.StatusCode, strings.Join(b.hops, "\n"))
	}
}
