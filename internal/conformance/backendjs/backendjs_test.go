package backendjs

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// switchOn is the variable that run.sh sets. Ordinary tests need no Node.js.
const switchOn = "CLERKKIT_BACKENDJS"

// instance describes an emulator to the suite.
type instance struct {
	URL            string `json:"url"`
	PublishableKey string `json:"publishableKey"`
	SecretKey      string `json:"secretKey"`
	JWTKey         string `json:"jwtKey"`
	ProxyURL       string `json:"proxyUrl,omitempty"`
	SignInURL      string `json:"signInUrl"`
	FrontendAPI    string `json:"frontendApi"`
	Origin         string `json:"origin"`
	Key            string `json:"apiKey"`
	OAuth          string `json:"oauthToken"`
	OAuthJWT       string `json:"oauthJwt"`
	Alice          string `json:"alice"`
}

func newInstance(t *testing.T, cfg clerktest.Config) instance {
	t.Helper()
	em := clerktest.NewServer(t, cfg)
	alice := em.AddUser(clerktest.User{Email: "alice@example.com", Password: "correct horse", FirstName: "Alice"})
	em.AddRole("org:billing", "org:invoices:create")
	em.AddOrganization(clerktest.Organization{ID: "org_acme", Name: "Acme"})
	em.AddMember("org_acme", alice.ID, "org:billing")
	c := em.Config()
	like := clerktest.MachineToken{Scopes: []string{"read", "write"}}
	jwt := like
	jwt.JWT = true
	return instance{
		URL: em.URL, PublishableKey: c.PublishableKey, SecretKey: c.SecretKey, JWTKey: em.JWTKey(), ProxyURL: c.ProxyURL,
		SignInURL: c.SignInURL, FrontendAPI: strings.TrimPrefix(em.Issuer(), "https://"), Origin: c.AuthorizedParties[0],
		Key: em.APIKey(alice.ID, like), OAuth: em.OAuthToken(alice, like), OAuthJWT: em.OAuthToken(alice, jwt), Alice: alice.ID,
	}
}

// TestSuite runs *.test.mjs against emulators: a development instance, a
// production instance, and one whose tokens live for two seconds.
func TestSuite(t *testing.T) {
	if os.Getenv(switchOn) == "" {
		t.Skip("run.sh runs it, with Node.js")
	}
	instances, err := json.Marshal(map[string]instance{
		"development": newInstance(t, clerktest.Config{}),
		"production":  newInstance(t, clerktest.Config{Instance: clerk.Production, Origins: []string{"https://app.example.test"}}),
		"short":       newInstance(t, clerktest.Config{TokenLifetime: 2 * time.Second}),
	})
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", "--test", "--test-reporter=spec",
		"handshake.test.mjs", "machines.test.mjs", "client.test.mjs")
	node.Env = append(os.Environ(), "BACKENDJS_INSTANCES="+string(instances), "CLERK_TELEMETRY_DISABLED=1")
	out, err := node.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("node --test: %v", err)
	}
}
