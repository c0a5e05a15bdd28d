package handshake

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
)

const (
	uatNow = "__client_uat=1749999000"
	devDB  = "; __clerk_db_jwt=dvb"
)

// TestReasons reaches the reasons of the cookie path, each once for a page, which
// may be redirected, and once for a fetch, which may not.
func TestReasons(t *testing.T) {
	good, old := token(t, nil), expired(t)
	for _, c := range []struct {
		name     string
		w        *world
		cookies  string
		onPage   Status
		reason   clerk.Reason
		onFetch  Status
		redirect bool
	}{
		{"nobody", production(), "", SignedOut, clerk.ReasonSessionTokenAndUATMissing, SignedOut, false},
		{"signed in", production(), uatNow + "; __session=" + good, SignedIn, "", SignedIn, false},
		{"session without uat", production(), "__session=" + good, Redirect, clerk.ReasonSessionTokenWithoutClientUAT, SignedOut, true},
		{"uat 0", production(), "__client_uat=0; __session=" + good, Redirect, clerk.ReasonSessionTokenWithoutClientUAT, SignedOut, true},
		{"uat without session", production(), uatNow, Redirect, clerk.ReasonClientUATWithoutSessionToken, SignedOut, true},
		{"newer client", production(), "__client_uat=1749999999; __session=" + good, Redirect, clerk.ReasonSessionTokenIATBeforeClientUAT, SignedOut, true},
		{"newer client, bad token", production(), "__client_uat=1749999999; __session=" + token(t, claims{"key": "other"}), Redirect, clerk.ReasonSessionTokenIATBeforeClientUAT, SignedOut, true},
		{"expired", production(), "__client_uat=1; __session=" + old, Redirect, "session-token-expired-refresh-non-eligible-no-refresh-cookie", SignedOut, true},
		{"not active yet", production(), uatNow + "; __session=" + token(t, claims{"nbf": now.Unix() + 60}), Redirect, clerk.ReasonSessionTokenNBF, SignedOut, true},
		{"issued in the future", production(), uatNow + "; __session=" + token(t, claims{"iat": now.Unix() + 60}), Redirect, clerk.ReasonSessionTokenIATInTheFuture, SignedOut, true},
		{"garbage", production(), uatNow + "; __session=garbage", SignedOut, clerk.ReasonTokenInvalid, SignedOut, false},
		{"empty payload", production(), uatNow + "; __session=e30.bnVsbA.x", SignedOut, clerk.ReasonTokenInvalid, SignedOut, false},
		{"foreign key", production(), uatNow + "; __session=" + token(t, claims{"key": "other"}), SignedOut, clerk.ReasonTokenInvalidSignature, SignedOut, false},
		{"unknown key", production(), uatNow + "; __session=" + token(t, claims{"header.kid": "x"}), SignedOut, clerk.ReasonJWKKidMismatch, SignedOut, false},
		{"template", production(), uatNow + "; __session=" + token(t, claims{"header.cat": "cl_B7d4PD222AAA"}), SignedOut, clerk.ReasonTokenTypeMismatch, SignedOut, false},
		{"machine token", production(), "__client_uat=1749999999; __session=" + token(t, claims{"sub": "mch_1"}), SignedOut, clerk.ReasonTokenTypeMismatch, SignedOut, false},
		{"no dev browser", development(), "", Redirect, clerk.ReasonDevBrowserMissing, SignedOut, true},
		{"dev, nobody", development(), devDB, SignedOut, clerk.ReasonSessionTokenAndUATMissing, SignedOut, false},
		{"dev, signed in", development(), uatNow + devDB + "; __session=" + good, SignedIn, "", SignedIn, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := c.w.decide(t, page(c.cookies))
			want(t, d, c.onPage, c.reason)
			if c.redirect {
				if !strings.HasPrefix(d.Location, "https://clerk.example.com/v1/client/handshake?redirect_url=https%3A%2F%2Fapp.example.com%2Fdashboard%3Fa%3D1&__clerk_api_version=") {
					t.Errorf("Location %s", d.Location)
				}
				if !strings.Contains(d.Location, "&__clerk_hs_reason="+string(c.reason)+"&format=nonce") {
					t.Errorf("Location %s", d.Location)
				}
				if len(d.Cookies) != 1 || d.Cookies[0] != "__clerk_redirect_count=1; SameSite=Lax; HttpOnly; Max-Age=2" {
					t.Errorf("Cookies %q", d.Cookies)
				}
				if fields(d)["Cache-Control"] != "no-store" || fields(d)["X-Clerk-Auth-Status"] != "handshake" || fields(d)["X-Clerk-Auth-Reason"] != string(c.reason) {
					t.Errorf("Fields %v", fields(d))
				}
			}
			want(t, c.w.decide(t, fetch(c.cookies)), c.onFetch, c.reason)
		})
	}
}

func TestSignedIn(t *testing.T) {
	d := production().decide(t, fetch(uatNow+"; __session="+token(t, claims{"org_id": "org_1", "org_role": "org:admin"})))
	want(t, d, SignedIn, "")
	if !d.Auth.SignedIn() || d.Auth.UserID != "user_1" || d.Auth.SessionID != "sess_1" || d.Auth.OrgID != "org_1" {
		t.Errorf("%+v", d.Auth)
	}
	if d.Location != "" || d.Cookies != nil || len(fields(d)) != 0 {
		t.Errorf("a plain SignedIn adds %v %v", d.Cookies, fields(d))
	}
}

func TestPendingSessionIsSignedInWithoutBeing(t *testing.T) {
	d := production().decide(t, fetch(uatNow+"; __session="+token(t, claims{"sts": "pending"})))
	want(t, d, SignedIn, "")
	if d.Auth.SignedIn() || d.Auth.Reason != clerk.ReasonSessionPending {
		t.Errorf("%+v", d.Auth)
	}
	if a := d.Auth.AllowPending(); !a.SignedIn() || a.UserID != "user_1" {
		t.Errorf("%+v", a)
	}
}

func TestAuthorizationHeader(t *testing.T) {
	good := token(t, nil)
	cookies := uatNow + "; __session=" + token(t, claims{"sub": "user_cookie"})
	for _, c := range []struct {
		value  string
		status Status
		reason clerk.Reason
		user   string
	}{
		{"Bearer " + good, SignedIn, "", "user_1"},
		{"bearer " + good, SignedIn, "", "user_1"},
		{good, SignedIn, "", "user_1"}, // without a scheme
		{"Bearer " + good + " more", SignedIn, "", "user_1"},
		{"Basic " + good, SignedIn, "", "user_cookie"},
		{"Bearer", SignedOut, clerk.ReasonTokenInvalid, ""},
		{"Bearer  " + good, SignedIn, "", "user_1"}, // RFC 9110 section 11.4: one or more
		{"bearer     " + good, SignedIn, "", "user_1"},
		{"Bearer   ", SignedOut, clerk.ReasonTokenInvalid, ""},
		{"Basic  " + good, SignedIn, "", "user_cookie"},
		{"Bearer \t" + good, SignedOut, clerk.ReasonTokenInvalid, ""},
		{"Bearer\t" + good, SignedOut, clerk.ReasonTokenInvalid, ""},
		{"Bearer garbage", SignedOut, clerk.ReasonTokenInvalid, ""}, // and not the cookie
		{"Bearer ak_123", SignedOut, clerk.ReasonTokenInvalid, ""},
		{"Bearer " + token(t, claims{"sub": "mch_1"}), SignedOut, clerk.ReasonTokenTypeMismatch, ""},
	} {
		d := production().decide(t, fetch(cookies, "Authorization", c.value))
		if d.Status != c.status || d.Reason != c.reason || d.Auth.UserID != c.user {
			t.Errorf("%.20q: %v %q %q, want %v %q %q", c.value, d.Status, d.Reason, d.Auth.UserID, c.status, c.reason, c.user)
		}
	}
	// Several fields are one list, which is no token.
	d := production().decide(t, fetch("", "Authorization", "Bearer "+good, "Authorization", "Bearer "+good))
	want(t, d, SignedOut, clerk.ReasonTokenInvalid)
	// An expired header token sends a page through the handshake, with the cookie's token.
	d = production().decide(t, page(cookies, "Authorization", "Bearer "+expired(t)))
	want(t, d, Redirect, "session-token-expired-refresh-non-eligible-no-refresh-cookie")
	// A cookie with nothing in it spoils even a good header.
	d = production().decide(t, fetch("__session=e30.bnVsbA.x", "Authorization", "Bearer "+good))
	want(t, d, SignedOut, clerk.ReasonTokenInvalid)
}

func TestOutageIsNotSignedOut(t *testing.T) {
	w := production()
	w.keys.err = fmt.Errorf("%w: down", clerk.ErrUnavailable)
	for _, r := range []Request{page(uatNow + "; __session=" + token(t, nil)), fetch("", "Authorization", "Bearer "+token(t, nil))} {
		d := w.decide(t, r)
		want(t, d, Outage, clerk.ReasonJWKRemoteFailedToLoad)
		if fields(d)["X-Clerk-Auth-Status"] != "outage" {
			t.Error(fields(d))
		}
	}
	w.keys.err = errors.Join(clerk.ErrUnavailable, clerk.ErrSecretKeyInvalid)
	want(t, w.decide(t, fetch(uatNow+"; __session="+token(t, nil))), Outage, clerk.ReasonSecretKeyInvalid)
	w.keys.err = errors.New("surprise")
	want(t, w.decide(t, fetch(uatNow+"; __session="+token(t, nil))), Outage, clerk.ReasonJWKRemoteFailedToLoad)
}

func TestEligibility(t *testing.T) {
	for _, c := range []struct {
		method, dest, accept string
		redirect             bool
	}{
		{"GET", "document", "", true},
		{"GET", "iframe", "", true},
		{"get", "document", "", true},
		{"GET", "", "text/html,application/xhtml+xml", true},
		{"GET", "", "application/json,text/html", false},
		{"GET", "", "TEXT/HTML", false},
		{"GET", "", "", false},
		{"GET", "empty", "text/html", false},
		{"GET", "Document", "text/html", false},
		{"HEAD", "document", "text/html", false},
		{"POST", "document", "text/html", false},
	} {
		r := request("/", "Cookie", uatNow, "Sec-Fetch-Dest", c.dest, "Accept", c.accept)
		r.Method = c.method
		if d := production().decide(t, r); (d.Status == Redirect) != c.redirect {
			t.Errorf("%+v: %v", c, d.Status)
		}
	}
}

// TestScriptsAreNoNavigations: a script that fetches a page says so in a field of its
// own, and gets no redirect that it could not follow.
func TestScriptsAreNoNavigations(t *testing.T) {
	for _, c := range []struct {
		name, value string
		redirect    bool
	}{
		{"Hx-Request", "true", false}, {"X-Turbo-Request-Id", "5f0c", false}, {"Turbo-Frame", "messages", false},
		{"Turbolinks-Referrer", "https://app.example.com/", false}, {"X-Pjax", "true", false}, {"X-Inertia", "true", false},
		{"X-Up-Version", "3.10.2", false}, {"X-Up-Target", "main", false}, {"X-Livewire", "", false}, {"X-Livewire-Navigate", "", false},
		{"X-Livewire-Navigate", "1", false}, {"Datastar-Request", "true", false}, {"X-Alpine-Request", "true", false}, {"X-Barba", "yes", false},
		{"Rsc", "1", false}, {"X-Requested-With", "XMLHttpRequest", false}, {"X-Requested-With", "swup", false},
		{"Sec-Purpose", "prefetch;prerender", false}, {"Purpose", "prefetch", false}, {"X-Purpose", "preview", false}, {"X-Moz", "prefetch", false},

		{"X-Requested-With", "com.example.app", true}, // Android's WebView, on navigations
		{"X-Inertia", "false", true},
		{"X-Something-Else", "1", true},
	} {
		for _, dest := range []string{"", "document"} { // a browser's own word counts more
			r := request("/", "Cookie", uatNow, "Accept", "text/html, application/xhtml+xml", "Sec-Fetch-Dest", dest)
			r.Header.(http.Header)[c.name] = []string{c.value}
			if d := production().decide(t, r); (d.Status == Redirect) != (c.redirect || dest != "") {
				t.Errorf("%s: %q with destination %q: %v", c.name, c.value, dest, d.Status)
			}
		}
	}
}

// TestPartsAreNoPages: what htmx fetches is a script's, whatever it accepts.
func TestPartsAreNoPages(t *testing.T) {
	for _, c := range []struct {
		dest, htmx string
		redirect   bool
	}{
		{"", "true", false},
		{"", "false", true},
		{"", "", true},
		{"empty", "true", false},
		{"document", "true", true}, // no browser sends it; the field of the browser's own counts
	} {
		r := request("/", "Cookie", uatNow, "Sec-Fetch-Dest", c.dest, "Hx-Request", c.htmx, "Accept", "text/html")
		if d := production().decide(t, r); (d.Status == Redirect) != c.redirect {
			t.Errorf("%+v: %v", c, d.Status)
		}
	}
}

func TestRedirectLoopsEnd(t *testing.T) {
	w := production()
	for _, c := range []struct{ cookie, next string }{
		{"", "1"}, {"0", "1"}, {"1", "2"}, {"2", "3"}, {"3", ""}, {"4", ""}, {"10", ""}, {"99999999999999999999", ""},
		{"-3", "1"}, {"3.5", "1"}, {"Infinity", "1"}, {"1e300", "1"}, {"abc", "1"}, {"%203", ""},
	} {
		d := w.decide(t, page(uatNow+"; __clerk_redirect_count="+c.cookie))
		if c.next == "" {
			want(t, d, SignedOut, clerk.ReasonClientUATWithoutSessionToken)
			continue
		}
		want(t, d, Redirect, clerk.ReasonClientUATWithoutSessionToken)
		if !strings.HasPrefix(d.Cookies[0], "__clerk_redirect_count="+c.next+";") {
			t.Errorf("%q goes on with %q", c.cookie, d.Cookies)
		}
	}
}

func TestHandshakeOff(t *testing.T) {
	good := token(t, nil)
	for _, key := range []string{prodKey, devKey, ""} {
		off := &world{config: clerk.Config{PublishableKey: key, Handshake: clerk.HandshakeOff}}
		if key == "" {
			off.config.Handshake = clerk.HandshakeAuto // without a key there is none
		}
		for _, c := range []struct {
			cookies string
			status  Status
			reason  clerk.Reason
		}{
			{"", SignedOut, clerk.ReasonSessionTokenAndUATMissing},
			{"__session=" + good, SignedIn, ""},
			{uatNow + "; __session=" + good, SignedIn, ""},
			{uatNow, SignedOut, clerk.ReasonSessionTokenMissing},
			{"__client_uat=0; __session=" + good, SignedOut, clerk.ReasonSessionTokenWithoutClientUAT},
			{"__client_uat=1749999999; __session=" + good, SignedOut, clerk.ReasonSessionTokenIATBeforeClientUAT},
			{"__session=" + expired(t), SignedOut, clerk.ReasonSessionTokenExpired},
			{"__session=garbage", SignedOut, clerk.ReasonTokenInvalid},
			{"__session=" + good + "; __clerk_handshake=" + handshakeToken(t, nil, "__session=; Path=/"), SignedIn, ""},
		} {
			d := off.decide(t, page(c.cookies))
			want(t, d, c.status, c.reason)
			if d.Location != "" || d.Cookies != nil {
				t.Errorf("%q: %q %q", c.cookies, d.Location, d.Cookies)
			}
		}
		want(t, off.decide(t, request("/?__clerk_handshake=x&__clerk_redirect_url=https%3A%2F%2Fevil.example", "Sec-Fetch-Dest", "document", "Cookie", "__session="+good)), SignedIn, "")
		if key != "" {
			want(t, off.decide(t, page("__session"+suffix(t, key)+"="+good+"; __client_uat"+suffix(t, key)+"=5")), SignedIn, "")
		}
	}
}

func TestCookieChoice(t *testing.T) {
	s := suffix(t, prodKey)
	plain := func(over claims) string {
		c := claims{"sub": "user_plain"}
		for k, v := range over {
			c[k] = v
		}
		return token(t, c)
	}
	own := token(t, claims{"sub": "user_suffixed"})
	for _, c := range []struct{ name, cookies, user string }{
		{"both the same", "__session=" + own + "; __session" + s + "=" + own + "; __client_uat=5; __client_uat" + s + "=5", "user_suffixed"},
		{"plain only", "__session=" + plain(nil) + "; __client_uat=5", "user_plain"},
		{"suffixed only", "__session" + s + "=" + own + "; __client_uat" + s + "=5", "user_suffixed"},
		{"another application's plain one", "__session=" + plain(claims{"iss": "https://other.example"}) + "; __client_uat=5; __session" + s + "=" + own + "; __client_uat" + s + "=5", "user_suffixed"},
		{"plain newer", "__session=" + plain(claims{"iat": now.Unix()}) + "; __client_uat=5; __session" + s + "=" + own + "; __client_uat" + s + "=5", "user_plain"},
		{"suffixed newer", "__session=" + plain(claims{"iat": now.Unix() - 50}) + "; __client_uat=5; __session" + s + "=" + own + "; __client_uat" + s + "=5", "user_suffixed"},
		{"suffixed signed out", "__session=" + plain(claims{"iat": now.Unix() - 50}) + "; __client_uat=5; __session" + s + "=" + own + "; __client_uat" + s + "=0", "user_plain"},
		{"suffixes switched off", "__session=" + plain(claims{"iat": now.Unix() - 50}) + "; __client_uat=5; __session" + s + "=" + own, "user_plain"},
		{"plain without issuer", "__session=" + plain(claims{"iss": nil}) + "; __client_uat=5; __session" + s + "=" + own + "; __client_uat" + s + "=5", "user_plain"},
		{"suffixed unreadable", "__session=" + plain(nil) + "; __client_uat=5; __session" + s + "=x; __client_uat" + s + "=5", "user_plain"},
	} {
		d := production().decide(t, fetch(c.cookies))
		if d.Auth.UserID != c.user {
			t.Errorf("%s: %q (%v %q)", c.name, d.Auth.UserID, d.Status, d.Reason)
		}
	}
	// In development the suffixed client_uat may be left behind.
	s = suffix(t, devKey)
	d := development().decide(t, fetch("__client_uat=0; __client_uat"+s+"=5; __session"+s+"="+expired(t)+devDB))
	want(t, d, SignedOut, clerk.ReasonSessionTokenAndUATMissing)
	// A token that only the loose reading takes, and that says it is newer, is
	// chosen and refused; the other one is not a way around it.
	s = suffix(t, prodKey)
	loose := token(t, claims{"iat": "1750000009"})
	d = production().decide(t, fetch("__session="+plain(nil)+"; __client_uat=5; __session"+s+"="+loose+"; __client_uat"+s+"=5"))
	want(t, d, SignedOut, clerk.ReasonTokenVerificationFailed)
}

func TestConfiguration(t *testing.T) {
	for _, c := range []struct {
		field string
		cfg   clerk.Config
	}{
		{"PublishableKey", clerk.Config{PublishableKey: "pk_live_x"}},
		{"ProxyURL", clerk.Config{PublishableKey: prodKey, ProxyURL: "px.example/__clerk"}},
		{"ProxyURL", clerk.Config{PublishableKey: prodKey, ProxyURL: "ftp://px.example"}},
		{"IsSatellite", clerk.Config{PublishableKey: prodKey, IsSatellite: true}},
		{"SignInURL", clerk.Config{PublishableKey: prodKey, IsSatellite: true, Domain: "s.example", SignInURL: "/sign-in"}},
		{"SignInURL", clerk.Config{PublishableKey: devKey, IsSatellite: true, Domain: "s.example"}},
		{"OrganizationSync.OrganizationPatterns", clerk.Config{PublishableKey: prodKey, OrganizationSync: clerk.OrganizationSync{OrganizationPatterns: []string{"/orgs/("}}}},
		{"OrganizationSync.PersonalAccountPatterns", clerk.Config{PublishableKey: prodKey, OrganizationSync: clerk.OrganizationSync{PersonalAccountPatterns: []string{"/me/***"}}}},
	} {
		_, err := (&world{config: c.cfg}).new(t)
		ce := (*clerk.ConfigError)(nil)
		if !errors.As(err, &ce) || ce.Field != c.field {
			t.Errorf("%+v: %v, want an error about %s", c.cfg, err, c.field)
		}
	}
	if _, err := New(Config{}); err == nil {
		t.Error("New without a Verifier")
	}
	w := production()
	w.config.Limits.BackendCalls = -1
	if _, err := w.new(t); err == nil {
		t.Error("New with a negative budget")
	}
	// Defaults.
	m, err := New(Config{Verifier: production().machine(t).verifier})
	if err != nil || m.redirects || m.now == nil || m.notices.log == nil {
		t.Errorf("%v %+v", err, m)
	}
}

func TestNoUsableHost(t *testing.T) {
	for _, host := range []string{"", "evil/", "a b", "user@host", "é.example"} {
		r := page(uatNow)
		r.Host = host
		want(t, production().decide(t, r), SignedOut, clerk.ReasonClientUATWithoutSessionToken)
	}
}
