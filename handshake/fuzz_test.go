package handshake

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/ascii"
)

// FuzzAuthenticate sends anything as a request: no panic, nothing that breaks out
// of a header, and no redirect but to the Frontend API, the application itself and
// the configured origins.
func FuzzAuthenticate(f *testing.F) {
	good, old := token(f, nil), expired(f)
	f.Add("GET", "/dashboard?a=1", "app.example.com", uatNow+"; __session="+good, "", "https://evil.example/", "document", "", uint8(0))
	f.Add("GET", "/?__clerk_redirect_url=https%3A%2F%2Fevil.example", "app.example.com", devDB, "", "", "document", "a.example/x", uint8(1))
	f.Add("GET", "/?__clerk_redirect_url=https%3A%2F%2Fsat.example%2F&__clerk_db_jwt=x", "app.example.com", "", "", "", "iframe", "", uint8(1))
	f.Add("GET", "//evil.example/%0d%0aSet-Cookie:x", "EVIL\r\nX: y", uatNow, "", "", "document", "evil.example, b", uint8(2))
	f.Add("GET", "/orgs/acme?__clerk_synced=false", "app.example.com", "__client_uat=0x1; __session="+old+"; __refresh=r", "", "", "document", "", uint8(3))
	f.Add("POST", "http://x/?__clerk_handshake="+handshakeToken(f, nil, "__session="+good+"; Path=/", "x=y"), "", "", "Bearer "+old, "about:blank", "", "", uint8(1))
	f.Add("GET", "*", "", "__clerk_handshake_nonce=%0a; __session=\xff%ff", "bearer ak_1", "", "", "", uint8(4))
	f.Fuzz(func(t *testing.T, method, target, host, cookie, authorization, referrer, dest, forwardedHost string, kind uint8) {
		w := []*world{production(), development(), satellite(production()), satellite(development())}[kind%4]
		w.backend.nonce = map[string][]string{"\n": {"__session=" + good, "__clerk_x=\r\ny"}, "n": {"__session=" + good, "foo=bar", "__clerk_é=1"}}
		w.backend.refreshed = []string{"__session=" + good, "x"}
		w.backend.token = MachineToken{ID: "x", Subject: "user_1"}
		w.config.AllowedRedirectOrigins = []string{"https://sat.example"}
		w.config.TrustedProxyHops = int(kind % 3)
		w.config.SatelliteAutoSync = kind%8 > 3
		w.config.OrganizationSync.OrganizationPatterns = []string{"/orgs/:id", "/(.*)/:slug"}
		m := w.machine(t)
		r := Request{Method: method, Target: target, Host: host, Scheme: "https", Header: http.Header{
			"Cookie": {cookie}, "Authorization": {authorization}, "Referer": {referrer}, "Sec-Fetch-Dest": {dest}, "X-Forwarded-Host": {forwardedHost}, "Accept": {"text/html"},
		}}
		var accepted []clerk.TokenType
		if kind >= 128 {
			accepted = []clerk.TokenType{clerk.SessionToken, clerk.APIKey, clerk.M2M, clerk.OAuth}
		}
		d := m.Authenticate(context.Background(), r, accepted...)

		for _, c := range d.Cookies {
			if !ascii.Printable(c) || !strings.HasPrefix(c, "__") {
				t.Fatalf("cookie %q", c)
			}
		}
		for name, value := range d.Fields() {
			if !ascii.Printable(name) || !ascii.Printable(value) {
				t.Fatalf("field %q: %q", name, value)
			}
		}
		if d.Status == Redirect && (d.Location == "" || len(d.Cookies) != 1) {
			t.Fatalf("a redirect to %q with %q", d.Location, d.Cookies)
		}
		if d.Location == "" {
			return
		}
		if !ascii.Printable(d.Location) || strings.ContainsAny(d.Location, ` "<>\`) {
			t.Fatalf("Location %q", d.Location)
		}
		u, err := url.Parse(d.Location)
		if err != nil || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
			t.Fatalf("Location %q: %v", d.Location, err)
		}
		allowed := []string{"https://" + testFAPI, "https://clerk.sat.example", "https://primary.example", "https://sat.example"}
		q := exchange{m: m, r: r}
		if own, _, ok := q.requestURL(); ok {
			allowed = append(allowed, own.origin())
		}
		if !slices.Contains(allowed, u.Scheme+"://"+u.Host) {
			t.Fatalf("redirects to %q", d.Location)
		}
	})
}

// FuzzParseURL: what is read is in its normal form, which reads the same again,
// here and in net/url.
func FuzzParseURL(f *testing.F) {
	for _, s := range []string{"https://a.example/b?c#d", `http:\\A:80\..\x`, "https://[::1]:3/%2e%2e/", "https://1.2.3.4/", "https:///x", "HTTP://é/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, ok := parseURL(s)
		if !ok {
			return
		}
		again, ok := parseURL(u.String())
		if !ok || again != u {
			t.Fatalf("%q becomes %q, and then %q", s, u.String(), again.String())
		}
		std, err := url.Parse(u.String())
		if err != nil {
			if strings.Contains(u.String(), "%") || strings.Contains(u.host, ":") {
				return // net/url takes no broken escapes
			}
			t.Fatalf("%q: %v", u.String(), err)
		}
		if std.Host != u.host || std.Scheme != u.scheme {
			t.Fatalf("%q: net/url sees %q", u.String(), std.Host)
		}
	})
}

// FuzzQuery: a serialized query stays as it is when it is serialized again.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{"a=b&c", "%E2%82=%ZZ&+=~", "__clerk_db_jwt=1&x", "é=\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := without(s, "__clerk_db_jwt")
		if twice := without(once, "__clerk_db_jwt"); twice != once || !ascii.Printable(once) {
			t.Fatalf("%q: %q and %q", s, once, twice)
		}
		if _, ok := param(once, "__clerk_db_jwt"); ok {
			t.Fatalf("%q keeps the parameter", once)
		}
	})
}
