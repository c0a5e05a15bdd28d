package handshake

import (
	"bytes"
	"encoding/base64"
	"log/slog"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
)

// TestPageURL is what createRedirect of @clerk/backend answers, in each deployment.
func TestPageURL(t *testing.T) {
	portalOf := func(fapi string) func(*clerk.Config) {
		return func(c *clerk.Config) { c.PublishableKey = "pk_test_" + b64std(fapi+"$") }
	}
	pending := clerk.Auth{Reason: clerk.ReasonSessionPending}
	const db = "&__clerk_db_jwt=dvb_1"
	const back = "redirect_url=https%3A%2F%2Fapp.example.com%2Fdashboard%3Fa%3D1"
	const synced = back + "%26__clerk_synced%3Dfalse"
	for _, tt := range []struct {
		name           string
		dev            bool
		config         func(*clerk.Config)
		who            clerk.Auth
		signIn, signUp string
	}{
		{name: "production, account portal", signIn: "https://accounts.example.com/sign-in?" + back, signUp: "https://accounts.example.com/sign-up?" + back},
		{name: "development, account portal", dev: true, config: portalOf("included.katydid-92.clerk.accounts.dev"),
			signIn: "https://included.katydid-92.accounts.dev/sign-in?" + back + db, signUp: "https://included.katydid-92.accounts.dev/sign-up?" + back + db},
		{name: "staging portal", dev: true, config: portalOf("included.katydid-92.clerk.accountsstage.dev"),
			signIn: "https://included.katydid-92.accountsstage.dev/sign-in?" + back + db, signUp: "https://included.katydid-92.accountsstage.dev/sign-up?" + back + db},
		{name: "older portal", dev: true, config: portalOf("clerk.included.katydid-92.lcl.dev"),
			signIn: "https://accounts.included.katydid-92.lcl.dev/sign-in?" + back + db, signUp: "https://accounts.included.katydid-92.lcl.dev/sign-up?" + back + db},
		{name: "a proxy has no portal of its own", config: func(c *clerk.Config) { c.ProxyURL = "https://app.example.com/__clerk" },
			signIn: "https://accounts.example.com/sign-in?" + back, signUp: "https://accounts.example.com/sign-up?" + back},
		{name: "a proxy at a path", config: func(c *clerk.Config) {
			c.ProxyURL = "/__clerk"
			c.AuthorizedParties = []string{"https://app.example.com"}
		},
			signIn: "https://accounts.example.com/sign-in?" + back, signUp: "https://accounts.example.com/sign-up?" + back},
		{name: "the application's own pages", dev: true, config: func(c *clerk.Config) { c.SignInURL, c.SignUpURL = "/sign-in", "/join?x=1" },
			signIn: "https://app.example.com/sign-in?" + back, signUp: "https://app.example.com/join?x=1&" + back},
		{name: "sign-in or up", config: func(c *clerk.Config) { c.SignInURL = "/enter/?x=a%20b" },
			signIn: "https://app.example.com/enter/?x=a+b&" + back, signUp: "https://app.example.com/enter/create?x=a+b&" + back},
		{name: "absolute, on the own origin", dev: true, config: func(c *clerk.Config) { c.SignInURL = "https://APP.example.com:443/sign-in" },
			signIn: "https://app.example.com/sign-in?" + back, signUp: "https://app.example.com/sign-in/create?" + back},
		{name: "absolute, elsewhere", config: func(c *clerk.Config) { c.SignInURL = "https://login.example.com:8443/sign-in#top" },
			signIn: "https://login.example.com:8443/sign-in?" + back + "#top", signUp: "https://login.example.com:8443/sign-in/create?" + back + "#top"},
		{name: "absolute, elsewhere, development", dev: true, config: func(c *clerk.Config) { c.SignInURL = "http://localhost:3001/sign-in" },
			signIn: "http://localhost:3001/sign-in?" + back + db, signUp: "http://localhost:3001/sign-in/create?" + back + db},
		{name: "a configured target is not overruled", dev: true, config: func(c *clerk.Config) { c.SignInURL = "https://login.example.com/?redirect_url=x&__clerk_db_jwt=y" },
			signIn: "https://login.example.com/?" + back + db, signUp: "https://login.example.com/create?" + back + db},
		{name: "satellite", config: func(c *clerk.Config) {
			c.IsSatellite, c.Domain, c.SignInURL = true, "sat.example", "https://primary.example/sign-in"
		}, signIn: "https://primary.example/sign-in?" + synced, signUp: "https://primary.example/sign-in/create?" + synced},
		{name: "satellite, the primary's portal", config: func(c *clerk.Config) { c.IsSatellite, c.Domain = true, "sat.example" },
			signIn: "https://accounts.example.com/sign-in?" + synced, signUp: "https://accounts.example.com/sign-up?" + synced},
		{name: "satellite in development", dev: true, config: func(c *clerk.Config) {
			c.IsSatellite, c.Domain, c.SignInURL = true, "sat.example", "https://primary.example/sign-in"
		}, signIn: "https://primary.example/sign-in?" + synced + db, signUp: "https://primary.example/sign-in/create?" + synced + db},
		{name: "pending", who: pending, signIn: "https://accounts.example.com/sign-in/tasks?" + back, signUp: "https://accounts.example.com/sign-up/tasks?" + back},
		{name: "pending, own page", dev: true, who: pending, config: func(c *clerk.Config) { c.SignInURL = "/sign-in?x=1" },
			signIn: "https://app.example.com/sign-in/tasks?x=1&" + back, signUp: "https://app.example.com/sign-in/create/tasks?x=1&" + back},
		{name: "pending, page routed in the fragment", who: pending, config: func(c *clerk.Config) { c.SignInURL = "https://login.example.com/#/sign-in" },
			signIn: "https://login.example.com/?" + back + "#/sign-in/tasks", signUp: "https://login.example.com/?" + back + "#/sign-in/create/tasks"},
		{name: "signed in", who: clerk.Auth{UserID: "user_1"}, signIn: "https://accounts.example.com/sign-in?" + back, signUp: "https://accounts.example.com/sign-up?" + back},
		{name: "no key and no page", config: func(c *clerk.Config) { c.PublishableKey = "" }},
		{name: "no key", config: func(c *clerk.Config) { c.PublishableKey, c.SignUpURL = "", "https://login.example.com/join" }, signUp: "https://login.example.com/join?" + back},
		{name: "an API", config: func(c *clerk.Config) { c.HeaderOnly, c.SignInURL = true, "/sign-in" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := production()
			if tt.dev {
				w = development()
			}
			if tt.config != nil {
				tt.config(&w.config)
			}
			m := w.machine(t)
			r := page("__clerk_db_jwt=dvb_1; __session=secret")
			if got := m.PageURL(r, SignInPage, tt.who); got != tt.signIn {
				t.Errorf("sign-in\n%s, want\n%s", got, tt.signIn)
			}
			if got := m.PageURL(r, SignUpPage, tt.who); got != tt.signUp {
				t.Errorf("sign-up\n%s, want\n%s", got, tt.signUp)
			}
			if d, ok := m.SignInRedirect(r, SignInPage, tt.who); ok != (tt.signIn != "") || d.Location != tt.signIn {
				t.Errorf("redirect to %q, %t", d.Location, ok)
			}
		})
	}
}

// TestReturnPage is where the browser comes back to.
func TestReturnPage(t *testing.T) {
	const root = "https://app.example.com/"
	for _, tt := range []struct {
		name, method, target string
		fields               []string
		want                 string
	}{
		{"page", "GET", "/p?a=1&a=2&q=%C3%A9", nil, root + "p?a=1&a=2&q=%C3%A9"},
		{"HEAD", "HEAD", "/p", nil, root + "p"},
		{"absolute target", "GET", "https://app.example.com/p", nil, root + "p"},
		{"a path that looks like a host", "GET", "//evil.example/p", nil, "https://app.example.com//evil.example/p"},
		{"parameters of the handshake", "GET", "/p?__clerk_db_jwt=a&x=1&__clerk_handshake=b&__clerk_handshake_nonce=c&__clerk_help=d&__dev_session=e&__clerk_synced=true", nil, root + "p?x=1"},
		{"a query in a spelling of its own", "GET", "/p?c&x=y;z&q=%zz&s=%7E!'()&&=&t=a%20b+c", nil, root + "p?c&x=y;z&q=%zz&s=%7E!%27()&&=&t=a%20b+c"},
		{"the same without the handshake's parameters", "GET", "/p?c&__clerk_db_jwt=a&x=y;z&%5F_clerk_help=d&t=a%20b", nil, root + "p?c&x=y;z&t=a%20b"},
		{"an empty query", "GET", "/p?", nil, root + "p?"},
		{"form", "POST", "/add", []string{"Referer", root + "form?x=1#top"}, root + "form?x=1"},
		{"form of another origin", "POST", "/add", []string{"Referer", "https://evil.example/form"}, root},
		{"form of the other scheme", "POST", "/add", []string{"Referer", "http://app.example.com/form"}, root},
		{"form without Referer", "POST", "/add", nil, root},
		{"part", "GET", "/part", []string{"Hx-Request", "true", "Hx-Current-Url", root + "list?x=1#a"}, root + "list?x=1"},
		{"part, by POST", "POST", "/part", []string{"Hx-Request", "true", "Hx-Current-Url", root + "list", "Referer", root + "other"}, root + "list"},
		{"part of a page elsewhere", "GET", "/part", []string{"Hx-Request", "true", "Hx-Current-Url", "https://evil.example/"}, root},
		{"part of no page", "GET", "/part", []string{"Hx-Request", "true", "Hx-Current-Url", "javascript:alert(1)"}, root},
		{"boosted link", "GET", "/next", []string{"Hx-Request", "true", "Hx-Boosted", "true", "Hx-Current-Url", root + "list"}, root + "next"},
		{"boosted form", "POST", "/next", []string{"Hx-Request", "true", "Hx-Boosted", "true", "Hx-Current-Url", root + "list"}, root + "list"},
	} {
		r := request(tt.target, tt.fields...)
		r.Method = tt.method
		u, ok := parseURL(production().machine(t).PageURL(r, SignInPage, clerk.Auth{}))
		if got, _ := param(u.query, paramReturn); !ok || got != tt.want {
			t.Errorf("%s: back to %q, want %q", tt.name, got, tt.want)
		}
	}
	r := request("/")
	for _, host := range []string{"", "a b", "user@app.example.com", "bücher.example"} {
		r.Host = host
		if got := production().machine(t).PageURL(r, SignInPage, clerk.Auth{}); got != "" {
			t.Errorf("Host %q: %s", host, got)
		}
	}
}

// TestDevBrowserStaysHome: what a request says never decides where the dev browser
// token goes.
func TestDevBrowserStaysHome(t *testing.T) {
	for _, signIn := range []string{"", "/sign-in", "https://login.example.com/sign-in"} {
		w := development()
		w.config.SignInURL = signIn
		m := w.machine(t)
		r := page("__clerk_db_jwt=dvb_1", "X-Forwarded-Host", "evil.example", "Forwarded", "host=evil.example", "Referer", "https://evil.example/")
		r.Host = "evil.example"
		r.Target = "/p?redirect_url=https://evil.example/&__clerk_redirect_url=https://evil.example/&__clerk_db_jwt=dvb_2"
		for _, p := range []Page{SignInPage, SignUpPage} {
			u, ok := parseURL(m.PageURL(r, p, clerk.Auth{}))
			token, has := param(u.query, clerk.CookieDevBrowser)
			if !ok || has && u.host == "evil.example" || strings.Contains(strings.TrimSuffix(u.query, token), "dvb_") {
				t.Errorf("SignInURL %q, page %d: %s", signIn, p, u.String())
			}
		}
	}
}

// TestSignInsEnd: a browser that comes back signed out again and again is not sent on
// forever, whatever its cookie says.
func TestSignInsEnd(t *testing.T) {
	var log bytes.Buffer
	m := production().machine(t)
	m.notices.log = slog.New(slog.NewTextHandler(&log, nil))
	who := clerk.Auth{Reason: clerk.ReasonTokenInvalidAuthorizedParties}
	cookies := ""
	for n := range maxSignIns {
		d, ok := m.SignInRedirect(page(cookies), SignInPage, who)
		if !ok || len(d.Cookies) != 1 || fields(d)["Cache-Control"] != "no-store" {
			t.Fatalf("%d: %+v %t", n, d, ok)
		}
		cookies, _, _ = strings.Cut(d.Cookies[0], ";")
	}
	for _, c := range []string{cookies, "a=b; " + cookies, clerk.CookieSignInCount + "=99999999999", clerk.CookieSignInCount + "=-1", clerk.CookieSignInCount + "=x"} {
		if d, ok := m.SignInRedirect(page(c), SignInPage, who); ok || d.Location != "" {
			t.Errorf("%s: %+v", c, d)
		}
	}
	if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "CLERK_SIGN_IN_URL") || !strings.Contains(text, string(who.Reason)) {
		t.Errorf("the log says %q", text)
	}
}

func TestNavigates(t *testing.T) {
	document := []string{"Sec-Fetch-Dest", "document"}
	for _, tt := range []struct {
		name, method string
		fields       []string
		page, htmx   bool
	}{
		{"document", "GET", document, true, false},
		{"document, HEAD", "HEAD", document, true, false},
		{"frame", "GET", []string{"Sec-Fetch-Dest", "iframe"}, true, false},
		{"by Accept", "GET", []string{"Accept", "text/html,*/*"}, true, false},
		{"form", "POST", document, false, false},
		{"script", "GET", []string{"Sec-Fetch-Dest", "empty", "Accept", "text/html"}, false, false},
		{"API client", "GET", []string{"Accept", "*/*"}, false, false},
		{"token", "GET", []string{"Sec-Fetch-Dest", "document", "Authorization", "Bearer x"}, false, false},
		{"htmx", "GET", []string{"Hx-Request", "true"}, false, true},
		{"htmx, POST", "POST", []string{"Hx-Request", "true"}, false, true},
		{"htmx with a token", "GET", []string{"Hx-Request", "true", "Authorization", "Bearer x"}, false, false},
		{"preflight", "OPTIONS", document, false, false},
	} {
		r := request("/", tt.fields...)
		r.Method = tt.method
		if page, htmx := production().machine(t).Navigates(r); page != tt.page || htmx != tt.htmx {
			t.Errorf("%s: %t, %t", tt.name, page, htmx)
		}
	}
}

func b64std(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
