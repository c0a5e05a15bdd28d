package handshake

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

const mega = 1 << 20

// TestInputIsBounded sends what is far beyond what browsers and Clerk send. Nothing
// of it reaches a redirect, and it costs no more than a few copies of a short
// request.
func TestInputIsBounded(t *testing.T) {
	long := strings.Repeat("a", mega)
	hostile := strings.Repeat("/a", mega/2)
	escapes := strings.Repeat("%2e/", mega/4)
	patterns := clerk.OrganizationSync{OrganizationPatterns: []string{"/orgs/:slug/(.*)", "/(.*)/orgs/:id", "/:a?/:b?/:c?/orgs/:slug", "(.*)a(.*)b(.*)c/:id"}}
	doc := []string{"Sec-Fetch-Dest", "document"}
	session := token(t, nil)
	for _, c := range []struct {
		name   string
		r      Request
		status Status
	}{
		{"path", request("/"+long, append(doc, "Cookie", "__client_uat=1")...), SignedOut},
		{"path of many segments", request(hostile, append(doc, "Cookie", "__client_uat=1")...), SignedOut},
		{"path of dots", request("/"+escapes, append(doc, "Cookie", "__client_uat=1")...), SignedOut},
		{"query", request("/?"+strings.Repeat("a=%20&", mega/6), append(doc, "Cookie", "__client_uat=1")...), SignedOut},
		{"absolute target", request("https://app.example.com/"+long, append(doc, "Cookie", "__client_uat=1")...), SignedOut},
		{"pattern", request(hostile, append(doc, "Cookie", "__session="+session+"; __client_uat=1")...), SignedOut},
		{"pattern, long for a path", request("/"+strings.Repeat("a/", 6<<10), append(doc, "Cookie", "__session="+session+"; __client_uat=1")...), SignedOut},
		{"session cookie", page("__client_uat=0; __session=" + long), SignedOut},
		{"session cookie in escapes", page("__client_uat=0; __session=" + strings.Repeat("%41", mega/3)), SignedOut},
		{"session cookie in Latin-1", page("__client_uat=0; __session=" + strings.Repeat("\xe9", mega)), SignedOut},
		{"dev browser", page("__clerk_db_jwt=" + long), Redirect}, // production does not read it
		{"nonce", page("__clerk_handshake_nonce=" + long), SignedOut},
		{"handshake token", page("__clerk_handshake=" + long), SignedOut},
		{"redirect count", page("__client_uat=1; __clerk_redirect_count=" + strings.Repeat("1", mega)), SignedOut},
		{"client_uat", page("__client_uat=" + strings.Repeat("1", mega)), Redirect},
		{"referrer", page("__session="+session+"; __client_uat=1", "Referer", "https://"+long), Redirect},
		{"bearer", bearer(long), SignedOut},
		{"opaque token", bearer("ak_" + long), SignedOut},
		{"host", func() Request { r := page("__client_uat=1"); r.Host = long; return r }(), SignedOut},
	} {
		w := production()
		w.config.OrganizationSync = patterns
		m := w.machine(t)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		accepted := []clerk.TokenType{clerk.SessionToken}
		if c.name == "opaque token" {
			accepted[0] = clerk.APIKey
		}
		d := m.Authenticate(context.Background(), c.r, accepted...)
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		allocated := after.TotalAlloc - before.TotalAlloc
		t.Logf("%-28s %-10v %-40.60s Location %8d bytes, allocated %10d bytes, %v", c.name, d.Status, d.Reason, len(d.Location), allocated, took.Round(10*time.Microsecond))
		if d.Status != c.status && c.name != "dev browser" {
			t.Errorf("%s: %v %s, want %v", c.name, d.Status, d.Reason, c.status)
		}
		if len(d.Location) > 4<<10 || allocated > 256<<10 || w.backend.calls > 0 || strings.Contains(string(d.Reason), "aaaa") {
			t.Errorf("%s: out of bounds (%d calls)", c.name, w.backend.calls)
		}
	}
}
