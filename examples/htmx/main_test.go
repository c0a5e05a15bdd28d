package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestNotes(t *testing.T) {
	b := newBrowser(t)
	b.signIn()
	b.wantPart(b.part(http.MethodGet, "/notes/list", nil), "None yet.")
	b.wantPart(b.part(http.MethodPost, "/notes", url.Values{"note": {"<script>alert(1)</script>"}}), "<li>&lt;script&gt;alert(1)&lt;/script&gt;</li>")
	for _, bad := range []string{"", "  ", strings.Repeat("é", maxNoteLength+1), strings.Repeat("x", 20<<10)} {
		if a := b.part(http.MethodPost, "/notes", url.Values{"note": {bad}}); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("a note of %d bytes: %d", len(bad), a.StatusCode)
		}
	}
	for range maxNotes + 3 {
		b.part(http.MethodPost, "/notes", url.Values{"note": {"again"}})
	}
	if n := strings.Count(b.open("/notes").body, "<li>"); n != maxNotes {
		t.Errorf("%d notes, want the latest %d", n, maxNotes)
	}
	a := b.do(http.MethodPost, "/notes", url.Values{"note": {"forged"}}, map[string]string{"HX-Request": "true", "Sec-Fetch-Site": "cross-site"})
	if a.StatusCode != http.StatusForbidden {
		t.Errorf("a form of another site: %d", a.StatusCode)
	}
}

// TestExpired: the token expires while the page is open.
func TestExpired(t *testing.T) {
	b := newBrowser(t)
	b.signIn()
	b.part(http.MethodPost, "/notes", url.Values{"note": {"milk"}})
	b.forget(clerk.CookieRefresh)
	b.em.Advance(70 * time.Second)

	before := b.handshakes()
	b.wantRefresh(b.part(http.MethodGet, "/notes/list", nil))
	b.wantRefresh(b.part(http.MethodPost, "/notes", url.Values{"note": {"lost"}}))
	page := b.open("/notes") // what HX-Refresh does
	b.wantNotes(page)
	if n := b.handshakes(); n != before+1 {
		t.Errorf("%d handshakes, want one", n-before)
	}
	if strings.Contains(page.body, "lost") || !strings.Contains(page.body, "milk") {
		t.Errorf("the notes are\n%s", page.body)
	}
	b.wantPart(b.part(http.MethodGet, "/notes/list", nil), "milk")
}

// TestRefreshCookie: with a refresh cookie, a GET for a fragment gets a new token.
func TestRefreshCookie(t *testing.T) {
	b := newBrowser(t)
	b.signIn()
	b.em.Advance(70 * time.Second)
	a := b.part(http.MethodGet, "/notes/list", nil)
	b.wantPart(a, "None yet.")
	if len(a.Cookies()) == 0 {
		t.Error("no new cookies")
	}
	b.wantPart(b.part(http.MethodPost, "/notes", url.Values{"note": {"milk"}}), "milk")
}

// TestOldBrowser: a fragment is not redirected even without Sec-Fetch-Dest and with the
// Accept header of htmx 4.
func TestOldBrowser(t *testing.T) {
	b := newBrowser(t)
	b.signIn()
	b.forget(clerk.CookieRefresh)
	b.em.Advance(70 * time.Second)
	b.wantRefresh(b.do(http.MethodGet, "/notes/list", nil, map[string]string{"HX-Request": "true", "Accept": "text/html"}))
}

func TestNeverSignedIn(t *testing.T) {
	b := newBrowser(t)
	b.wantRefresh(b.part(http.MethodGet, "/notes/list", nil))
	b.wantSignInPage(b.open("/notes"))
	b.wantSignedOut(b.open("/"), http.StatusOK)
}

func TestSignOut(t *testing.T) {
	b := newBrowser(t)
	b.signIn()
	b.wantSignedOut(b.document(http.MethodPost, "/sign-out", nil), http.StatusOK)
	b.wantRefresh(b.part(http.MethodGet, "/notes/list", nil)) // from a page in another tab
	b.wantSignInPage(b.open("/notes"))

	b.signIn()
	undo := b.em.Fault(clerktest.Fault{Path: "/v1/sessions/*", Status: http.StatusServiceUnavailable})
	if a := b.document(http.MethodPost, "/sign-out", nil); a.StatusCode != http.StatusBadGateway {
		t.Errorf("Clerk is down: %d", a.StatusCode)
	}
	undo()
	b.wantNotes(b.open("/notes"))
}

// TestRevoked: the token of a revoked session is accepted until it expires.
func TestRevoked(t *testing.T) {
	for _, refreshCookie := range []bool{true, false} {
		b := newBrowser(t)
		b.signIn()
		if !refreshCookie {
			b.forget(clerk.CookieRefresh)
		}
		b.revoke()
		b.wantPart(b.part(http.MethodGet, "/notes/list", nil), "None yet.")
		b.em.Advance(70 * time.Second)
		b.wantRefresh(b.part(http.MethodGet, "/notes/list", nil))
		b.wantSignInPage(b.open("/notes"))
		b.signIn()
	}
}

// TestOutage: without keys, no user is signed out and no page is reloaded.
func TestOutage(t *testing.T) {
	b := newBrowser(t)
	b.signIn()
	b.em.Advance(3 * time.Hour) // the keys are older than MaxAge
	b.wantNotes(b.open("/notes"))
	b.em.Advance(3 * time.Hour)
	undo := b.em.Fault(clerktest.Fault{Path: "/v1/jwks", Status: http.StatusServiceUnavailable})
	a := b.part(http.MethodGet, "/notes/list", nil)
	if a.StatusCode != http.StatusServiceUnavailable || a.Header.Get("HX-Refresh") != "" || a.Header.Get("HX-Reswap") != "none" {
		t.Errorf("%d %v, want 503, no refresh and no swap", a.StatusCode, a.Header)
	}
	if a := b.open("/notes"); a.StatusCode != http.StatusServiceUnavailable || !strings.Contains(a.body, "not signed out") {
		t.Errorf("%d %s, want 503 and a page", a.StatusCode, a.body)
	}
	undo()
}

func TestRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, in, "localhost:0", htmxURL, true) }()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	origin := strings.TrimSpace(strings.TrimPrefix(line, "listening on"))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, origin+"/notes", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil || res.StatusCode != http.StatusUnauthorized {
		t.Fatal(res, err)
	}
	res.Body.Close()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}

	t.Setenv("CLERK_AUTHORIZED_PARTIES", "")
	if err := run(t.Context(), io.Discard, "localhost:0", htmxURL, false); err == nil {
		t.Error("it runs without origins")
	}
	if _, err := newApp(clerk.Config{AuthorizedParties: []string{"http://localhost:1"}, SignInURL: "/sign-in"}, "/htmx.js"); err == nil {
		t.Error("it accepts an invalid script URL")
	}
}
