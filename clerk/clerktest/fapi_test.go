package clerktest_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// fapi talks to the Frontend API as clerk-js does: one dev browser, form bodies,
// methods in the query.
type fapi struct {
	*browser
	dev     string
	session string // _clerk_session_id of calls outside /client
}

func newFAPI(t testing.TB, em *clerktest.Emulator) *fapi {
	t.Helper()
	b := newBrowser(t, em)
	_, body := b.post("/v1/dev_browser", nil)
	return &fapi{browser: b, dev: decode[struct{ ID string }](t, body).ID}
}

// object is JSON that tests look into by path.
type object map[string]any

// at follows a path of keys and list indexes.
func (o object) at(path ...any) any {
	var v any = map[string]any(o)
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

func (o object) str(path ...any) string {
	s, _ := o.at(path...).(string)
	return s
}

func (o object) list(path ...any) []any {
	l, _ := o.at(path...).([]any)
	return l
}

// do sends one call: "PATCH /me", with a form of alternating names and values.
func (f *fapi) do(call string, form ...string) (*http.Response, object) {
	f.t.Helper()
	method, path, _ := strings.Cut(call, " ")
	path, query, _ := strings.Cut(path, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		f.t.Fatal(err)
	}
	q.Set("__clerk_api_version", "2026-05-12")
	if f.dev != "" {
		q.Set("__clerk_db_jwt", f.dev)
	}
	if f.session != "" && !strings.HasPrefix(path, "/client") && !strings.HasPrefix(path, "/waitlist") {
		q.Set("_clerk_session_id", f.session)
	}
	wire := method
	if method != "GET" && method != "POST" {
		q.Set("_method", method)
		wire = "POST"
	}
	var values url.Values
	if wire == "POST" {
		values = url.Values{}
		for i := 0; i+1 < len(form); i += 2 {
			values.Add(form[i], form[i+1])
		}
	}
	resp, body := f.send(wire, f.em.URL+"/v1"+path+"?"+q.Encode(), http.Header{"Origin": {"http://localhost:3000"}}, values)
	out := object{}
	if strings.HasPrefix(body, "[") {
		body = `{"list":` + body + `}`
	}
	if err := json.Unmarshal([]byte(body), &out); err != nil && body != "" && resp.Header.Get("Content-Type") == "application/json" {
		f.t.Fatalf("%s: %v in %s", call, err, body)
	}
	return resp, out
}

// ok sends a call that must succeed, and returns its response.
func (f *fapi) ok(call string, form ...string) object {
	f.t.Helper()
	resp, out := f.do(call, form...)
	if resp.StatusCode != 200 {
		f.t.Fatalf("%s %q: %d %v", call, form, resp.StatusCode, out)
	}
	if r, ok := out["response"].(map[string]any); ok {
		return r
	}
	return out
}

// refused sends a call that must fail with status and code.
func (f *fapi) refused(status int, code, call string, form ...string) object {
	f.t.Helper()
	resp, out := f.do(call, form...)
	if resp.StatusCode != status || out.str("errors", 0, "code") != code {
		f.t.Fatalf("%s %q: %d %v, want %d %s", call, form, resp.StatusCode, out, status, code)
	}
	if out.str("errors", 0, "message") == "" || out.str("errors", 0, "long_message") == "" {
		f.t.Errorf("%s: the error says nothing: %v", call, out)
	}
	return out
}

// code reads the last code that was sent to an address.
func (f *fapi) code(to string) string {
	f.t.Helper()
	m, ok := f.em.LastMessage(to)
	if !ok || m.Code == "" {
		f.t.Fatalf("no code was sent to %s: %+v", to, m)
	}
	return m.Code
}

// client returns the state of the browser.
func (f *fapi) client() object { return f.ok("GET /client") }

// sessions returns the ids of the browser's sessions.
func (f *fapi) sessions() []string {
	var ids []string
	for i := range f.client().list("sessions") {
		ids = append(ids, f.client().str("sessions", i, "id"))
	}
	return ids
}

// signIn signs in with a password and makes the session the one of later calls.
func (f *fapi) signIn(identifier, password string) object {
	f.t.Helper()
	r := f.ok("POST /client/sign_ins", "identifier", identifier, "password", password)
	if r.str("status") != "complete" {
		f.t.Fatalf("sign-in is %v", r)
	}
	f.session = r.str("created_session_id")
	return r
}

func want(t testing.TB, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func clockAt(unix int64) func() time.Time { return func() time.Time { return time.Unix(unix, 0) } }
