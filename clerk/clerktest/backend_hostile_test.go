package clerktest

import (
	"cmp"
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

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/sessions"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
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
	t       *testing.T
	e       *Emulator
	calls   int
	machine Machine
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
	e.AddMachine(Machine{ID: "mch_2"})
	return &hostileBackend{t: t, e: e, machine: e.AddMachine(Machine{ID: "mch_1"})}
}

// namedInPaths are the other things that paths name, and the calls that make them.
var namedInPaths = []struct{ below, placeholder, path, body string }{
	{"/v1/organizations/", "{invitation_id}", "/v1/organizations/org_1/invitations", `{"email_address":"b@example.com","role":"org:member"}`},
	{"/v1/invitations/", "{invitation_id}", "/v1/invitations", `{"email_address":"b@example.com"}`},
	{"", "{domain_id}", "/v1/organizations/org_1/domains", `{"name":"example.com"}`},
	{"", "{agent_task_id}", "/v1/agents/tasks", `{"on_behalf_of":{"user_id":"user_1"},"permissions":"*","agent_name":"x","task_description":"x","redirect_url":"http://localhost:3000/"}`},
	{"", "{m2m_token_id}", "/v1/m2m_tokens", `{}`},
	{"", "{oauth_application_id}", "/v1/oauth_applications", `{"name":"x","redirect_uris":["http://localhost:3000/"]}`},
	{"", "{organization_role_id}", "/v1/organization_roles", `{"name":"x","key":"org:x"}`},
	{"", "{apiKeyID}", "/v1/api_keys", `{"subject":"user_1","name":"xyz"}`},
	{"", "{email_address_id}", "/v1/email_addresses", `{"user_id":"user_1","email_address":"c@example.com"}`},
	{"", "{phone_number_id}", "/v1/phone_numbers", `{"user_id":"user_1","phone_number":"+12015550100"}`},
	{"/v1/allowlist_identifiers/", "{identifier_id}", "/v1/allowlist_identifiers", `{"identifier":"d@example.com"}`},
	{"/v1/blocklist_identifiers/", "{identifier_id}", "/v1/blocklist_identifiers", `{"identifier":"d@example.com"}`},
	{"", "{waitlist_entry_id}", "/v1/waitlist_entries", `{"email_address":"e@example.com"}`},
	{"/v1/sign_ups/", "{id}", "/v1/client/sign_ups", ``}, // of the Frontend API
	{"", "{permission_id}", "/v1/organization_permissions", `{"name":"x","key":"org:x:y"}`},
}

// own returns the path of the operation with ids of things that are there.
func (h *hostileBackend) own(rt *operation) string {
	h.t.Helper()
	path := strings.NewReplacer("{user_id}", "user_1", "{organization_id}", "org_1", "{machine_id}", "mch_1", "{other_machine_id}", "mch_2",
		"{role_set_key_or_id}", "role_set:default", "{provider}", "oauth_google").Replace(rt.Pattern)
	if strings.Contains(path, "{session_id}") || strings.Contains(path, "{client_id}") {
		session := h.e.SignIn(User{ID: "user_1"})
		path = strings.NewReplacer("{session_id}", session.ID, "{client_id}", session.ClientID).Replace(path)
	}
	for _, m := range namedInPaths {
		if !strings.Contains(path, m.placeholder) || !strings.HasPrefix(path, m.below) {
			continue
		}
		r := httptest.NewRequest(http.MethodPost, "http://localhost"+m.path, strings.NewReader(m.body))
		r.Header.Set("Authorization", "Bearer "+h.e.SecretKey())
		switch m.path {
		case "/v1/client/sign_ups":
			r.Header.Del("Authorization")
		case "/v1/m2m_tokens":
			r.Header.Set("Authorization", "Bearer "+h.machine.SecretKey)
		}
		w := httptest.NewRecorder()
		h.e.ServeHTTP(w, r)
		var out struct {
			ID       string `json:"id"`
			AgentID  string `json:"agent_task_id"`
			Response struct{ ID string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code >= 300 {
			h.t.Fatalf("%s: %d %s", m.path, w.Code, w.Body)
		}
		path = strings.ReplaceAll(path, m.placeholder, cmp.Or(out.AgentID, out.Response.ID, out.ID))
	}
	return placeholder.ReplaceAllString(path, "x") // what the emulator has no kind of
}

// hostileSecret is in every request, and must be in no refusal.
const hostileSecret = "sk_test_real0123456789abcdefghijklmnopqrstuvwxyz"

// send makes one request, and judges the answer: no 5xx, and in a refusal Clerk's
// error envelope, whole, without a secret.
func (h *hostileBackend) send(rt *operation, path, query, body, kind, secret string) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequest(rt.Method, "http://localhost"+path, strings.NewReader(body))
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

func judgeHostile(t *testing.T, rt *operation, w *httptest.ResponseRecorder, body string, secrets ...string) {
	t.Helper()
	if w.Code >= 500 || w.Code < 200 {
		t.Errorf("%s with %.80q: %d %.300s", rt.Operation, body, w.Code, w.Body)
	}
	if w.Code < 400 {
		return
	}
	var envelope wire.ErrorEnvelope
	answer := w.Body.String()
	d := json.NewDecoder(strings.NewReader(answer))
	d.DisallowUnknownFields()
	if err := d.Decode(&envelope); err != nil || len(envelope.Errors) == 0 || envelope.TraceID == "" {
		t.Errorf("%s with %.80q: %d without an error envelope: %.300s", rt.Operation, body, w.Code, answer)
		return
	}
	for _, item := range envelope.Errors {
		if item.Message == "" || item.LongMessage == "" || item.Code == "" || item.Meta == nil {
			t.Errorf("%s with %.80q: an incomplete error: %.300s", rt.Operation, body, answer)
		}
	}
	for _, secret := range secrets {
		if strings.Contains(answer, secret) {
			t.Errorf("%s repeats a secret key: %.300s", rt.Operation, answer)
		}
	}
	if len(answer) > 2000 {
		t.Errorf("%s repeats what it was sent: %d bytes, %.300s", rt.Operation, len(answer), answer)
	}
}

// Nonsense to every operation of the Backend API gets an answer, or Clerk's error
// envelope, and never a panic or a 5xx.
func TestHostileBackendCalls(t *testing.T) {
	names := members(t)
	total, operations, taken := 0, 0, 0
	for i := range backendRoutes {
		rt := &backendRoutes[i]
		if rt.Handler == nil {
			continue
		}
		h := newHostileBackend(t)
		taken += h.all(rt, names)
		total += h.calls
		operations++
	}
	t.Logf("%d calls to %d operations, which take %d members", total, operations, taken)
	if operations < 100 || total < 40_000 || taken < 150 {
		t.Errorf("%d calls to %d operations, which take %d members: something is not looked at", total, operations, taken)
	}
}

func (h *hostileBackend) all(rt *operation, names []string) (taken int) {
	h.t.Helper()
	at := func(id string) string { return placeholder.ReplaceAllString(rt.Pattern, id) }
	own := h.own(rt)
	const plain = "application/json"
	key := "Bearer " + h.e.SecretKey()

	for _, wrong := range []string{"", "Bearer", "Bearer ", "Basic c2s6", "Bearer " + hostileSecret, "Bearer " + h.e.PublishableKey(), key + "x", "Bearer \x00"} {
		if w := h.send(rt, at("x"), "", "{}", plain, wrong); w.Code < 400 && strings.HasPrefix(wrong, "Bearer ") {
			h.t.Errorf("%s with the key %.20q: %d", rt.Operation, wrong, w.Code)
		}
	}
	for _, id := range hostileIDs {
		for _, body := range hostileJSON {
			h.send(rt, at(id), "", body, plain, key)
		}
	}
	for _, body := range hostileJSON {
		h.send(rt, own, "", body, plain, key)
	}
	for _, query := range hostileQueries {
		h.send(rt, own, query, "", "", key)
	}
	h.send(rt, own, "", strings.Repeat("a", 2<<20), plain, key)
	h.send(rt, own, "", `{"name":"`+strings.Repeat("a", 2<<20)+`"}`, plain, key)
	for _, kind := range []string{"", "text/xml", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x", ";;"} {
		for _, body := range []string{"name=x", `{"name":"x"}`, "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--x--", "--x\r\n"} {
			h.send(rt, own, "", body, kind, key)
		}
	}
	if rt.Method == http.MethodGet || rt.Method == http.MethodDelete {
		return 0
	}
	for _, name := range names {
		w := h.send(rt, own, "", `{"`+name+`":[[]]}`, plain, key)
		answer := w.Body.String()
		if w.Code < 400 || strings.Contains(answer, "form_param_unknown") || !strings.Contains(answer, `"`+name+`"`) {
			continue // not a member of this operation
		}
		taken++
		for _, value := range hostileValues {
			h.send(rt, own, "", `{"`+name+`":`+value+`}`, plain, key)
		}
	}
	return taken
}

// FuzzOperations sends anything to any operation of both APIs.
func FuzzOperations(f *testing.F) {
	var routes []*operation
	for _, table := range [][]operation{frontendRoutes, backendRoutes} {
		for i := range table {
			if table[i].Handler != nil {
				routes = append(routes, &table[i])
			}
		}
	}
	for i := range routes {
		f.Add(uint16(i), "user_1", "limit=1&order_by=-created_at", `{"name":"x"}`)
		f.Add(uint16(i), "org_1", "", "strategy=password&identifier=a@example.com")
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
		r.Method = rt.Method
		r.URL.Path = placeholder.ReplaceAllLiteralString(rt.Pattern, id)
		r.URL.RawPath = placeholder.ReplaceAllLiteralString(rt.Pattern, url.PathEscape(id))
		r.URL.RawQuery = query
		r.Header.Set("Content-Type", "application/json")
		if n%2 == 0 {
			r.Header.Set("Authorization", "Bearer "+e.SecretKey())
		} else {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.URL.RawQuery += "&" + wire.ParamDevBrowser + "=" + s.devBrowser + "&" + sessions.ParamSession + "=" + s.ID
		}
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		if w.Code >= 500 && w.Code != http.StatusNotImplemented || w.Code < 200 {
			t.Errorf("%s %s: %d %.300s", r.Method, r.URL, w.Code, w.Body)
		}
	})
}
