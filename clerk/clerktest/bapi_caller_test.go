package clerktest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// bapiCaller talks to the Backend API as a server does.
type bapiCaller struct {
	t  testing.TB
	em *clerktest.Emulator
}

// do sends one call: "PATCH /organizations/org_1", with a body of JSON.
func (a *bapiCaller) do(call, body string) (*http.Response, object) {
	a.t.Helper()
	method, path, _ := strings.Cut(call, " ")
	header := bearer(a.em.SecretKey())
	header.Set("Content-Type", "application/json")
	resp, text := do(a.t, a.em, method, "/v1"+path, header, body)
	out := object{}
	if strings.HasPrefix(text, "[") {
		text = `{"list":` + text + `}`
	}
	if err := json.Unmarshal([]byte(text), &out); err != nil && text != "" {
		a.t.Fatalf("%s: %v in %s", call, err, text)
	}
	return resp, out
}

func (a *bapiCaller) ok(call string, body ...string) object {
	a.t.Helper()
	resp, out := a.do(call, strings.Join(body, ""))
	if resp.StatusCode/100 != 2 {
		a.t.Fatalf("%s %q: %d %v", call, body, resp.StatusCode, out)
	}
	return out
}

func (a *bapiCaller) refused(status int, code, call string, body ...string) {
	a.t.Helper()
	resp, out := a.do(call, strings.Join(body, ""))
	if resp.StatusCode != status || out.str("errors", 0, "code") != code {
		a.t.Errorf("%s %q: %d %v, want %d %s", call, body, resp.StatusCode, out, status, code)
		return
	}
	if out.str("errors", 0, "message") == "" || out.str("errors", 0, "long_message") == "" || out.str("clerk_trace_id") == "" {
		a.t.Errorf("%s: the error says too little: %v", call, out)
	}
}

// has checks that an answer has members, null or not.
func has(t testing.TB, o object, members string) {
	t.Helper()
	for name := range strings.FieldsSeq(members) {
		if _, ok := o[name]; !ok {
			t.Errorf("%s is missing in %v", name, o)
		}
	}
}

// ids returns the ids of a list, in order.
func ids(o object, path ...any) string {
	var out []string
	for i := range o.list("data") {
		out = append(out, o.str(append([]any{"data", i}, path...)...))
	}
	return strings.Join(out, " ")
}
