package clerktest_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// life is a server's: start, a sign-in on the page, a handshake, close.
func life(t *testing.T) {
	t.Helper()
	em, err := clerktest.Start(clerktest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	em.AddUser(clerktest.User{ID: "user_alice"})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{
		Jar: jar, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.PostForm(em.URL+"/sign-in", url.Values{"user_id": {"user_alice"}})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	back := location(t, resp)
	handshake := url.Values{"redirect_url": {"http://localhost:3000/"}, "__clerk_db_jwt": {back.Query().Get("__clerk_db_jwt")}}
	resp, err = client.Get(em.URL + "/v1/client/handshake?" + handshake.Encode())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	if resp.StatusCode != http.StatusTemporaryRedirect || !strings.Contains(location(t, resp).RawQuery, "__clerk_handshake=") {
		t.Fatalf("handshake: %d %s", resp.StatusCode, resp.Header.Get("Location"))
	}
	if err := em.Close(); err != nil {
		t.Fatal(err)
	}
}

// A thousand servers in one process leave nothing behind.
func TestManyServers(t *testing.T) {
	n := 1000
	if testing.Short() {
		n = 100
	}
	measure := func() (goroutines int, heap uint64) {
		runtime.GC()
		runtime.GC() // what finalizers let go of
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return runtime.NumGoroutine(), m.HeapAlloc
	}
	for range 20 { // what is made once: templates, keys, pools
		life(t)
	}
	before, heap := measure()
	start := time.Now()
	for range n {
		life(t)
	}
	took := time.Since(start)
	deadline := time.Now().Add(5 * time.Second)
	after, grown := measure()
	for after > before && time.Now().Before(deadline) { // a closed connection's goroutine ends a moment later
		runtime.Gosched()
		after, grown = measure()
	}
	t.Logf("%d servers in %v: goroutines %d -> %d, heap %d -> %d KB", n, took, before, after, heap>>10, grown>>10)
	if after > before {
		t.Errorf("goroutines: %d before, %d after", before, after)
	}
	if grown > heap+2<<20 {
		t.Errorf("the heap grew by %d KB", (grown-heap)>>10)
	}
}
