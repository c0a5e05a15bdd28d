package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func fetch(t *testing.T, env map[string]string, method, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, env["CLERK_API_URL"]+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+env["CLERK_SECRET_KEY"])
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// What one run made the next one has, keys included.
func TestData(t *testing.T) {
	name := filepath.Join(t.TempDir(), "clerk.json")
	args := []string{"-data", name, "-seed", write(t, seedFile), "-generate-key"}
	env, head, stop := start(t, args...)
	if !strings.Contains(head, "2 users") {
		t.Errorf("no seed in the first run:\n%s", head)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Fatalf("the file is not there at once, or others may read it: %v %v", info, err)
	}
	_, keys := fetch(t, env, "GET", "/v1/jwks", "")
	if status, body := fetch(t, env, "POST", "/v1/waitlist", ""); status != http.StatusForbidden { // it has no waitlist
		t.Errorf("%d %s", status, body)
	}
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.PostForm(env["CLERK_API_URL"]+"/sign-in", map[string][]string{"user_id": {"user_alice"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	_, sessions := fetch(t, env, "GET", "/v1/sessions?user_id=user_alice", "")
	if code, errs := stop(); code != 0 || !strings.Contains(sessions, `"active"`) {
		t.Fatalf("ended with %d: %s; %s", code, errs, sessions)
	}

	env, head, stop = start(t, args...)
	if !strings.Contains(head, "Restored") || strings.Contains(head, "Seeded") {
		t.Errorf("not restored:\n%s", head)
	}
	if _, again := fetch(t, env, "GET", "/v1/jwks", ""); again != keys {
		t.Errorf("keys were %s, are %s", keys, again)
	}
	if _, again := fetch(t, env, "GET", "/v1/sessions?user_id=user_alice", ""); again != sessions {
		t.Errorf("sessions were %s, are %s", sessions, again)
	}
	if code, errs := stop(); code != 0 {
		t.Fatalf("ended with %d: %s", code, errs)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(name), ".clerk*")); err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %q %v", left, err)
	}
}

func TestBadData(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ file, problem string }{
		"no snapshot": {write(t, `{"users":[]}`), "is not a snapshot"},
		"damaged":     {write(t, `{"format":"clerk-emulator-snapshot","ver`), "ends too early"},
		"a folder":    {dir, "directory"},
		"no folder":   {filepath.Join(dir, "missing", "x.json"), "no such file"},
	} {
		var before []byte
		before, _ = os.ReadFile(c.file) // a folder has none
		var stderr strings.Builder
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if code := run(ctx, []string{"-addr", "127.0.0.1:0", "-quiet", "-data", c.file}, io.Discard, &stderr); code != 1 || !strings.Contains(stderr.String(), c.problem) {
			t.Errorf("%s: %d %s", name, code, stderr.String())
		}
		if after, _ := os.ReadFile(c.file); string(after) != string(before) {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

// While it runs, changes are on the disk some seconds later, and nothing is
// written where nothing happens.
func TestKeep(t *testing.T) {
	name := filepath.Join(t.TempDir(), "clerk.json")
	synctest.Test(t, func(t *testing.T) {
		em, err := clerktest.New(clerktest.Config{})
		if err != nil {
			t.Fatal(err)
		}
		kept, err := openData(name, em, slog.New(slog.DiscardHandler))
		if err == nil {
			err = kept.save()
		}
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			kept.keep(ctx)
			close(ended)
		}()
		saves := func(what string, change bool) {
			t.Helper()
			before, err := os.Stat(name)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(saveEvery + time.Second)
			synctest.Wait()
			after, err := os.Stat(name)
			if err != nil || os.SameFile(before, after) == change {
				t.Errorf("%s: written %v, %v", what, !change, err)
			}
		}
		ask := func(path string) {
			resp, err := em.Config().HTTPClient.Get(em.URL + path)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
		}
		saves("nothing", false)
		ask("/v1/environment")
		saves("a request that changes nothing", false)
		em.AddUser(clerktest.User{ID: "user_new"})
		ask("/v1/environment")
		saves("a user", true)
		saves("nothing", false)
		cancel()
		<-ended
	})
	content, err := os.ReadFile(name)
	if err != nil || !strings.Contains(string(content), "user_new") {
		t.Errorf("the user is not in the file: %v", err)
	}
}
