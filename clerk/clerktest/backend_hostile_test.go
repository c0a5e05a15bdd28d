package clerktest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// hostileJSON are bodies that no SDK sends.
var hostileJSON = []string{
	"", "null", "[]", "1", `"x"`, "{", `{"a":1} {}`, `{"unknown":1}`, `{"":1}`, "\x00\xff", strings.Repeat(`{"a":`, 2000), `[[{"a":[]}]]`,
}

// hostileValues stand where an operation expects something else, or something
// sensible.
var hostileValues = []string{
	`null`, `""`, `"\u0000<script>"`, `-1`, `1.5`, `1e308`, `99999999999999999999`, `true`, `[]`, `{}`, `["x",""]`, `[[]]`, `{"a":{"b":[null]}}`,
	`"` + strings.Repeat("9", 5000) + `"`, `"../../x"`, `"2012-10-20T07:15:20.902Z"`, `"javascript:alert(1)"`,
}

// hostileIDs stand in paths, hostileQueries behind them.
var (
	hostileIDs     = []string{"x", "user_1", "org_1", "mch_1", "%2e%2e", "%2f%2Fx", "%00", "a%0ab", "%25", strings.Repeat("9", 3000)}
	hostileQueries = []string{
		"limit=-1", "limit=x", "limit=99999999999999999999", "offset=-1", "offset=1e3", "order_by=%00", "order_by=--name", "paginated=maybe",
		"user_id=", "user_id[]=%ff", "query=" + strings.Repeat("x", 5000), "status=nonsense", "created_at_after=x", "subject=x", "%zz", "a=1;b=2", "=&=&&",
		"_method=DELETE", "cursor=x", "starting_after=x", "last_active_at_since=-5", "include_members_count=2",
	}
)

var jsonTag = regexp.MustCompile("json:\"([a-z][a-z0-9_]*)")

// members are the names of all that any operation takes or answers, read from the
// source so that no new one is forgotten.
func members(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range jsonTag.FindAllSubmatch(source, -1) {
			names = append(names, string(m[1]))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// hostileBackend is an emulator with one of each kind of thing.
type hostileBackend struct {
	t     *testing.T
	e     *Emulator
	calls int
}

func newHostileBackend(t *testing.T) *hostileBackend {
	t.Helper()
	e, err := New(Config{Settings: Settings{OrganizationDomains: true}})
	if err != nil {
		t.Fatal(err)
	}
	e.AddUser(User{ID: "user_1", Email: "a@example.com", Password: "correct horse 1"})
	e.AddOrganization(Organization{ID: "org_1", Name: "Acme", Slug: "acme"})
	e.AddMember("org_1", "user_1", "org:admin")
	e.AddMachine(Machine{ID: "mch_1"})
	return &hostileBackend{t: t, e: e}
}

// hostileSecret is in every request, and must be in no refusal.
const hostileSecret = "sk_test_real0123456789abcdefghijklmnopqrstuvwxyz"

// send makes one request, and judges the answer: no 5xx, and in a refusal Clerk's
// error envelope, whole, without a secret.
func (h *hostileBackend) send(rt *route, path, query, body, kind, secret string) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequest(rt.method, "http://localhost"+path, strings.NewReader(body))
	r.URL.RawQuery = query
	r.Header.Set("Content-Type", kind)
	r.Header.Set("X-Other-Secret", hostileSecret)
	if secret != "" {
		r.Header.Set("Authorization", secret)
	}
	w := httptest.NewRecorder()
	h.e.ServeHTTP(w, r)
	h.calls++
	judgeHostile(h.t, rt, w, body, h.e.SecretKey(), hostileSecret)
	return w
}

func judgeHostile(t *testing.T, rt *route, w *httptest.ResponseRecorder, body string, secrets ...string) {
	t.Helper()
	if w.Code >= 500 || w.Code < 200 {
		t.Errorf("%s with %.80q: %d %.300s", rt.operation, body, w.Code, w.Body)
	}
	if w.Code < 400 {
		return
	}
	var envelope errorEnvelope
	d := json.NewDecoder(w.Body)
	answer := w.Body.String()
	d.DisallowUnknownFields()
	if err := d.Decode(&envelope); err != nil || len(envelope.Errors) == 0 || envelope.TraceID == "" {
		t.Errorf("%s with %.80q: %d without an error envelope: %.300s", rt.operation, body, w.Code, answer)
		return
	}
	for _, item := range envelope.Errors {
		if item.Message == "" || item.LongMessage == "" || item.Code == "" || item.Meta == nil {
			t.Errorf("%s with %.80q: an incomplete error: %.300s", rt.operation, body, answer)
		}
	}
	for _, secret := range secrets {
		if strings.Contains(answer, secret) {
			t.Errorf("%s repeats a secret key: %.300s", rt.operation, answer)
		}
	}
	if len(answer) > 2000 {
		t.Errorf("%s repeats what it was sent: %d bytes, %.300s", rt.operation, len(answer), answer)
	}
}

// Nonsense to every operation of the Backend API gets an answer, or Clerk's error
// envelope, and never a panic or a 5xx.
func TestHostileBackendCalls(t *testing.T) {
	names := members(t)
	total, operations, taken := 0, 0, 0
	for i := range backendRoutes {
		rt := &backendRoutes[i]
		if rt.handler == nil {
			continue
		}
		h := newHostileBackend(t)
		taken += h.all(rt, names)
		total += h.calls
		operations++
	}
	t.Logf("%d calls to %d operations, which take %d members", total, operations, taken)
	if operations < 100 || total < 50_000 || taken < 200 {
		t.Errorf("%d calls to %d operations, which take %d members: something is not looked at", total, operations, taken)
	}
}

func (h *hostileBackend) all(rt *route, names []string) (taken int) {
	h.t.Helper()
	at := func(id string) string { return placeholder.ReplaceAllString(rt.pattern, id) }
	const plain = "application/json"
	key := "Bearer " + h.e.SecretKey()

	for _, wrong := range []string{"", "Bearer", "Bearer ", "Basic c2s6", "Bearer " + hostileSecret, "Bearer " + h.e.PublishableKey(), key + "x", "Bearer \x00"} {
		if w := h.send(rt, at("x"), "", "{}", plain, wrong); w.Code < 400 && strings.HasPrefix(wrong, "Bearer ") {
			h.t.Errorf("%s with the key %.20q: %d", rt.operation, wrong, w.Code)
		}
	}
	for _, id := range hostileIDs {
		for _, body := range hostileJSON {
			h.send(rt, at(id), "", body, plain, key)
		}
	}
	for _, query := range hostileQueries {
		h.send(rt, at("user_1"), query, "", "", key)
	}
	h.send(rt, at("user_1"), "", strings.Repeat("a", 2<<20), plain, key)
	h.send(rt, at("user_1"), "", `{"name":"`+strings.Repeat("a", 2<<20)+`"}`, plain, key)
	for _, kind := range []string{"", "text/xml", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x", ";;"} {
		for _, body := range []string{"name=x", `{"name":"x"}`, "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--x--", "--x\r\n"} {
			h.send(rt, at("user_1"), "", body, kind, key)
		}
	}
	if rt.method == http.MethodGet || rt.method == http.MethodDelete {
		return 0
	}
	for _, name := range names {
		w := h.send(rt, at("user_1"), "", `{"`+name+`":null}`, plain, key)
		if strings.Contains(w.Body.String(), "form_param_unknown") {
			continue
		}
		taken++
		for _, value := range hostileValues {
			for _, id := range []string{"user_1", "org_1", "mch_1"} {
				h.send(rt, at(id), "", `{"`+name+`":`+value+`}`, plain, key)
			}
		}
	}
	return taken
}

// FuzzOperations sends anything to any operation of both APIs.
func FuzzOperations(f *testing.F) {
	var routes []*route
	for _, table := range [][]route{frontendRoutes, backendRoutes} {
		for i := range table {
			if table[i].handler != nil {
				routes = append(routes, &table[i])
			}
		}
	}
	for i, rt := range routes {
		f.Add(uint16(i), "user_1", "limit=1&order_by=-created_at", `{"name":"x"}`) //nolint:gosec // a few hundred
		f.Add(uint16(i), "org_1", "", "strategy=password&identifier=a@example.com")
		_ = rt
	}
	f.Fuzz(func(t *testing.T, n uint16, id, query, body string) {
		rt := routes[int(n)%len(routes)]
		e, err := New(Config{})
		if err != nil {
			t.Fatal(err)
		}
		u := e.AddUser(User{ID: "user_1", Email: "a@example.com"})
		e.AddOrganization(Organization{ID: "org_1", Slug: "acme"})
		e.AddMember("org_1", u.ID, "org:admin")
		s := e.SignIn(u, WithOrg("org_1", ""))
		r := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader(body))
		r.Method = rt.method
		r.URL.Path = placeholder.ReplaceAllLiteralString(rt.pattern, id)
		r.URL.RawPath = placeholder.ReplaceAllLiteralString(rt.pattern, url.PathEscape(id))
		r.URL.RawQuery = query
		r.Header.Set("Content-Type", "application/json")
		if n%2 == 0 {
			r.Header.Set("Authorization", "Bearer "+e.SecretKey())
		} else {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.URL.RawQuery += "&" + paramDevBrowser + "=" + s.devBrowser + "&" + paramSession + "=" + s.ID
		}
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		if w.Code >= 500 && w.Code != http.StatusNotImplemented || w.Code < 200 {
			t.Errorf("%s %s: %d %.300s", r.Method, r.URL, w.Code, w.Body)
		}
	})
}
