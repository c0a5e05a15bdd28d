package recording_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/clerkkit/clerkkit/internal/recording"
)

// exchange sends one request to a handler that echoes it.
func exchange(t *testing.T, rec *recording.Recorder, body string) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/v1/things/1?_method=PATCH", strings.NewReader(body))
	r.Header.Set("Content-Type", "text/plain")
	w := httptest.NewRecorder()
	tap := rec.Listen(w, r)
	r.URL.Path = "/changed" // handlers may change it
	tap.Header().Set("Content-Type", "application/json")
	got, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	tap.WriteHeader(http.StatusTeapot)
	if _, err := tap.Write(got); err != nil {
		t.Fatal(err)
	}
	if err := tap.Save("BAPI", "changeThing", http.MethodPatch, "/v1/things/{id}"); err != nil {
		t.Fatal(err)
	}
	return w.Body.String()
}

func TestRecord(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(recording.Env, dir)
	rec, err := recording.FromEnv()
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("long", 5000)
	if got := exchange(t, rec, long); got != long {
		t.Errorf("the client got %d bytes", len(got))
	}
	var wait sync.WaitGroup
	for range 50 {
		wait.Go(func() { exchange(t, rec, `{"a":1}`) })
	}
	wait.Wait()
	var got []recording.Exchange
	if err := recording.Read(dir, func(x recording.Exchange) error { got = append(got, x); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(got) != 51 || got[0].AnswerBody != long || len(got[0].RequestBody) != 4<<10 {
		t.Fatalf("%d exchanges, %d and %d bytes", len(got), len(got[0].AnswerBody), len(got[0].RequestBody))
	}
	want := recording.Exchange{
		Run: filepath.Base(os.Args[0]), API: "BAPI", Operation: "changeThing", Pattern: "/v1/things/{id}", Method: "PATCH", URI: "/v1/things/1?_method=PATCH",
		RequestType: "text/plain", RequestBody: `{"a":1}`, Status: http.StatusTeapot, AnswerType: "application/json", AnswerBody: `{"a":1}`,
	}
	if got[50] != want {
		t.Errorf("%+v", got[50])
	}
}

func TestFromEnv(t *testing.T) {
	t.Setenv(recording.Env, "")
	if rec, err := recording.FromEnv(); rec != nil || err != nil {
		t.Errorf("%v %v", rec, err)
	}
	file := filepath.Join(t.TempDir(), "file")
	t.Setenv(recording.Env, file)
	if _, err := recording.FromEnv(); err == nil {
		t.Error("no error for a folder that is not there")
	}
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := recording.FromEnv(); err == nil {
		t.Error("no error for a file")
	}
}

func TestReadDamaged(t *testing.T) {
	dir := t.TempDir()
	for _, text := range []string{"{", "[]", "{}\nx"} {
		if err := os.WriteFile(filepath.Join(dir, "x.jsonl"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := recording.Read(dir, func(recording.Exchange) error { return nil }); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}
