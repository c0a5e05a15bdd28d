package clerktest_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// control talks to the control API as a program in another language does.
type control struct {
	t  testing.TB
	em *clerktest.Emulator
}

func (c control) do(call, body string) (*http.Response, string) {
	c.t.Helper()
	method, path, _ := strings.Cut(call, " ")
	return do(c.t, c.em, method, "/_emulator"+path, http.Header{"Content-Type": {"application/json"}}, body)
}

func (c control) ok(call, body string) object {
	c.t.Helper()
	resp, text := c.do(call, body)
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "application/json" || resp.Header.Get("Access-Control-Allow-Origin") != "" {
		c.t.Fatalf("%s %s: %d %s %v", call, body, resp.StatusCode, text, resp.Header)
	}
	return decode[object](c.t, text)
}

func (c control) refused(status int, code, call, body string) {
	c.t.Helper()
	resp, text := c.do(call, body)
	c.t.Logf("%s: %s", call, text)
	wantError(c.t, resp, text, status, code)
}

func TestControl(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	c := control{t, em}
	seeded := c.ok("POST /seed", `{"roles":[{"key":"org:billing"}],"users":[{"id":"user_bob","username":"bob"}],"organizations":[{"id":"org_acme","members":[{"user":"bob"}]}]}`)
	want(t, "seeded users", seeded.at("users"), 1.0)
	alice := c.ok("POST /users", `{"email_address":"Alice@example.com","password":"secret","first_name":"Alice"}`)
	want(t, "address", alice.str("email_address"), "alice@example.com")
	want(t, "users", len(c.ok("GET /users", "").list("users")), 2)

	// A session, its cookies, its tokens, its end.
	in := c.ok("POST /sessions", `{"user":"alice@example.com","organization":"acme","role":"org:billing","factor_ages":[5,-1],"claims":{"plan":"pro","big":9007199254740993},"actor":"user_bob","origin":"http://localhost:5173"}`)
	claims := claimsOf(t, in.str("token"))
	if claims.Subject() != alice.str("id") || claims.OrgRole() != "org:billing" || claims.AuthorizedParty() != "http://localhost:5173" ||
		!strings.Contains(string(claims.Raw()), `"big":9007199254740993`) || !strings.Contains(string(claims.Raw()), `"fva":[5,-1]`) {
		t.Errorf("token: %s", claims.Raw())
	}
	suffixed := keyOf(t, em).SuffixedCookie(clerk.CookieSession)
	if in.str("cookies", "__session") != in.str("token") || in.str("cookies", suffixed) != in.str("token") || in.str("cookies", clerk.CookieDevBrowser) == "" {
		t.Errorf("cookies: %v", in.at("cookies"))
	}
	path := "POST /sessions/" + in.str("id")
	if old := claimsOf(t, c.ok(path+"/token", `{"lifetime_seconds":-10}`).str("token")); !old.ExpiresAt().Before(em.Now()) {
		t.Errorf("expires at %v", old.ExpiresAt())
	}
	want(t, "revoked", c.ok(path+"/revoke", "").str("status"), "revoked")
	c.refused(401, "authentication_invalid", path+"/token", "")
	second := c.ok("POST /sessions", `{"user":"bob"}`)
	want(t, "expired", c.ok("POST /sessions/"+second.str("id")+"/expire", "{}").str("status"), "expired")
	third := c.ok("POST /sessions", `{"user":"user_bob","pending":"choose-organization"}`)
	want(t, "pending", third.str("status"), "pending")
	want(t, "ended", c.ok("POST /sessions/"+third.str("id")+"/end", "").str("status"), "ended")
	want(t, "sessions", len(c.ok("GET /sessions?user_id=user_bob", "").list("sessions")), 2)
	header, payload, _, _ := split(t, c.ok("POST /tokens", `{"header":{"cat":"x","kid":"other"},"claims":{"sub":"user_1","n":9007199254740993}}`).str("token"))
	if header["cat"] != "x" || header["kid"] != "other" || payload != `{"sub":"user_1","n":9007199254740993}` {
		t.Errorf("signed %v %s", header, payload)
	}
	if _, payload, _, _ = split(t, c.ok("POST /tokens", `{"claims":"not json"}`).str("token")); payload != "not json" {
		t.Errorf("signed %s", payload)
	}

	// Clock, keys, settings.
	want(t, "clock", c.ok("POST /clock/advance", `{"seconds":90.5}`).at("offset_seconds"), 90.5)
	want(t, "clock", c.ok("GET /clock", "").at("offset_seconds"), 90.5)
	kid := c.ok("POST /keys/rotate", `{"keep_old":true}`).str("kid")
	want(t, "kid", kid, em.KeyID())
	want(t, "keys", len(c.ok("GET /keys", "").list("keys")), 2)
	c.ok("POST /keys/rotate", "")
	want(t, "keys", len(c.ok("GET /keys", "").list("keys")), 1)
	set := c.ok("PATCH /settings", `{"username":"on","oauth_providers":["google"]}`)
	want(t, "username", set.str("username"), "on")
	want(t, "password stays", c.ok("GET /settings", "").str("password"), "required")
	c.refused(422, "form_param_value_invalid", "PATCH /settings", `{"sign_up_mode":"any"}`)

	// The outbox and the log.
	newFAPI(t, em).ok("POST /client/sign_ins", "identifier", "alice@example.com", "strategy", "email_code")
	outbox := c.ok("GET /outbox?to=alice@example.com", "")
	if len(outbox.str("messages", 0, "code")) != 6 {
		t.Errorf("outbox: %v", outbox)
	}
	want(t, "other messages", len(c.ok("GET /outbox?to=x", "").list("messages")), 0)
	log := c.ok("GET /requests", "")
	n := len(log.list("requests"))
	want(t, "last", log.at("last"), float64(em.RequestCount()))
	want(t, "operation", log.str("requests", n-1, "operation"), "createSignIn")
	after := c.ok(fmt.Sprintf("GET /requests?after=%v", log.at("requests", n-2, "number")), "")
	want(t, "newer", len(after.list("requests")), 1)
	c.refused(422, "form_param_value_invalid", "GET /requests?after=x", "")

	// Snapshot, reset, restore.
	_, saved := c.do("GET /snapshot", "")
	state := c.ok("POST /reset", "")
	want(t, "users after reset", state.at("counts", "users"), 1.0)
	want(t, "clock after reset", state.at("clock", "offset_seconds"), 0.0)
	state = c.ok("PUT /snapshot", saved)
	want(t, "users after restore", state.at("counts", "users"), 2.0)
	want(t, "clock after restore", state.at("clock", "offset_seconds"), 90.5)
	c.refused(422, "snapshot_invalid", "PUT /snapshot", saved[:len(saved)/2])
	want(t, "users after a bad one", c.ok("GET /state", "").at("counts", "users"), 2.0)
}

func TestControlFaults(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	c := control{t, em}
	f := c.ok("POST /faults", `{"path":"/v1/jwks","status":503,"times":2,"header":{"retry-after":"7"}}`)
	want(t, "left", f.at("left"), 2.0)
	resp, body := get(t, em, "/v1/jwks", bearer(em.SecretKey()))
	wantError(t, resp, body, 503, "emulator_fault")
	want(t, "header", resp.Header.Get("Retry-After"), "7")
	want(t, "left", c.ok("GET /faults", "").at("faults", 0, "left"), 1.0)
	c.ok("DELETE /faults/"+f.str("id"), "")
	c.refused(404, "resource_not_found", "DELETE /faults/"+f.str("id"), "")
	if resp, _ := get(t, em, "/v1/jwks", bearer(em.SecretKey())); resp.StatusCode != 200 {
		t.Errorf("after it was removed: %d", resp.StatusCode)
	}
	// What fails everything leaves the control API alone.
	c.ok("POST /faults", `{"cut_connection":true}`)
	c.ok("POST /faults", `{"hang":true,"method":"PUT"}`)
	c.ok("POST /faults", `{"body":"{malformed","delay_ms":1}`)
	want(t, "faults", len(c.ok("GET /faults", "").list("faults")), 3)
	c.ok("DELETE /faults", "")
	want(t, "faults", len(c.ok("GET /faults", "").list("faults")), 0)
	for _, bad := range []string{`{}`, `{"status":99}`, `{"status":1000}`, `{"status":-1}`, `{"hang":true,"times":-1}`, `{"delay_ms":-1}`, `{"delay_ms":9223372036854775807}`} {
		if resp, body := c.do("POST /faults", bad); resp.StatusCode != 422 {
			t.Errorf("%s: %d %s", bad, resp.StatusCode, body)
		}
	}
	for range 1000 {
		c.ok("POST /faults", `{"path":"/nowhere","status":500}`)
	}
	c.refused(400, "too_many_faults", "POST /faults", `{"path":"/nowhere","status":500}`)
	mustPanic(t, "a status that is none", func() { em.Fault(clerktest.Fault{Status: 42}) })
}

func TestControlWebhooks(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	defer em.Close()
	c := control{t, em}
	got := make(chan string, 10)
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got <- r.Header.Get("svix-id") }))
	defer app.Close()
	added := c.ok("POST /webhooks", `{"url":"`+app.URL+`","events":["user.created"]}`)
	if !strings.HasPrefix(added.str("secret"), "whsec_") {
		t.Errorf("added: %v", added)
	}
	c.ok("POST /users", `{"id":"user_alice"}`)
	id := <-got
	if err := em.FlushWebhooks(t.Context()); err != nil {
		t.Fatal(err)
	}
	list := c.ok("GET /webhooks", "")
	want(t, "message", list.str("messages", 0, "id"), id)
	want(t, "state", list.str("messages", 0, "deliveries", 0, "state"), "delivered")
	want(t, "payload", list.str("messages", 0, "payload", "data", "id"), "user_alice")
	c.ok("POST /webhooks/messages/"+id+"/replay", "")
	want(t, "replayed", <-got, id)
	b := newBrowser(t, em)
	if resp, _ := b.post("/_emulator/", url.Values{"action": {"replay"}, "message": {id}}); resp.StatusCode != 303 {
		t.Errorf("button: %d", resp.StatusCode)
	}
	want(t, "replayed by the button", <-got, id)
	if _, body := b.get("/_emulator/"); !strings.Contains(body, id) || !strings.Contains(body, "user.created") || !strings.Contains(body, app.URL) {
		t.Error("the inspector does not show the message")
	}
	resp, _ := b.send("GET", em.URL+"/_emulator/webhooks", http.Header{"Accept": {"text/html"}}, nil)
	want(t, "a browser", location(t, resp).String(), "/_emulator/#webhooks")
	c.refused(404, "resource_not_found", "POST /webhooks/messages/msg_none/replay", "")
	c.refused(422, "form_param_missing", "POST /webhooks", "{}")
	c.refused(422, "form_param_value_invalid", "POST /webhooks", `{"url":"ftp://x"}`)
	c.refused(422, "form_param_value_invalid", "POST /webhooks", `{"url":"http://localhost:1","secret":"x"}`)
	c.ok("DELETE /webhooks/"+added.str("id"), "")
	c.refused(404, "resource_not_found", "DELETE /webhooks/"+added.str("id"), "")
}

// Nonsense is refused with an error in Clerk's envelope, by every function.
func TestHostileControl(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	em.AddUser(clerktest.User{ID: "user_alice", Email: "alice@example.com"})
	c := control{t, em}
	sess := em.SignIn(clerktest.User{ID: "user_alice"})
	for call, bodies := range map[string][]string{
		"POST /users": {`{"id":"x"}`, `{"email_address":"x"}`, `{"email_address":"alice@example.com"}`, `{"public_metadata":[]}`},
		"POST /seed":  {`{"users":[{"id":"x"}]}`, `{"organizations":[{"members":[{"user":"none"}]}]}`, ``},
		"POST /sessions": {
			`{}`, `{"user":"none"}`, `{"user":"user_alice","version":3}`, `{"user":"user_alice","factor_ages":[1]}`, `{"user":"user_alice","claims":{"sub":"x"}}`,
			`{"user":"user_alice","organization":"a b","role":"org:x"}`, `{"user":"user_alice","organization":"acme","role":"x"}`,
		},
		"POST /sessions/none/revoke": {``}, "POST /sessions/none/token": {``}, "POST /sessions/none/expire": {``},
		"POST /sessions/" + sess.ID + "/token": {`{"organization":"none"}`, `{"template":"none"}`, `{"lifetime_seconds":9000000000000000000}`},
		"POST /tokens":                         {`{}`, `{"claims":null,"header":1}`},
		"POST /clock/advance":                  {`{}`, `{"seconds":-1}`, `{"seconds":0}`, `{"seconds":1e300}`, `{"seconds":"1"}`},
		"PATCH /settings":                      {`{"password":"maybe"}`, `{"oauth_providers":["<script>"]}`},
		"PUT /rate_limits":                     {`{}`, `{"enabled":null}`, `{"enabled":1}`},
		"PUT /snapshot":                        {``, `{}`, `{"format":"clerk-emulator-snapshot","version":9}`},
		"POST /keys/rotate":                    {`{"keep_old":"yes"}`},
		"POST /reset":                          {`{"sure":true}`},
	} {
		for _, body := range append(bodies, `[`, `{"unknown_field":1}`, `"x"`, strings.Repeat(" ", 1<<20)+"{}") {
			if strings.HasPrefix(body, " ") && (strings.HasSuffix(call, "seed") || strings.HasSuffix(call, "snapshot")) {
				continue // which may be large
			}
			resp, text := c.do(call, body)
			if resp.StatusCode < 400 || resp.StatusCode >= 500 || !strings.HasPrefix(text, `{"errors":[{"message":"`) {
				t.Errorf("%s %.60s: %d %s", call, body, resp.StatusCode, text)
			}
		}
	}
	for _, path := range []string{"/none", "/users/x", "/sessions//revoke", "/..%2f", "/faults"} {
		if resp, text := c.do("POST "+path, "{"); resp.StatusCode < 400 || resp.StatusCode >= 500 {
			t.Errorf("%s: %d %s", path, resp.StatusCode, text)
		}
	}
	want(t, "users", c.ok("GET /state", "").at("counts", "users"), 1.0)
	if set := em.Settings(); set.Password != "required" || len(set.OAuthProviders) != 0 {
		t.Errorf("settings changed: %+v", set)
	}
}

// A page of another origin, and a name of the internet that leads here, reach
// nothing.
func TestControlGuard(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	before := em.Snapshot()
	for name, h := range map[string]http.Header{
		"another site":              {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example.com"}},
		"another port":              {"Sec-Fetch-Site": {"same-site"}, "Origin": {"http://localhost:3000"}},
		"an old browser":            {"Origin": {"https://evil.example.com"}},
		"no origin":                 {"Origin": {"null"}},
		"a page that navigates":     {"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}, "Origin": {"https://evil.example.com"}},
		"a name that was rebound":   {"Host": {"evil.example.com"}},
		"a rebound name, same site": {"Host": {"evil.example.com:80"}, "Origin": {"http://evil.example.com"}, "Sec-Fetch-Site": {"same-origin"}},
	} {
		for _, call := range []string{"POST /reset", "POST /clock/advance", "POST /keys/rotate", "PUT /snapshot", "DELETE /faults", "PATCH /settings", "POST /", "POST /users"} {
			method, path, _ := strings.Cut(call, " ")
			for _, kind := range []string{"application/json", "text/plain", "application/x-www-form-urlencoded"} {
				h := maps.Clone(h)
				h["Content-Type"] = []string{kind}
				resp, body := do(t, em, method, "/_emulator"+path, h, `{"seconds":1}`)
				status := http.StatusForbidden
				if h.Get("Host") != "" {
					status = http.StatusMisdirectedRequest
				}
				if resp.StatusCode != status || resp.Header.Get("Access-Control-Allow-Origin") != "" {
					t.Errorf("%s: %s: %d %s", name, call, resp.StatusCode, body)
				}
			}
		}
		resp, _ := do(t, em, "OPTIONS", "/_emulator/reset", h, "")
		if resp.StatusCode < 400 || resp.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: preflight: %d", name, resp.StatusCode)
		}
	}
	// Reading: no other page may embed what is here, but a browser may go here.
	for _, dest := range []string{"script", "image", "empty", "iframe"} {
		h := http.Header{"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"no-cors"}, "Sec-Fetch-Dest": {dest}}
		if dest == "iframe" {
			h.Set("Sec-Fetch-Mode", "navigate")
		}
		for _, path := range []string{"/snapshot", "/state", "/outbox", "/"} {
			if resp, _ := get(t, em, "/_emulator"+path, h); resp.StatusCode != 403 {
				t.Errorf("%s as %s: %d", path, dest, resp.StatusCode)
			}
		}
	}
	h := http.Header{"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}}
	if resp, _ := get(t, em, "/_emulator/", h); resp.StatusCode != 200 || resp.Header.Get("Cross-Origin-Resource-Policy") != "same-origin" {
		t.Errorf("going to the inspector: %d", resp.StatusCode)
	}
	if string(em.Snapshot()) != string(before) {
		t.Error("something changed")
	}
}

func TestExpire(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	sess := em.SignIn(em.AddUser(clerktest.User{}))
	sess.Expire()
	want(t, "status", sess.Status(), "expired")
	sess.Expire()
	ended := em.SignIn(em.AddUser(clerktest.User{}))
	ended.End()
	ended.Expire()
	want(t, "a session that was over", ended.Status(), "ended")
}

// FuzzControl sends anything to every function.
func FuzzControl(f *testing.F) {
	for _, path := range []string{"/users", "/seed", "/sessions", "/tokens", "/clock/advance", "/faults", "/settings", "/snapshot", "/rate_limits", "/sessions/x/token", "/"} {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
			f.Add(method, path, `{"user":"user_alice","seconds":1,"claims":{}}`)
		}
	}
	em, err := clerktest.New(clerktest.Config{})
	if err != nil {
		f.Fatal(err)
	}
	em.AddUser(clerktest.User{ID: "user_alice"})
	f.Fuzz(func(t *testing.T, method, path, body string) {
		r, err := http.NewRequest(method, em.URL+"/_emulator"+path, strings.NewReader(body))
		if err != nil {
			return
		}
		r.Header.Set("Content-Type", "application/json")
		resp, err := em.Transport().RoundTrip(r)
		if err != nil {
			return // not the emulator's
		}
		defer resp.Body.Close()
		if resp.StatusCode >= 500 {
			t.Errorf("%s %s %s: %d", method, path, body, resp.StatusCode)
		}
	})
}
