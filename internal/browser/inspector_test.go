package browser_test

import (
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// becomes waits until the page shows the text, without being loaded again.
func (b *tab) becomes(text string) {
	b.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(b.read().Text, text); {
		if time.Now().After(deadline) {
			b.t.Fatalf("the page never shows %q:\n%s", text, b.read().Text)
		}
		time.Sleep(50 * time.Millisecond) // the browser is another process, and looks once a second
	}
}

// The inspector shows events as they happen, its buttons work, and its sign-in button
// opens the application signed in.
func TestInspector(t *testing.T) {
	x := newSite(t, shapes[0])
	b := newTab(t, x.origin, look{width: 1280, height: 800})
	b.open(x.clerk + "/_emulator/")
	b.sees("Clerk emulator", "Nothing yet.", "None yet. A browser that the application cannot tell", "alice@example.com")

	bob := x.em.AddUser(clerktest.User{Email: "bob@example.com", FirstName: "Bob"})
	b.becomes("Bob")
	x.em.SignIn(bob)
	b.becomes("active")
	b.press("Revoke")
	b.sees("Clerk emulator", "The session was revoked.", "revoked")
	b.press("Clock +1 h")
	b.sees("Clerk emulator", "The clock moved ahead.", "+1 h")
	b.fill("E-mail address", "carol@example.com")
	b.press("Add")
	b.sees("Clerk emulator", "carol@example.com")
	b.press("Reset")
	b.sees("Clerk emulator", "The instance is as it was at the start.")

	alice := x.em.AddUser(clerktest.User{FirstName: "Alice"})
	b.becomes(alice.ID)
	b.press("Sign in as") // and on to the application, which has no start page
	b.refused = append(b.refused, refusal{"error: Failed to load resource", "/favicon.ico)"})
	b.open(x.origin + "/me")
	b.sees("Signed in", alice.ID)
	b.open(x.clerk + "/_emulator/")
	b.sees("Clerk emulator", "signed in", "GET /v1/client/handshake", "handshake_payload")
}

func TestInspectorFits(t *testing.T) {
	x := newSite(t, shapes[0])
	x.em.SignIn(x.em.AddUser(clerktest.User{Email: strings.Repeat("long", 15) + "@example.com"}), clerktest.WithOrg("org_acme", "org:admin"))
	x.em.Fault(clerktest.Fault{Path: "/" + strings.Repeat("long", 60), Status: 500})
	resp, err := x.em.Config().HTTPClient.Get(x.em.URL + "/v1/" + strings.Repeat("long", 60))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	for _, l := range []look{{name: "wide", width: 1280, height: 800}, {name: "phone", width: 390, height: 800}, {name: "dark", dark: true, width: 800, height: 800}} {
		t.Run(l.name, func(t *testing.T) {
			b := newTab(t, x.origin, l)
			b.open(x.clerk + "/_emulator/")
			b.fits()
		})
	}
}
