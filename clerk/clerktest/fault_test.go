package clerktest_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestFaults(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	status := func() int {
		resp, _ := get(t, em, "/v1/jwks", bearer(em.SecretKey()))
		return resp.StatusCode
	}
	em.Fault(clerktest.Fault{Path: "/v1/jwks", Status: 503, Times: 2, Header: http.Header{"retry-after": {"1"}}})
	resp, body := get(t, em, "/v1/jwks", bearer(em.SecretKey()))
	wantError(t, resp, body, 503, "emulator_fault")
	if resp.Header.Get("Retry-After") != "1" {
		t.Error("header is missing")
	}
	if resp, _ := get(t, em, "/.well-known/jwks.json", nil); resp.StatusCode != 200 {
		t.Errorf("another path fails: %d", resp.StatusCode)
	}
	if a, b := status(), status(); a != 503 || b != 200 {
		t.Errorf("second and third: %d, %d", a, b)
	}

	undo := em.Fault(clerktest.Fault{Method: "GET", Path: "/v1/*", Body: "{not json"})
	resp, body = get(t, em, "/v1/jwks", bearer(em.SecretKey()))
	if resp.StatusCode != 500 || body != "{not json" {
		t.Errorf("malformed body: %d %q", resp.StatusCode, body)
	}
	if resp, _ := do(t, em, "POST", "/v1/jwks", bearer(em.SecretKey()), ""); resp.StatusCode != 501 {
		t.Errorf("another method: %d", resp.StatusCode)
	}
	undo()
	undo()
	if s := status(); s != 200 {
		t.Errorf("after undo: %d", s)
	}

	undo = em.Fault(clerktest.Fault{CutConnection: true})
	if _, err := em.Config().HTTPClient.Get(em.URL + "/.well-known/jwks.json"); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut connection: %v", err)
	}
	undo()
	requests := em.Requests()
	last := requests[len(requests)-1]
	if last.Meaning != "injected fault" || last.Status != 0 || last.Operation != "getJWKS" || last.API != "FAPI" {
		t.Errorf("logged as %+v", last)
	}
}

func TestFaultsOnTheWire(t *testing.T) {
	em := clerktest.NewServer(t)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	undo := em.Fault(clerktest.Fault{Path: "/.well-known/jwks.json", CutConnection: true})
	if _, err := client.Get(em.URL + "/.well-known/jwks.json"); !errors.Is(err, io.EOF) {
		t.Errorf("cut connection: %v", err)
	}
	undo()
	em.Fault(clerktest.Fault{Path: "/.well-known/jwks.json", Hang: true})
	done := make(chan error)
	go func() {
		resp, err := client.Get(em.URL + "/.well-known/jwks.json")
		if err == nil {
			resp.Body.Close()
		}
		done <- err
	}()
	if err := em.Close(); err != nil { // lets go of what hangs
		t.Error(err)
	}
	if err := <-done; err == nil {
		t.Error("a hanging request was answered")
	}
}

// Without a listener everything works in virtual time.
func TestSynctest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		em := newEmulator(t, clerktest.Config{})
		client := em.Config().HTTPClient
		url := em.URL + "/.well-known/jwks.json"

		em.Fault(clerktest.Fault{Delay: 3 * time.Second, Times: 1})
		start := time.Now()
		resp, err := client.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if d := time.Since(start); d != 3*time.Second || resp.StatusCode != 200 {
			t.Errorf("delayed by %v with status %d", d, resp.StatusCode)
		}

		undo := em.Fault(clerktest.Fault{Hang: true})
		start = time.Now()
		if _, err = client.Get(url); err == nil {
			t.Error("a hanging request was answered")
		}
		if d := time.Since(start); d != client.Timeout {
			t.Errorf("gave up after %v", d)
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := client.Get(url); err == nil {
				t.Error("a request that was let go of was answered")
			}
		})
		synctest.Wait()
		undo()
		wg.Wait()

		em.Fault(clerktest.Fault{Delay: time.Hour})
		if _, err := client.Get(url); err == nil {
			t.Error("an hour's delay was waited for")
		}

		sess := em.SignIn(em.AddUser(clerktest.User{}))
		time.Sleep(time.Minute)
		if s := sess.Claims()["iat"]; s != time.Now().Unix() {
			t.Errorf("iat %v does not follow the virtual clock", s)
		}
	})
}

func TestTransportReachesNothingElse(t *testing.T) {
	em := clerktest.NewServer(t)
	client := em.Config().HTTPClient
	for _, url := range []string{"http://example.com/v1/jwks", "https://api.clerk.com/v1/jwks", "http://localhost:1/v1/jwks"} {
		if resp, err := client.Get(url); err == nil || !strings.Contains(err.Error(), "is not the emulator") {
			t.Errorf("%s: %v, %v", url, resp, err)
		}
	}
}
