package clerktest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// The whole life of a browser on a development instance: first visit, sign-in on
// the emulator's page, return with the dev browser, signed in, sign-out.
func TestDevelopmentLife(t *testing.T) {
	for _, format := range []string{"", "token", "nonce"} {
		for _, page := range []string{"http://localhost:3000/a?x=1&y=%20", "http://127.0.0.1:8080/"} {
			em := newEmulator(t, clerktest.Config{})
			key := keyOf(t, em)
			alice := em.AddUser(clerktest.User{Email: "alice@example.com", Password: "correct horse"})
			b := newBrowser(t, em)

			// First visit: a dev browser, nobody signed in.
			loc, directives := b.handshake(em.URL, page, format, nil)
			q := loc.Query()
			q.Del("__clerk_handshake")
			q.Del("__clerk_handshake_nonce")
			if want, _ := url.Parse(page); loc.Host != want.Host || loc.Path != want.Path || q.Encode() != want.Query().Encode() {
				t.Errorf("sent back to %s", loc)
			}
			cookies := byName(t, directives)
			first := cookies["__clerk_db_jwt"].Value
			for _, name := range []string{"__clerk_db_jwt", "__client_uat", "__session"} {
				c, twin := cookies[name], cookies[key.SuffixedCookie(name)]
				if c == nil || twin == nil || c.Value != twin.Value || c.Path != "/" || c.Secure {
					t.Errorf("%s: %v and %v", name, c, twin)
				}
			}
			if cookies["__client_uat"].Value != "0" || cookies["__client_uat"].SameSite != http.SameSiteLaxMode ||
				cookies["__session"].Value != "" || cookies["__session"].MaxAge >= 0 || cookies["__clerk_handshake"] != nil {
				t.Errorf("signed out: %v", directives)
			}
			b.apply(page, directives)

			// A second handshake keeps the dev browser that the application names.
			_, directives = b.handshake(em.URL, page, format, url.Values{"__clerk_db_jwt": {first}})
			if c := byName(t, directives)["__clerk_db_jwt"]; c.Value != first {
				t.Errorf("the dev browser changed from %s to %s", first, c.Value)
			}

			// Sign in; the dev browser comes back in the URL.
			resp, body := b.get("/sign-in?redirect_url=" + url.QueryEscape(page))
			if resp.StatusCode != 200 || !strings.Contains(body, "alice@example.com") {
				t.Fatalf("sign-in page: %d %s", resp.StatusCode, body)
			}
			resp, body = b.post("/sign-in", url.Values{
				"redirect_url": {page}, "identifier": {"Alice@Example.com"}, "password": {"correct horse"},
			})
			if resp.StatusCode != http.StatusSeeOther {
				t.Fatalf("sign-in: %d %s", resp.StatusCode, body)
			}
			dev := location(t, resp).Query().Get("__clerk_db_jwt")
			if dev == "" || !strings.HasPrefix(location(t, resp).String(), strings.SplitN(page, "?", 2)[0]) {
				t.Fatalf("sent back to %s", location(t, resp))
			}

			// dev-browser-sync: the handshake with it signs the application in.
			_, directives = b.handshake(em.URL, page, format, url.Values{"__clerk_db_jwt": {dev}})
			b.apply(page, directives)
			cookies = byName(t, directives)
			claims := claimsOf(t, cookies[key.SuffixedCookie("__session")].Value)
			origin := page[:strings.Index(page[8:], "/")+8]
			if claims.Subject() != alice.ID || claims.AuthorizedParty() != origin {
				t.Errorf("token is %s", claims.Raw())
			}
			if uat := cookies["__client_uat"].Value; uat == "0" || len(uat) != 10 {
				t.Errorf("__client_uat is %s", uat)
			}
			if cookies["__clerk_db_jwt"].Value != dev {
				t.Error("another dev browser came back")
			}
			if c := cookies[key.SuffixedCookie("__refresh")]; c == nil || !c.HttpOnly {
				t.Errorf("refresh cookie is %v", c)
			}

			// The page knows the browser now.
			if _, body = b.get("/sign-in?redirect_url=" + url.QueryEscape(page)); !strings.Contains(body, "You are signed in") {
				t.Errorf("sign-in page of a signed-in browser: %s", body)
			}

			// Sign out, and the handshake says so.
			resp, _ = b.get("/sign-out?redirect_url=" + url.QueryEscape(page))
			dev = location(t, resp).Query().Get("__clerk_db_jwt")
			_, directives = b.handshake(em.URL, page, format, url.Values{"__clerk_db_jwt": {dev}})
			if c := byName(t, directives); c["__client_uat"].Value != "0" || c["__session"].Value != "" {
				t.Errorf("after sign-out: %v", directives)
			}
		}
	}
}

// A production instance answers in cookies of the site and clears them.
func TestProductionHandshake(t *testing.T) {
	const page = "https://app.example.test/dash"
	for _, format := range []string{"token", "nonce"} {
		em := newEmulator(t, clerktest.Config{Instance: clerk.Production, Origins: []string{"https://app.example.test"}})
		if cfg := em.Config(); cfg.ProxyURL != "" || cfg.SignInURL != "https://clerk.example.test/sign-in" {
			t.Fatalf("config is %+v with proxy %s", cfg, cfg.ProxyURL)
		}
		key := keyOf(t, em)
		alice := em.AddUser(clerktest.User{Username: "alice"})
		b := newBrowser(t, em)
		face := "https://clerk.example.test"

		resp, body := b.send("POST", face+"/sign-in", nil, url.Values{"redirect_url": {page}, "user_id": {alice.ID}})
		if resp.StatusCode != http.StatusSeeOther || location(t, resp).String() != page {
			t.Fatalf("sign-in: %d %s", resp.StatusCode, body)
		}
		for _, c := range resp.Cookies() {
			want := c.Name == "__client" && c.HttpOnly && c.Domain == "" ||
				strings.HasPrefix(c.Name, "__client_uat") && !c.HttpOnly && c.Domain == "example.test"
			if !want || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Value == "0" {
				t.Errorf("cookie %v", c)
			}
		}
		if b.cookie(page, key.SuffixedCookie("__client_uat")) == "" || b.cookie(page, "__client") != "" {
			t.Error("the application sees the wrong cookies")
		}

		loc, directives := b.handshake(face, page, format, nil)
		if loc.String() != page {
			t.Errorf("sent back to %s", loc)
		}
		cookies := byName(t, directives)
		if c := claimsOf(t, cookies["__session"].Value); c.Subject() != alice.ID || c.AuthorizedParty() != "https://app.example.test" || c.Issuer() != face {
			t.Errorf("token is %s", c.Raw())
		}
		for _, name := range []string{"__client_uat", "__session"} {
			if c := cookies[key.SuffixedCookie(name)]; c == nil || !c.Secure || c.SameSite != http.SameSiteLaxMode ||
				(c.Domain == "example.test") != (name == "__client_uat") {
				t.Errorf("%s is %v", name, c)
			}
		}
		for _, name := range []string{"__clerk_handshake", "__clerk_handshake_nonce"} {
			if c := cookies[name]; c == nil || c.MaxAge >= 0 || c.Domain != "example.test" {
				t.Errorf("%s is not cleared: %v", name, c)
			}
		}
		if cookies["__clerk_db_jwt"] != nil {
			t.Error("a dev browser in production")
		}
		b.apply(page, directives)
		if b.cookie(page, "__clerk_handshake")+b.cookie(page, "__clerk_handshake_nonce") != "" {
			t.Error("the handshake's cookies outlive it")
		}

		resp, _ = b.send("GET", face+"/sign-out?redirect_url="+url.QueryEscape(page), nil, nil)
		if location(t, resp).String() != page || b.cookie(page, "__client_uat") != "0" {
			t.Errorf("sign-out: %s, uat %s", location(t, resp), b.cookie(page, "__client_uat"))
		}
	}
}

// On localhost two ports share cookies, in production too.
func TestProductionOnLocalhost(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Instance: clerk.Production})
	b := newBrowser(t, em)
	u := em.AddUser(clerktest.User{})
	b.post("/sign-in", url.Values{"user_id": {u.ID}})
	const page = "http://localhost:3000/"
	_, directives := b.handshake(em.URL, page, "", nil)
	b.apply(page, directives)
	cookies := byName(t, directives)
	if c := cookies["__client_uat"]; c.Domain != "" || c.Secure || c.Value == "0" {
		t.Errorf("uat %v", c)
	}
	if b.cookie(page, "__clerk_handshake") != "" || b.cookie(page, "__session") == "" {
		t.Error("wrong cookies on the page")
	}
}

func TestProductionNeedsOneSite(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Instance: clerk.Production, Origins: []string{"https://app.example.test", "https://shop.other.test", "http://localhost:3000"}})
	for face, page := range map[string]string{
		"https://clerk.example.test": "https://shop.other.test/",
		em.URL:                       "https://app.example.test/",
	} {
		b := newBrowser(t, em)
		resp, body := b.send("GET", face+"/v1/client/handshake?redirect_url="+url.QueryEscape(page), nil, nil)
		wantError(t, resp, body, 422, "form_param_value_invalid")
	}
}

// Through the application's own proxy the page and the Frontend API are one host.
func TestHandshakeThroughProxy(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Instance: clerk.Production, Origins: []string{"https://app.example.test"}})
	b := newBrowser(t, em)
	send := func(secret, proxy string) (*http.Response, string) {
		return b.send("GET", em.URL+"/v1/client/handshake?redirect_url=https%3A%2F%2Fapp.example.test%2F",
			http.Header{"Clerk-Proxy-Url": {proxy}, "Clerk-Secret-Key": {secret}}, nil)
	}
	resp, body := send("sk_live_emulatorWrong", "https://app.example.test/__clerk")
	wantError(t, resp, body, 401, "clerk_key_invalid")
	resp, body = send(em.SecretKey(), "https://app.example.test/__clerk")
	if resp.StatusCode != 307 {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	for _, c := range resp.Cookies() {
		if c.Name == "__clerk_handshake" && (!c.Secure || c.Domain != "example.test") {
			t.Errorf("cookie %v", c)
		}
	}
	// A proxy of somebody else's counts for nothing.
	resp, body = send(em.SecretKey(), "https://evil.example.test/__clerk")
	wantError(t, resp, body, 422, "form_param_value_invalid")
}

func TestHandshakeActivatesOrganization(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	u := em.AddUser(clerktest.User{})
	em.AddOrganization(clerktest.Organization{ID: "org_1", Slug: "acme"})
	em.AddOrganization(clerktest.Organization{ID: "org_2", Slug: "other"})
	em.AddMember("org_1", u.ID, "org:admin")
	b := newBrowser(t, em)
	b.post("/sign-in", url.Values{"user_id": {u.ID}})
	for _, c := range []struct{ ask, want string }{
		{"acme", "org_1"}, {"org_2", "org_1"}, {"nowhere", "org_1"}, {"", ""}, {"org_1", "org_1"},
	} {
		_, directives := b.handshake(em.URL, "http://localhost:3000/", "", url.Values{"organization_id": {c.ask}})
		if got := claimsOf(t, byName(t, directives)["__session"].Value).OrgID(); got != c.want {
			t.Errorf("asked for %q, got %q, want %q", c.ask, got, c.want)
		}
	}
	_, directives := b.handshake(em.URL, "http://localhost:3000/", "", nil)
	if got := claimsOf(t, byName(t, directives)["__session"].Value).OrgID(); got != "org_1" {
		t.Errorf("the session's own organization is %q", got)
	}
}

// The token must never be older than __client_uat, or the application asks again.
func TestUATIsNotAfterIAT(t *testing.T) {
	at := time.Unix(1_800_000_000, 999_999_999)
	em := newEmulator(t, clerktest.Config{Now: func() time.Time { return at }})
	u := em.AddUser(clerktest.User{})
	b := newBrowser(t, em)
	b.post("/sign-in", url.Values{"user_id": {u.ID}})
	for range 3 {
		_, directives := b.handshake(em.URL, "http://localhost:3000/", "", nil)
		cookies := byName(t, directives)
		if cookies["__client_uat"].Value != "1800000000" || claimsOf(t, cookies["__session"].Value).IssuedAt().Unix() < 1_800_000_000 {
			t.Errorf("uat %s", cookies["__client_uat"].Value)
		}
		em.Advance(time.Minute) // a refresh does not change the client
	}
	em.Advance(8 * 24 * time.Hour)
	_, directives := b.handshake(em.URL, "http://localhost:3000/", "", nil)
	if c := byName(t, directives); c["__client_uat"].Value != "0" || c["__session"].Value != "" {
		t.Errorf("after the session expired: %v", directives)
	}
}

var badRedirects = []string{
	"javascript:alert(1)", "data:text/html,x", "//evil.com", "//evil.com/", `\\evil.com`, `http:\\evil.com`, `http://localhost:3000\@evil.com`,
	"https://evil.com/", "http://localhost.evil.com/", "http://localhost:3000@evil.com/", "http://user:pw@localhost:3000/",
	"http://localhost:3000/\r\nSet-Cookie: x=y", "http://localhost:3000/%0d\n", " http://localhost:3000/", "http://localhost:3000/ x", "\thttp://localhost:3000",
	"/relative", "localhost:3000", "http:///x", "http:", "http://", "http:localhost:3000", "ftp://localhost/", "file:///etc/passwd", "http://[::1", "http://localhost:99999999/x%zz",
	"http://" + strings.Repeat("a", 9000), "http://evil.test/",
}

// Strangers' cookies are as good as none.
func TestStrangeCookies(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	b := newBrowser(t, em)
	header := http.Header{"Cookie": {`__client=nonsense; __client=other; __clerk_db_jwt=dvb_unknown; __clerk_db_jwt_x=1; __session=ey.x.y; =; ;;; "`}}
	resp, body := b.send("GET", em.URL+"/v1/client/handshake?__clerk_db_jwt=dvb_stranger&redirect_url=http%3A%2F%2Flocalhost%3A3000%2F", header, nil)
	if resp.StatusCode != 307 {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	if strings.Contains(resp.Header.Get("Location"), "stranger") {
		t.Error("an unknown dev browser is taken over")
	}
}

// Several emulators on localhost share a cookie jar: __client comes twice then.
func TestClientCookieOfAnotherEmulator(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	u := em.AddUser(clerktest.User{})
	b := newBrowser(t, em)
	b.post("/sign-in", url.Values{"user_id": {u.ID}})
	own := b.cookie(em.URL, "__client")
	resp, body := newBrowser(t, em).send("GET", em.URL+"/sign-in", http.Header{"Cookie": {"__client=foreign; __client=" + own}}, nil)
	if resp.StatusCode != 200 || !strings.Contains(body, "You are signed in") {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}

func TestNonces(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	fetch := func(nonce string) (*http.Response, string) {
		return get(t, em, "/v1/clients/handshake_payload?nonce="+nonce, bearer(em.SecretKey()))
	}
	for _, bad := range []string{"unknown", "%00", "a%2Fb", strings.Repeat("n", 10_000)} {
		resp, body := fetch(bad)
		wantError(t, resp, body, 404, "resource_not_found")
	}
	resp, body := fetch("")
	wantError(t, resp, body, 422, "form_param_missing")
	resp, _ = newBrowser(t, em).get("/v1/client/handshake?format=nonce&redirect_url=http%3A%2F%2Flocalhost%3A3000%2F")
	em.Advance(2 * time.Minute)
	resp, body = fetch(location(t, resp).Query().Get("__clerk_handshake_nonce"))
	wantError(t, resp, body, 404, "resource_not_found")
	// Without the secret key nobody gets anything.
	resp, body = get(t, em, "/v1/clients/handshake_payload?nonce=x", nil)
	wantError(t, resp, body, 401, "authorization_header_format_invalid")
}

// Browsers, servers and tests all at once: each browser sees its own user and the
// session that it has just made, whatever the others do.
func TestBrowsersAtOnce(t *testing.T) {
	em, err := clerktest.Start(clerktest.Config{}) // not NewServer: the browsers are tests of their own
	if err != nil {
		t.Fatal(err)
	}
	defer em.Close()
	var wg sync.WaitGroup
	for i := range 6 {
		// Fatal is for the goroutine of a test, so each browser is one.
		wg.Go(func() { t.Run(fmt.Sprintf("user%d", i), func(t *testing.T) { browseAtOnce(t, em, i) }) })
	}
	wg.Wait()
	if !t.Failed() {
		n := len(decode[[]any](t, ok(t, em, "/v1/users")))
		want(t, "users", n, 6)
	}
}

func browseAtOnce(t *testing.T, em *clerktest.Emulator, i int) {
	slug := fmt.Sprintf("org%d", i)
	u := em.AddUser(clerktest.User{Username: fmt.Sprintf("user%d", i)})
	org := em.AddOrganization(clerktest.Organization{Slug: slug})
	em.AddMember(slug, u.ID, "org:admin")
	b := newBrowser(t, em)
	const page = "http://localhost:3000/"
	for range 3 {
		resp, body := b.post("/sign-in", url.Values{"user_id": {u.ID}, "redirect_url": {page}})
		if resp.StatusCode != http.StatusSeeOther {
			t.Fatalf("sign-in: %d %s", resp.StatusCode, body)
		}
		dev := location(t, resp).Query().Get("__clerk_db_jwt")
		_, directives := b.handshake(em.URL, page, "nonce", url.Values{"__clerk_db_jwt": {dev}, "organization_id": {slug}})
		claims := claimsOf(t, byName(t, directives)["__session"].Value)
		want(t, "user of the handshake", claims.Subject(), u.ID)
		want(t, "organization of the handshake", claims.OrgID(), org.ID)
		sid := claims.SessionID()
		resp, body = b.post("/v1/client/sessions/"+sid+"/tokens?__clerk_db_jwt="+dev, nil)
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("token: %d %s", resp.StatusCode, body)
		}
		want(t, "session of the token", claimsOf(t, decode[object](t, body).str("jwt")).SessionID(), sid)
		resp, body = b.get("/v1/client?__clerk_db_jwt=" + dev)
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("client: %d %s", resp.StatusCode, body)
		}
		want(t, "session of the client", decode[object](t, body).str("response", "last_active_session_id"), sid)
		if body := ok(t, em, "/v1/users?order_by=last_active_at"); !strings.Contains(body, u.ID) {
			t.Errorf("users: %s", body)
		}
		if body := ok(t, em, "/v1/sessions?status=active&user_id="+u.ID); !strings.Contains(body, sid) || strings.Count(body, `"object":"session"`) != 1 {
			t.Errorf("sessions: %s", body)
		}
		if body := ok(t, em, "/v1/organizations?include_members_count=true&query="+slug); !strings.Contains(body, org.ID) || !strings.Contains(body, `"members_count":1`) {
			t.Errorf("organizations: %s", body)
		}
		resp, body = b.get("/sign-out?redirect_url=" + url.QueryEscape(page))
		if resp.StatusCode != http.StatusSeeOther {
			t.Fatalf("sign-out: %d %s", resp.StatusCode, body)
		}
	}
}

// ok reads a path of the Backend API, which must answer 200.
func ok(t testing.TB, em *clerktest.Emulator, path string) string {
	t.Helper()
	resp, body := get(t, em, path, bearer(em.SecretKey()))
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s", path, resp.StatusCode, body)
	}
	return body
}
