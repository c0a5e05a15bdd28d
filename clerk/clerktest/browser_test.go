package clerktest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// browser keeps cookies and follows no redirect, so that each hop can be looked
// at. It reaches the emulator alone; the application's side of a hop is played by
// the tests.
type browser struct {
	t   testing.TB
	em  *clerktest.Emulator
	jar *cookiejar.Jar
}

func newBrowser(t testing.TB, em *clerktest.Emulator) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, em, jar}
}

func (b *browser) send(method, target string, header http.Header, form url.Values) (*http.Response, string) {
	b.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequest(method, target, body)
	if err != nil {
		b.t.Fatal(err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	if form != nil && header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	client := &http.Client{
		Jar: b.jar, Transport: b.em.Transport(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp, string(text)
}

func (b *browser) get(path string) (*http.Response, string) {
	b.t.Helper()
	return b.send("GET", b.em.URL+path, nil, nil)
}

func (b *browser) post(path string, form url.Values) (*http.Response, string) {
	b.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	return b.send("POST", b.em.URL+path, nil, form)
}

// cookie returns the cookie that a page sees.
func (b *browser) cookie(page, name string) string {
	b.t.Helper()
	u, err := url.Parse(page)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// apply stores directives as the application's server does with Set-Cookie.
func (b *browser) apply(page string, directives []string) {
	b.t.Helper()
	u, err := url.Parse(page)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, d := range directives {
		c, err := http.ParseSetCookie(d)
		if err != nil {
			b.t.Fatalf("%q: %v", d, err)
		}
		b.jar.SetCookies(u, []*http.Cookie{c})
	}
}

// location returns the redirect of an answer.
func location(t testing.TB, resp *http.Response) *url.URL {
	t.Helper()
	u, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || resp.Header.Get("Location") == "" {
		t.Fatalf("%d without Location, %v", resp.StatusCode, err)
	}
	return u
}

// handshake sends the browser through the handshake and returns the directives,
// got in the way that the instance and the format say.
func (b *browser) handshake(base, page, format string, more url.Values) (loc *url.URL, directives []string) {
	b.t.Helper()
	query := url.Values{"redirect_url": {page}, "suffixed_cookies": {"true"}, "__clerk_hs_reason": {"dev-browser-missing"}}
	if format != "" {
		query.Set("format", format)
	}
	for name, values := range more {
		query[name] = values
	}
	resp, body := b.send("GET", base+"/v1/client/handshake?"+query.Encode(), nil, nil)
	if resp.StatusCode != http.StatusTemporaryRedirect || resp.Header.Get("Cache-Control") != "no-store" {
		b.t.Fatalf("handshake: %d %s %v", resp.StatusCode, body, resp.Header)
	}
	loc = location(b.t, resp)
	token, nonce := loc.Query().Get("__clerk_handshake"), loc.Query().Get("__clerk_handshake_nonce")
	for _, c := range resp.Cookies() {
		switch c.Name {
		case "__clerk_handshake":
			token = c.Value
		case "__clerk_handshake_nonce":
			nonce = c.Value
		}
	}
	if (token == "") == (nonce == "") {
		b.t.Fatalf("handshake answered with token %q and nonce %q", token, nonce)
	}
	if token != "" {
		header, payload, input, sig := split(b.t, token)
		if err := verify(jwks(b.t, b.em, "/v1/jwks")[header["kid"].(string)], input, sig); err != nil {
			b.t.Fatal(err)
		}
		var claims struct {
			Handshake     []string
			Iat, Nbf, Exp int64
		}
		if err := json.Unmarshal([]byte(payload), &claims); err != nil {
			b.t.Fatal(err)
		}
		if claims.Exp <= claims.Iat || claims.Nbf > claims.Iat || header["cat"] != clerktest.CategorySession {
			b.t.Errorf("handshake token %v %s", header, payload)
		}
		return loc, claims.Handshake
	}
	return loc, payload(b.t, b.em, nonce)
}

// payload fetches a handshake's result as the application's server does.
func payload(t testing.TB, em *clerktest.Emulator, nonce string) []string {
	t.Helper()
	resp, body := get(t, em, "/v1/clients/handshake_payload?nonce="+url.QueryEscape(nonce), bearer(em.SecretKey()))
	var out struct{ Directives []string }
	if err := json.Unmarshal([]byte(body), &out); err != nil || resp.StatusCode != 200 {
		t.Fatalf("payload: %d %s", resp.StatusCode, body)
	}
	// Used up.
	resp, body = get(t, em, "/v1/clients/handshake_payload?nonce="+url.QueryEscape(nonce), bearer(em.SecretKey()))
	wantError(t, resp, body, 404, "resource_not_found")
	return out.Directives
}

// byName parses directives.
func byName(t testing.TB, directives []string) map[string]*http.Cookie {
	t.Helper()
	m := map[string]*http.Cookie{}
	for _, d := range directives {
		c, err := http.ParseSetCookie(d)
		if err != nil {
			t.Fatalf("%q: %v", d, err)
		}
		m[c.Name] = c
	}
	return m
}

func keyOf(t testing.TB, em *clerktest.Emulator) clerk.PublishableKey {
	t.Helper()
	key, err := clerk.ParsePublishableKey(em.PublishableKey())
	if err != nil {
		t.Fatal(err)
	}
	return key
}
