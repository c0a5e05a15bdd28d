package clerktest_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// manyUsers is an instance of 100,000 users, made once for all benchmarks.
const manyUsers = 100_000

func withManyUsers(b *testing.B) (em *clerktest.Emulator, get func(path string)) {
	b.Helper()
	em, err := clerktest.New(clerktest.Config{})
	if err != nil {
		b.Fatal(err)
	}
	names := []string{"Ada", "Barbara", "Charles", "Donald", "Edsger", "Frances", "Grace", "Hedy", "Ivan", "Jean"}
	for i := range manyUsers {
		em.AddUser(clerktest.User{
			Email: fmt.Sprintf("user%d@example.com", i), Username: fmt.Sprintf("user_%d", i), FirstName: names[i%10], LastName: names[i/10%10],
			PublicMetadata: map[string]any{"number": i},
		})
	}
	transport := em.Transport()
	return em, func(path string) {
		req, err := http.NewRequest(http.MethodGet, em.URL+path, nil)
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+em.SecretKey())
		resp, err := transport.RoundTrip(req)
		if err != nil {
			b.Fatal(err)
		}
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
			b.Fatalf("%s: %d %v", path, resp.StatusCode, err)
		}
	}
}

func benchmarkPaths(b *testing.B, paths map[string]string) {
	_, get := withManyUsers(b)
	for name, path := range paths {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				get(path)
			}
			b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "ms/op")
		})
	}
}

// A page of 100,000 users must take less than 50 ms, whatever the order and
// wherever it is.
func BenchmarkListUsers(b *testing.B) {
	benchmarkPaths(b, map[string]string{
		"newest":    "/v1/users?limit=100",
		"500":       "/v1/users?limit=500",
		"deep":      "/v1/users?limit=100&offset=50000",
		"by_name":   "/v1/users?limit=100&order_by=last_name",
		"by_email":  "/v1/users?limit=100&order_by=-email_address",
		"by_active": "/v1/users?limit=100&order_by=-last_active_at&offset=1000",
		"count":     "/v1/users/count",
		"email":     "/v1/users?email_address=user77777@example.com",
	})
}

// So must a search, which looks at all of them where it finds little.
func BenchmarkSearchUsers(b *testing.B) {
	benchmarkPaths(b, map[string]string{
		"rare":         "/v1/users?query=user77777",
		"nobody":       "/v1/users?query=zzz",
		"frequent":     "/v1/users?query=grace&limit=100",
		"count":        "/v1/users/count?query=grace",
		"count_nobody": "/v1/users/count?query=zzz",
		"by_name":      "/v1/users?query=grace&limit=100&order_by=first_name",
	})
}
