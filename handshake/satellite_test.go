package handshake

import (
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
)

func satellite(w *world) *world {
	w.config.IsSatellite, w.config.Domain = true, "sat.example"
	w.config.SignInURL = "https://primary.example/sign-in?a=b%20c#f"
	return w
}

func TestSatelliteSync(t *testing.T) {
	cookies := uatNow + devDB + "; __session=" + token(t, claims{"iss": "https://clerk.sat.example"})
	for _, c := range []struct {
		target, cookies string
		auto            bool
		prod, dev       Status
		reason          clerk.Reason
	}{
		{"/p?x=1", "", false, SignedOut, SignedOut, clerk.ReasonSessionTokenAndUATMissing},
		{"/p?x=1", "", true, Redirect, Redirect, clerk.ReasonSatelliteCookieNeedsSyncing},
		{"/p?x=1&__clerk_synced=false", "", false, Redirect, Redirect, clerk.ReasonSatelliteCookieNeedsSyncing},
		{"/p?x=1&__clerk_synced=false", cookies, false, Redirect, Redirect, clerk.ReasonSatelliteCookieNeedsSyncing},
		{"/p?x=1&__clerk_synced=true", devDB, true, SignedOut, SignedOut, clerk.ReasonSessionTokenAndUATMissing},
		{"/p?x=1", uatNow + devDB, true, Redirect, Redirect, clerk.ReasonClientUATWithoutSessionToken},
	} {
		for _, w := range []*world{production(), development()} {
			expect := c.prod
			if satellite(w).config.PublishableKey == devKey {
				expect = c.dev
			}
			w.config.SatelliteAutoSync = c.auto
			d := w.decide(t, request(c.target, "Cookie", c.cookies, "Sec-Fetch-Dest", "document"))
			want(t, d, expect, c.reason)
			if c.reason != clerk.ReasonSatelliteCookieNeedsSyncing {
				continue
			}
			location := "https://clerk.sat.example/v1/client/handshake?redirect_url="
			if w.config.PublishableKey == devKey {
				location = "https://primary.example/sign-in?a=b+c&__clerk_redirect_url=https%3A%2F%2Fapp.example.com%2Fp%3Fx%3D1"
				if !strings.HasSuffix(d.Location, "#f") {
					t.Error(d.Location)
				}
			}
			if !strings.HasPrefix(d.Location, location) {
				t.Errorf("%s, want %s…", d.Location, location)
			}
		}
	}
	// Frames and fetches start no sync.
	w := satellite(development())
	w.config.SatelliteAutoSync = true
	want(t, w.decide(t, request("/", "Sec-Fetch-Dest", "iframe")), Redirect, clerk.ReasonDevBrowserMissing)
	// Its own tokens are those of its own Frontend API.
	want(t, satellite(production()).decide(t, fetch(cookies)), SignedIn, "")
	want(t, satellite(production()).decide(t, fetch(uatNow+"; __session="+token(t, nil))), SignedOut, clerk.ReasonSessionTokenAndUATMissing)
	// No host, no way back.
	r := request("/", "Sec-Fetch-Dest", "document")
	r.Host = ""
	want(t, w.decide(t, r), SignedOut, clerk.ReasonSatelliteCookieNeedsSyncing)
}

func TestSatelliteThatIsItsOwnPrimary(t *testing.T) {
	w := satellite(production())
	for _, accepted := range [][]clerk.TokenType{nil, {clerk.APIKey}, {clerk.APIKey, clerk.SessionToken}} {
		d := w.decide(t, fetch("", "Origin", "https://primary.example"), accepted...)
		want(t, d, SignedOut, clerk.ReasonUnexpectedError)
		if d.Err == nil {
			t.Error("no error")
		}
	}
	want(t, w.decide(t, fetch("", "Origin", "https://primary.example"), clerk.M2M), SignedOut, clerk.ReasonNoTokenInHeader)
}

func TestPrimaryRespondsToSync(t *testing.T) {
	w := development()
	w.config.AllowedRedirectOrigins = []string{"https://sat.example", "http://localhost:3001"}
	w.config.AuthorizedParties = []string{"https://party.example"}
	for target, location := range map[string]string{
		"https%3A%2F%2Fsat.example%2Fp%3Fx%3D1":                                                   "https://sat.example/p?x=1&__clerk_db_jwt=dvb&__clerk_synced=true",
		"https%3A%2F%2Fsat.example%2Fp%3F__clerk_synced%3Dfalse%26x%3D1%26__clerk_synced%3Dfalse": "https://sat.example/p?__clerk_synced=true&x=1&__clerk_db_jwt=dvb",
		"https%3A%5C%5CSAT.example%5Cp":                                                           "https://sat.example/p?__clerk_db_jwt=dvb&__clerk_synced=true",
		"http%3A%2F%2Flocalhost%3A3001":                                                           "http://localhost:3001/?__clerk_db_jwt=dvb&__clerk_synced=true",
		"https%3A%2F%2Fparty.example%2F":                                                          "https://party.example/?__clerk_db_jwt=dvb&__clerk_synced=true",
	} {
		d := w.decide(t, request("/sign-in?__clerk_redirect_url="+target, "Cookie", "__clerk_db_jwt=dvb", "Sec-Fetch-Dest", "document"))
		want(t, d, Redirect, clerk.ReasonPrimaryRespondsToSyncing)
		if d.Location != location {
			t.Errorf("%s\n%s, want\n%s", target, d.Location, location)
		}
	}
	d := w.decide(t, request("/sign-in?__clerk_redirect_url=https%3A%2F%2Fsat.example", "Sec-Fetch-Dest", "empty"))
	want(t, d, SignedOut, clerk.ReasonPrimaryRespondsToSyncing)
}

// The dev browser token goes nowhere but to configured origins, regardless of who is signed
// in and whatever the URL looks like.
func TestPrimaryRedirectsNowhereElse(t *testing.T) {
	signedIn := uatNow + devDB + "; __session=" + token(t, nil)
	targets := []string{
		"https://evil.example/", "http://sat.example/", "https://sat.example:8443/", "javascript:alert(1)", "data:text/html,x",
		"/relative", "//evil.example", `\\evil.example`, "https:evil.example", "https://sat.example@evil.example/", "https://évil.example/",
		"https://evil.example\\@sat.example/", "ftp://sat.example/", "https://", "https://sat.example%2eevil.example/", " https://evil.example",
	}
	for _, anywhere := range []bool{false, true} {
		for _, target := range targets {
			w := development()
			w.config.AllowedRedirectOrigins = []string{"https://sat.example"}
			w.config.InsecureAnyRedirectOrigin = anywhere
			q := string(appendParam(nil, "__clerk_redirect_url", target))
			d := w.decide(t, request("/sign-in?"+q, "Cookie", signedIn, "Sec-Fetch-Dest", "document"))
			if anywhere && d.Status == Redirect && (strings.HasPrefix(d.Location, "http://") || strings.HasPrefix(d.Location, "https://")) {
				continue
			}
			want(t, d, SignedOut, clerk.ReasonPrimaryRespondsToSyncing)
		}
	}
	// Production has no such parameter.
	d := production().decide(t, request("/?__clerk_redirect_url=https%3A%2F%2Fevil.example", "Cookie", signedIn, "Sec-Fetch-Dest", "document"))
	want(t, d, SignedIn, "")
}

func TestCrossOriginSync(t *testing.T) {
	cookies := uatNow + devDB + "; __session=" + token(t, nil)
	for _, c := range []struct {
		referrer  string
		prod, dev bool // goes through a handshake
	}{
		{"", false, false},
		{"https://app.example.com/other", false, false},
		{"https://APP.example.com:443/", false, false},
		{"http://app.example.com/", true, true},
		{"https://sat.example/x", true, true},
		{"about:blank", true, true},
		{"android-app://x", true, true},
		{"not a url", false, false},
		{"https://bücher.example/", true, true},
		{"https://clerk.example.com/v1", false, false},
		{"https://accounts.example.com/sign-in", false, false},
		{"https://accounts.example.com:8443/sign-in", true, true},
		{"https://accounts.evil.example/", true, true},
		{"https://x.accounts.dev/", true, false},
		{"https://x.clerk.accounts.dev/", true, true},
		{"https://accounts.x.lcl.dev/", true, false},
		{"https://x.lcl.dev/", true, true},
	} {
		for _, w := range []*world{production(), development()} {
			handshake := c.prod
			if w.config.PublishableKey == devKey {
				handshake = c.dev
			}
			d := w.decide(t, page(cookies, "Referer", c.referrer))
			if (d.Reason == clerk.ReasonPrimaryDomainCrossOriginSync) != handshake {
				t.Errorf("%s on %.8s: %v %q", c.referrer, w.config.PublishableKey, d.Status, d.Reason)
			}
		}
	}
	ref := []string{"Referer", "https://sat.example/"}
	want(t, production().decide(t, fetch(cookies, ref...)), SignedIn, "")
	want(t, production().decide(t, page(cookies+"; __clerk_redirect_count=1", ref...)), SignedIn, "")
	want(t, satellite(production()).decide(t, page(uatNow+"; __session="+token(t, claims{"iss": "https://clerk.sat.example"}), ref...)), SignedIn, "")
	// A doubtful URL counts against the request.
	r := page(cookies, "Referer", "https://app.example.com/")
	r.Target = "//evil.example/x"
	d := production().decide(t, r)
	want(t, d, Redirect, clerk.ReasonPrimaryDomainCrossOriginSync)
	if !strings.Contains(d.Location, "redirect_url=https%3A%2F%2Fapp.example.com%2F%2Fevil.example%2Fx&") {
		t.Error(d.Location)
	}
}

func TestProxiedFrontendAPI(t *testing.T) {
	for _, c := range []struct{ proxy, fapi, location string }{
		{"https://px.example/__clerk", "", "https://px.example/__clerk/v1/client/handshake?"},
		{"https://PX.example/a//", "", "https://px.example/a/v1/client/handshake?"},
		{"/__clerk", "", "https://app.example.com/__clerk/v1/client/handshake?"},
		{"", "http://127.0.0.1:4444/fapi", "http://127.0.0.1:4444/fapi/v1/client/handshake?"},
	} {
		w := production()
		w.config.AuthorizedParties = []string{"https://app.example.com"}
		w.config.ProxyURL, w.config.FrontendAPI = c.proxy, c.fapi
		if d := w.decide(t, page(uatNow)); !strings.HasPrefix(d.Location, c.location) {
			t.Errorf("%+v: %s", c, d.Location)
		}
	}
	w := production()
	w.config.ProxyURL, w.config.AuthorizedParties = "/__clerk", []string{"http://app.example.com", "https://app.example.com"}
	cookies := uatNow + "; __session=" + token(t, nil)
	want(t, w.decide(t, page(cookies, "Referer", "http://app.example.com/sign-in")), SignedIn, "") // the proxy is on this host
	want(t, w.decide(t, page(cookies, "Referer", "https://clerk.example.com/v1")), Redirect, clerk.ReasonPrimaryDomainCrossOriginSync)
	w.config.ProxyURL = "https://px.example/__clerk"
	want(t, w.decide(t, page(cookies, "Referer", "https://px.example/x")), SignedIn, "")
	want(t, w.decide(t, page(cookies, "Referer", "https://accounts.example.com/")), Redirect, clerk.ReasonPrimaryDomainCrossOriginSync)
	if got := accountPortal("x.clerk.accountsstage.dev"); got != "https://x.accountsstage.dev" {
		t.Error(got)
	}
	if got := accountPortal("x.clerk.accounts.dev"); got != "https://x.accounts.dev" {
		t.Error(got)
	}
	if got := accountPortal("clerk.é"); got != "" {
		t.Error(got)
	}
}

func TestDevBrowser(t *testing.T) {
	d := development().decide(t, request("/?__clerk_db_jwt=new&x=1&__dev_session=old", "Cookie", "__clerk_db_jwt=dvb", "Sec-Fetch-Dest", "document"))
	want(t, d, Redirect, clerk.ReasonDevBrowserSync)
	if !strings.HasSuffix(d.Location, "&__clerk_db_jwt=new") || !strings.Contains(d.Location, "redirect_url=https%3A%2F%2Fapp.example.com%2F%3Fx%3D1&") {
		t.Error(d.Location)
	}
	// An empty one falls back to the cookie, but is to be cleaned away.
	d = development().decide(t, request("/?__clerk_db_jwt=", "Cookie", "__clerk_db_jwt=dvb", "Sec-Fetch-Dest", "document"))
	if want(t, d, Redirect, clerk.ReasonDevBrowserSync); !strings.HasSuffix(d.Location, "&__clerk_db_jwt=dvb") {
		t.Error(d.Location)
	}
	// Production does not know it.
	want(t, production().decide(t, request("/?__clerk_db_jwt=x", "Sec-Fetch-Dest", "document")), SignedOut, clerk.ReasonSessionTokenAndUATMissing)
}
