package state

import (
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/ids"
)

// Handshakes that nobody finishes are forgotten, and those under way are not.
func TestNoncesAreForgotten(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s := New(func() time.Time { return now }, ids.New(true), time.Hour)
	for range 20_000 {
		last := s.PutNonce([]string{"x"})
		now = now.Add(time.Second)
		if n := len(s.tx.Nonces); n > 1000 {
			t.Fatalf("%d nonces are kept", n)
		}
		if s.tx.Nonces[last].Directives == nil {
			t.Fatal("a nonce is gone at once")
		}
	}
}

// Dev browsers that were left behind are forgotten, with their clients; those in
// which somebody is signed in are not.
func TestDevBrowsersAreForgotten(t *testing.T) {
	s := New(func() time.Time { return time.Unix(1_800_000_000, 0) }, ids.New(true), time.Hour)
	u, err := s.AddUser(UserSeed{Email: "a@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	rec, err := s.SignIn(SignIn{UserID: u.ID})
	if err != nil {
		t.Fatal(err)
	}
	signedIn := s.NewDevBrowser(rec.ClientID)
	for range 5 * maxDevBrowsers {
		b := s.EnsureClient(s.EnsureDevBrowser(Browser{}))
		if s.tx.DevBrowsers[b.DevBrowser] == nil || s.tx.Clients[b.ClientID] == nil {
			t.Fatal("a dev browser is gone at once")
		}
		if n := len(s.tx.DevBrowsers); n > maxDevBrowsers+1024 || len(s.tx.Clients) > n || len(s.tx.ClientTokens) > n {
			t.Fatalf("%d dev browsers and %d clients are kept", n, len(s.tx.Clients))
		}
	}
	if s.tx.DevBrowsers[signedIn.ID] == nil || s.tx.Clients[rec.ClientID] == nil {
		t.Error("a browser was signed out")
	}
}
