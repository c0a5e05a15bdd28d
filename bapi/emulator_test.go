package bapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// emulated returns an emulator and a client for it that uses no network.
func emulated(t *testing.T, wrap func(http.RoundTripper) http.RoundTripper, changes ...Option) (*clerktest.Emulator, *Client) {
	t.Helper()
	em, err := clerktest.New(clerktest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = em.Close() })
	cfg := em.Config()
	rt := em.Transport()
	if wrap != nil {
		rt = wrap(rt)
	}
	c, err := FromConfig(cfg, append([]Option{func(c *Config) { c.HTTPClient = &http.Client{Transport: rt} }}, changes...)...)
	if err != nil {
		t.Fatal(err)
	}
	return em, c
}

// TestEveryOperationOnTheEmulator calls all operations. The client must decode every
// response of the emulator. Operations that the emulator lacks must return an error
// that says so.
func TestEveryOperationOnTheEmulator(t *testing.T) {
	_, c := emulated(t, nil, func(c *Config) { c.MaxRetries = -1 })
	outcomes := map[string]int{}
	for _, op := range operations {
		for _, s := range []sample{op.full, op.bare} {
			_, err := s.call(t.Context(), c)
			var e *Error
			switch {
			case err == nil:
				outcomes["answered"]++
			case !errors.As(err, &e):
				t.Errorf("%s: %T %v", op.id, err, err)
			case e.HasCode("not_implemented_in_emulator"):
				outcomes["not in the emulator"]++
			case len(e.Details) == 0 || e.Status < 400 || e.Status >= 500:
				t.Errorf("%s: %v", op.id, err)
			default:
				outcomes["refused"]++
			}
		}
	}
	if outcomes["answered"] < 5 {
		t.Errorf("too few operations succeeded: %v", outcomes)
	}
	t.Log(outcomes)
}

func TestUsersOnTheEmulator(t *testing.T) {
	em, c := emulated(t, nil)
	alice := em.AddUser(clerktest.User{Email: "alice@example.com", FirstName: "Alice", PublicMetadata: map[string]any{"plan": "pro"}})
	em.AddUser(clerktest.User{Email: "bob@example.com"})
	em.SignIn(alice)
	u, err := c.Users.Get(t.Context(), alice.ID)
	if err != nil {
		t.Fatal(err)
	}
	var meta struct {
		Plan string `json:"plan"`
	}
	if err := u.PublicMetadata.Decode(&meta); err != nil || meta.Plan != "pro" || u.FirstName != "Alice" || u.EmailAddresses[0].EmailAddress != "alice@example.com" {
		t.Errorf("%s %v", u.RawJSON(), err)
	}
	if age := em.Now().Sub(u.CreatedAt); age < 0 || age > time.Minute {
		t.Errorf("created %v ago", age)
	}
	if n, err := c.Users.Count(t.Context(), UserCountParams{EmailAddress: []string{"bob@example.com"}}); err != nil || n.TotalCount != 1 {
		t.Errorf("%+v %v", n, err)
	}
	page, err := c.Users.List(t.Context(), UserListParams{Query: "alice"})
	if err != nil || len(page.Data) != 1 || page.Data[0].ID != alice.ID {
		t.Errorf("%+v %v", page, err)
	}
	if _, err := c.Users.Get(t.Context(), "user_nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("%v", err)
	}
	if _, err := c.Users.Get(t.Context(), alice.ID, WithSecretKey("sk_test_wrong")); !errors.Is(err, ErrUnauthorized) {
		t.Errorf("%v", err)
	}
	for s, err := range c.Sessions.All(t.Context(), SessionListParams{UserID: alice.ID}) {
		if err != nil || s.Status != SessionStatusActive || s.UserID != alice.ID {
			t.Fatalf("%+v %v", s, err)
		}
		if revoked, err := c.Sessions.Revoke(t.Context(), s.ID); err != nil || revoked.Status != SessionStatusRevoked {
			t.Errorf("%+v %v", revoked, err)
		}
	}
	keys, err := c.JWKS.Get(t.Context())
	if err != nil || len(keys.Keys) == 0 || keys.Keys[0].Kty != JSONWebKeyTypeRSA {
		t.Errorf("%+v %v", keys, err)
	}
	// Encoding and decoding a user does not change it.
	b, err := json.Marshal(u)
	if err != nil {
		t.Fatal(err)
	}
	var again User
	if err := json.Unmarshal(b, &again); err != nil || !sameJSON(t, string(b), string(u.RawJSON())) || again.ID != u.ID || again.CreatedAt != u.CreatedAt {
		t.Errorf("%s\n%s %v", b, u.RawJSON(), err)
	}
}

// faulty makes the emulator fail at times: 429, 500, a hang, a lost connection.
type faulty struct {
	em   *clerktest.Emulator
	next http.RoundTripper
	rand *rand.Rand
	sent atomic.Int64
}

func (f *faulty) RoundTrip(r *http.Request) (*http.Response, error) {
	f.sent.Add(1)
	fault := clerktest.Fault{Path: "/v1/users", Times: 1}
	switch f.rand.IntN(10) {
	case 0:
		fault.Status, fault.Header = http.StatusTooManyRequests, http.Header{"Retry-After": {"1"}}
	case 1:
		fault.Status = http.StatusInternalServerError
	case 2:
		fault.Hang = true
	case 3:
		fault.CutConnection = true
	default:
		return f.next.RoundTrip(r)
	}
	defer f.em.Fault(fault)()
	return f.next.RoundTrip(r)
}

// TestManyUsersOfAFailingEmulator lists all users (10,000 with CLERKKIT_FULL=1). Each
// must be yielded exactly once, with a bounded number of retries. synctest fails if a
// goroutine is left.
func TestManyUsersOfAFailingEmulator(t *testing.T) {
	n := 10000
	if os.Getenv("CLERKKIT_FULL") == "" {
		n = 2000 // the emulator sorts all users for each page
	}
	synctest.Test(t, func(t *testing.T) {
		f := &faulty{rand: rand.New(rand.NewPCG(7, 7))}
		em, c := emulated(t, func(next http.RoundTripper) http.RoundTripper { f.next = next; return f }, func(c *Config) {
			c.MaxRetries, c.AttemptTimeout, c.MaxRetryWait = 8, 3*time.Second, time.Minute
		})
		f.em = em
		for i := range n {
			if i%500 == 0 {
				time.Sleep(time.Millisecond) // not all in the same millisecond
			}
			em.AddUser(clerktest.User{Email: fmt.Sprintf("u%d@example.com", i)})
		}
		seen := map[string]int{}
		for u, err := range c.Users.All(t.Context(), UserListParams{Limit: n / 20}) {
			if err != nil {
				t.Fatalf("after %d users: %v", len(seen), err)
			}
			seen[u.ID]++
		}
		for id, times := range seen {
			if times != 1 || !strings.HasPrefix(id, "user_") {
				t.Errorf("%s came %d times", id, times)
			}
		}
		if sent := f.sent.Load(); len(seen) != n || sent > 60 {
			t.Errorf("%d users in %d requests", len(seen), sent)
		}
		t.Logf("%d users, %d requests", len(seen), f.sent.Load())
	})
}
