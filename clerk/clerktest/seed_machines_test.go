package clerktest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

const machineSeed = `{
  "users": [{"id": "user_alice", "email_address": "alice@example.com"}],
  "machines": [{"id": "mch_api", "secret_key": "ak_emulatorApi"},
               {"name": "job", "scoped_machines": ["mch_api"]}],
  "api_keys": [{"subject": "alice@example.com", "secret": "ak_emulatorAlice", "scopes": ["read"], "claims": {"x": 1}},
               {"subject": "mch_api", "name": "random"}],
  "oauth_applications": [{"client_id": "reader", "client_secret": "s3cret", "redirect_uris": ["http://localhost:3000/cb"]}]
}`

// Machines, keys and applications of a seed are there, and there again after a
// reset, with the same secrets.
func TestSeedMachines(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	seed, err := clerktest.ReadSeed(strings.NewReader(machineSeed))
	if err != nil {
		t.Fatal(err)
	}
	if err := em.Load(seed); err != nil {
		t.Fatal(err)
	}
	b := newSecretKey(t, em)
	secrets := func() string {
		machines := b.call("GET", "/v1/machines?order_by=created_at", "", 200)
		job := str(b.call("GET", "/v1/machines/"+str(machines.at("data", 1, "id"))+"/secret_key", "", 200).at("secret"))
		key := b.call("GET", "/v1/api_keys?subject=mch_api", "", 200)
		return job + " " + str(b.call("GET", "/v1/api_keys/"+str(key.at("data", 0, "id"))+"/secret", "", 200).at("secret"))
	}
	before := secrets()
	for _, again := range []bool{false, true} {
		if again {
			em.Reset()
		}
		if now := secrets(); now != before {
			t.Error("a reset made new secrets")
		}
		if got := b.call("POST", "/api_keys/verify", `{"secret":"ak_emulatorAlice"}`, 200); got.at("subject") != "user_alice" || got.at("claims", "x") != 1.0 {
			t.Errorf("key: %v", got)
		}
		job, _, _ := strings.Cut(before, " ")
		token := b.as(job).call("POST", "/m2m_tokens", `{}`, 201)
		b.as("ak_emulatorApi").call("POST", "/m2m_tokens/verify", fmt.Sprintf(`{"token":%q}`, token.at("token")), 200)
		if got := b.call("GET", "/v1/oauth_applications", "", 200); got.at("data", 0, "client_id") != "reader" || got.at("total_count") != 1.0 {
			t.Errorf("applications: %v", got)
		}
	}
}

func TestBadMachineSeeds(t *testing.T) {
	for seed, want := range map[string]string{
		`{"machines": [{"id": "mch_a", "secret_key": "ak_live"}]}`:                                      "machines[0]",
		`{"machines": [{"id": "mch_a", "secret_key": "ak_emulatorX"}, {"secret_key": "ak_emulatorX"}]}`: "machines[1]",
		`{"machines": [{"id": "mch_a", "scoped_machines": ["mch_b"]}, {"id": "mch_b"}]}`:                "machines[0]",
		`{"machines": [{"id": "nope"}]}`:                                                                "machines[0]",
		`{"api_keys": [{"subject": "nobody"}]}`:                                                         "api_keys[0]",
		`{"machines": [{"id": "mch_a"}], "api_keys": [{"subject": "mch_a", "secret": "ak_real"}]}`:      "api_keys[0]",
		`{"oauth_applications": [{"client_id": "a b"}]}`:                                                "oauth_applications[0]",
		`{"oauth_applications": [{"client_id": "a"}, {"client_id": "a"}]}`:                              "oauth_applications[1]",
		`{"oauth_applications": [{"public": true, "client_secret": "x"}]}`:                              "oauth_applications[0]",
		`{"oauth_applications": [{"redirect_uris": ["javascript:alert(1)"]}]}`:                          "oauth_applications[0]",
	} {
		em := newEmulator(t, clerktest.Config{})
		s, err := clerktest.ReadSeed(strings.NewReader(seed))
		if err != nil {
			t.Fatal(err)
		}
		if err := em.Load(s); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "ak_real") {
			t.Errorf("%s: %v", seed, err)
		}
	}
}
