package middleware_test

import (
	"bytes"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
)

// TestSignInBehindAProxy signs a browser in to an application behind a reverse proxy on
// another address, with nothing set but AuthorizedParties. Each row is what one proxy
// makes of the request. The browser has to come back to the public origin, signed in.
func TestSignInBehindAProxy(t *testing.T) {
	for _, tt := range []struct {
		name    string
		app     string // the public origin
		rewrite func(in, out *http.Request)
		change  func(*clerk.Config)
	}{
		{name: "nginx, Clerk's guide", rewrite: func(in, out *http.Request) {
			out.Host = out.URL.Host
			out.Header.Set("X-Forwarded-Host", in.Host)
			out.Header.Set("X-Forwarded-Proto", "https")
		}},
		{name: "nginx, $host:$server_port on plain http behind TLS", rewrite: func(in, out *http.Request) {
			out.Host = in.Host + ":80"
			out.Header.Set("X-Forwarded-Proto", "https")
		}},
		{name: "two proxies, one line each", rewrite: func(in, out *http.Request) {
			out.Host = out.URL.Host
			out.Header["X-Forwarded-Host"] = []string{strings.ToUpper(in.Host), "lb.internal:80"}
			out.Header["X-Forwarded-Proto"] = []string{"HTTPS", "http"}
		}},
		{name: "a port of its own", app: "https://app.primary.test:8443", rewrite: func(in, out *http.Request) {
			out.Host = strings.TrimSuffix(in.Host, ":8443")
			out.Header.Set("X-Forwarded-Port", "8443")
			out.Header.Set("X-Forwarded-Proto", "https")
		}},
		{name: "Host kept from us, PublicURL", rewrite: func(_, out *http.Request) { out.Host = out.URL.Host },
			change: func(c *clerk.Config) { c.PublicURL = "https://app.primary.test" }},
		{name: "only TrustedProxyHops and a redirect origin", rewrite: func(in, out *http.Request) {
			out.Host = out.URL.Host
			out.Header.Set("Forwarded", `host="`+in.Host+`";proto=https`)
		}, change: func(c *clerk.Config) {
			c.AllowedRedirectOrigins, c.AuthorizedParties, c.TrustedProxyHops = c.AuthorizedParties, nil, 1
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app := tt.app
			if app == "" {
				app = "https://app.primary.test"
			}
			em, err := clerktest.New(clerktest.Config{Instance: clerk.Production, FrontendAPI: "clerk.primary.test", Origins: []string{app}})
			if err != nil {
				t.Fatal(err)
			}
			alice := em.AddUser(clerktest.User{Email: "alice@example.com"})
			var log bytes.Buffer
			cfg := em.Config()
			cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
			cfg.AuthorizedParties = []string{app}
			cfg.SignInURL = "https://clerk.primary.test/sign-in"
			if tt.change != nil {
				tt.change(&cfg)
			}
			auth, err := middleware.New(cfg, middleware.WithSignInRedirect())
			if err != nil {
				t.Fatal(err)
			}
			defer auth.Close()
			backend := httptest.NewServer(auth.Handler(auth.Require()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprintf(w, "hello %s", clerk.FromContext(r.Context()).UserID)
			}))))
			defer backend.Close()
			target, err := url.Parse(backend.URL)
			if err != nil {
				t.Fatal(err)
			}
			proxy := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
				p.SetURL(target)
				p.Out.Header.Del("Accept-Encoding")
				tt.rewrite(p.In, p.Out)
			}}
			jar, err := cookiejar.New(nil)
			if err != nil {
				t.Fatal(err)
			}
			b := &walker{t: t, jar: jar, em: em, apps: map[string]http.Handler{app: proxy}}
			page, status, body := b.open("GET", app+"/list?x=1", nil)
			if back := page.Query().Get("redirect_url"); status != 200 || page.Path != "/sign-in" || back != app+"/list?x=1" {
				t.Fatalf("%d at %s, after\n%s\n%s", status, page, strings.Join(b.hops, "\n"), log.String())
			}
			form := url.Values{"user_id": {alice.ID}}
			for _, f := range hiddenField.FindAllStringSubmatch(body, -1) {
				form.Set(f[1], html.UnescapeString(f[2]))
			}
			form.Set("redirect_url", app+"/list?x=1")
			page.RawQuery = ""
			page, status, body = b.open("POST", page.String(), form)
			if status != 200 || body != "hello "+alice.ID || page.String() != app+"/list?x=1" {
				t.Errorf("%d %s at %s, after\n%s\n%s", status, body, page, strings.Join(b.hops, "\n"), log.String())
			}
			if s := log.String(); strings.Contains(s, "level=WARN") && len(cfg.AuthorizedParties) > 0 {
				t.Errorf("a right deployment warns:\n%s", s)
			}
			// An expired session is renewed by one more walk.
			em.Advance(2 * time.Minute)
			if page, status, body = b.open("GET", app+"/list?x=2", nil); status != 200 || body != "hello "+alice.ID || page.String() != app+"/list?x=2" {
				t.Errorf("after two minutes %d %s at %s, after\n%s", status, body, page, strings.Join(b.hops, "\n"))
			}
		})
	}
}
