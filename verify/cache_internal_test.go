package verify

import (
	"crypto/sha256"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
)

// TestCacheBytes measures the memory of entries with payloads of two sizes, and
// compares it with the number that the cache reports.
func TestCacheBytes(t *testing.T) {
	for name, filler := range map[string]int{"usual": 50, "large": 2000} {
		t.Run(name, func(t *testing.T) {
			const n = 1500
			cache, err := newTokenCache(1 << 40)
			if err != nil {
				t.Fatal(err)
			}
			before := heap()
			for i := range n {
				payload := fmt.Sprintf(`{"sub":"user_%030d","sid":"sess_%030d","iss":"https://clerk.example.com","azp":"https://app.example.com","exp":1750000060,`+
					`"v":2,"fva":[1,-1],"o":{"id":"org_1","rol":"admin","per":"read,manage","fpm":"3,2"},"fea":"o:a,o:b","x":"%s"}`, i, i, strings.Repeat("x", filler))
				claims, err := clerk.ParseClaims(payload)
				if err != nil {
					t.Fatal(err)
				}
				sum := tokenSum(sha256.Sum256([]byte(payload)))
				cache.add(&sum, cacheEntry{claims: claims, payload: len(payload)})
			}
			used := int64(heap() - before)
			stats := (&Verifier{cache: cache}).CacheStats()
			if stats.Entries != n {
				t.Fatalf("%+v", stats)
			}
			share := float64(stats.Bytes) / float64(used)
			t.Logf("%d bytes an entry, %d counted", used/n, stats.Bytes/n)
			if share < 0.8 || share > 1.6 {
				t.Errorf("the cache counts %d bytes, and takes %d", stats.Bytes, used)
			}
			runtime.KeepAlive(cache)
		})
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
