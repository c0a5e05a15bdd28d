package main

import (
	"encoding/base64"
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
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// browser stores cookies, and sends document requests and requests of htmx like a
// browser. It checks that no response of the app contains a token.
type browser struct {
	*testing.T
	em     *clerktest.Emulator
	alice  clerktest.User
	origin string
	jar    http.CookieJar
	client *http.Client
}

type answer struct {
	*http.Response
	body string
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	_, port, _ := strings.Cut(server.Listener.Addr().String(), ":")
	b := &browser{T: t, origin: "http://localhost:" + port}
	b.em = clerktest.NewServer(t, clerktest.Config{Origins: []string{b.origin}})
	b.alice = b.em.AddUser(clerktest.User{Email: "alice@example.com"})
	cfg := b.em.Config()
	cfg.SignInURL = b.em.URL + "/sign-in"
	cfg.Logger = slog.New(slog.DiscardHandler)
	a, err := newApp(cfg, htmxURL)
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = a
	server.Start()
	t.Cleanup(func() {
		server.Close()
		a.auth.Close()
	})
	if b.jar, err = cookiejar.New(nil); err != nil {
		t.Fatal(err)
	}
	b.client = &http.Client{Jar: b.jar, Timeout: 10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return b
}

func (b *browser) do(method, target string, form url.Values, header map[string]string) answer {
	b.Helper()
	if strings.HasPrefix(target, "/") {
		target = b.origin + target
	}
	req, err := http.NewRequestWithContext(b.Context(), method, target, strings.NewReader(form.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", req.URL.Scheme+"://"+req.URL.Host)
	}
	res, err := b.client.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	res.Body.Close()
	if strings.HasPrefix(target, b.origin) {
		b.holdsNoToken(target, string(body))
	}
	return answer{Response: res, body: string(body)}
}

func (b *browser) holdsNoToken(target, body string) {
	b.Helper()
	if strings.Contains(body, "eyJ") { // {" in base64: any JWT
		b.Errorf("a JWT in %s:\n%s", target, body)
	}
	for _, c := range b.cookies() {
		if len(c.Value) > 12 && strings.Contains(body, c.Value) {
			b.Errorf("the cookie %s in %s:\n%s", c.Name, target, body)
		}
	}
}

func (b *browser) cookies() []*http.Cookie {
	u, err := url.Parse(b.origin)
	if err != nil {
		b.Fatal(err)
	}
	return b.jar.Cookies(u)
}

// forget removes cookies: name, and name with a suffix.
func (b *browser) forget(name string) {
	b.Helper()
	u, err := url.Parse(b.origin)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range b.cookies() {
		if strings.HasPrefix(c.Name, name) {
			b.jar.SetCookies(u, []*http.Cookie{{Name: c.Name, Path: "/", MaxAge: -1}})
		}
	}
}

// document opens a page and follows redirects.
func (b *browser) document(method, target string, form url.Values) answer {
	b.Helper()
	b.forget(clerk.CookieRedirectCount) // a user takes longer than its two seconds between two pages
	for range 10 {
		a := b.do(method, target, form, map[string]string{"Accept": "text/html,*/*;q=0.8", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "same-origin"})
		location, err := a.Location()
		if err != nil {
			return a
		}
		target = location.String()
		if a.StatusCode == http.StatusSeeOther {
			method, form = http.MethodGet, nil
		}
	}
	b.Fatal("too many redirects")
	return answer{}
}

func (b *browser) open(target string) answer {
	b.Helper()
	return b.document(http.MethodGet, target, nil)
}

// part sends a request like htmx 2.
func (b *browser) part(method, target string, form url.Values) answer {
	b.Helper()
	return b.do(method, target, form, map[string]string{
		"HX-Request": "true", "HX-Current-URL": b.origin + "/notes", "Accept": "*/*", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin",
	})
}

// signIn opens the notes and signs in on the emulator's sign-in page.
func (b *browser) signIn() {
	b.Helper()
	page := b.open("/notes")
	b.wantSignInPage(page)
	form := url.Values{"user_id": {b.alice.ID}}
	for _, field := range regexp.MustCompile(`type="hidden" name="([^"]*)" value="([^"]*)"`).FindAllStringSubmatch(page.body, -1) {
		form.Set(field[1], html.UnescapeString(field[2]))
	}
	b.wantNotes(b.document(http.MethodPost, b.em.URL+"/sign-in", form))
}

func (b *browser) wantNotes(a answer) {
	b.Helper()
	if a.StatusCode != http.StatusOK || !strings.Contains(a.body, `id="user">`+b.alice.ID+"<") || a.Header.Get("Cache-Control") != "no-store" {
		b.Errorf("%s: %d %v, want Alice's notes:\n%s", a.Request.URL.Path, a.StatusCode, a.Header, a.body)
	}
}

func (b *browser) wantPart(a answer, text string) {
	b.Helper()
	if a.StatusCode != http.StatusOK || !strings.HasPrefix(a.body, "<ul>") || !strings.Contains(a.body, text) || a.Header.Get("HX-Refresh") != "" {
		b.Errorf("%d %v, want a list with %q:\n%s", a.StatusCode, a.Header, text, a.body)
	}
}

// wantRefresh checks that the response tells htmx to reload the page and does not
// redirect.
func (b *browser) wantRefresh(a answer) {
	b.Helper()
	if a.StatusCode != http.StatusUnauthorized || a.Header.Get("HX-Refresh") != "true" || a.Header.Get("Location") != "" {
		b.Errorf("%d %v, want 401 with HX-Refresh", a.StatusCode, a.Header)
	}
}

// wantSignInPage checks that a page redirected to the sign-in page.
func (b *browser) wantSignInPage(a answer) {
	b.Helper()
	if u := a.Request.URL; a.StatusCode != http.StatusOK || u.Path != "/sign-in" || u.Query().Get("redirect_url") != b.origin+"/notes" {
		b.Errorf("%d at %s, want the sign-in page", a.StatusCode, u)
	}
}

func (b *browser) wantSignedOut(a answer, status int) {
	b.Helper()
	if a.StatusCode != status || !strings.Contains(a.body, `id="signed-out"`) || strings.Contains(a.body, "hx-") {
		b.Errorf("%d, want %d and a page that says signed out and asks for no parts:\n%s", a.StatusCode, status, a.body)
	}
}

func (b *browser) handshakes() (n int) {
	for _, r := range b.em.Requests() {
		if r.Path == "/v1/client/handshake" {
			n++
		}
	}
	return n
}

// revoke ends the browser's session through the Backend API.
func (b *browser) revoke() {
	b.Helper()
	for _, c := range b.cookies() {
		if c.Name == clerk.CookieSession {
			claims, err := clerk.ParseClaims(payload(b.T, c.Value))
			if err != nil {
				b.Fatal(err)
			}
			req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, b.em.URL+"/v1/sessions/"+claims.Auth().SessionID+"/revoke", http.NoBody)
			if err != nil {
				b.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+b.em.SecretKey())
			res, err := http.DefaultClient.Do(req)
			if err != nil || res.StatusCode != http.StatusOK {
				b.Fatal(res, err)
			}
			res.Body.Close()
			return
		}
	}
	b.Fatal("no session to revoke")
}

func payload(t *testing.T, token string) string {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatal("not a JWT")
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
