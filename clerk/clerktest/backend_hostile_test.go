package clerktest

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// hostileJSON are bodies that no SDK sends.
var hostileJSON = []string{
	"", "null", "[]", "0", `"x"`, "{", `{"a":1} {}`, `{"unknown":1}`, "\x00\xff", strings.Repeat(`{"a":`, 2000), strings.Repeat("a", maxBody+1),
	everyMember(`null`), everyMember(`""`), everyMember(`"\u0000<script>"`), everyMember(`-1`), everyMember(`1e308`), everyMember(`true`),
	everyMember(`[]`), everyMember(`{}`), everyMember(`["x",""]`), everyMember(`"` + strings.Repeat("9", 5000) + `"`),
}

// members are those of all operations about machines.
var members = []string{
	"name", "default_token_ttl", "scoped_machines", "previous_token_ttl", "to_machine_id", "token", "claims", "seconds_until_expiration",
	"min_remaining_ttl_seconds", "token_format", "revocation_reason", "subject", "scopes", "description", "secret", "type", "created_by",
	"redirect_uris", "callback_url", "public", "pkce_required", "consent_screen_enabled", "access_token", "on_behalf_of", "permissions",
	"agent_name", "task_description", "redirect_url", "session_max_duration_in_seconds", "default_scopes", "oauth_jwt_access_tokens",
}

// everyMember marks a body that has one value for one member at a time: with all
// at once, strict operations would refuse it for the first.
func everyMember(value string) string { return "every " + value }

// Nonsense to every operation about machines gets an answer, or Clerk's error
// envelope, and never a panic or a 500.
func TestHostileBackendCalls(t *testing.T) {
	e, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	u := e.AddUser(User{Email: "a@example.com"})
	m := e.AddMachine(Machine{ID: "mch_1"})
	calls := 0
	send := func(rt *route, id, body, secret string) {
		path := placeholder.ReplaceAllString(rt.pattern, url.PathEscape(id))
		r := httptest.NewRequest(rt.method, "http://localhost"+path+"?subject="+url.QueryEscape(id)+"&limit="+url.QueryEscape(id), strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+secret)
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		calls++
		if w.Code >= 500 {
			t.Errorf("%s with %.60q: %d %.300s", rt.operation, body, w.Code, w.Body)
		}
		var envelope errorEnvelope
		if w.Code >= 400 && (json.Unmarshal(w.Body.Bytes(), &envelope) != nil || len(envelope.Errors) != 1 || envelope.Errors[0].Code == "") {
			t.Errorf("%s: %d without an error envelope: %.300s", rt.operation, w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), secret) && w.Code >= 400 {
			t.Errorf("%s repeats the secret key", rt.operation)
		}
	}
	for i := range backendRoutes {
		rt := &backendRoutes[i]
		group := strings.Split(rt.pattern, "/")[2]
		if rt.handler == nil || !strings.Contains("machines m2m_tokens api_keys oauth_applications agents", group) {
			continue
		}
		for _, id := range []string{"x", "mch_1", u.ID, "\x00<>", strings.Repeat("9", 3000)} {
			for _, body := range hostileJSON {
				value, every := strings.CutPrefix(body, "every ")
				if !every {
					send(rt, id, body, e.SecretKey())
					continue
				}
				for _, name := range members {
					body := `{"` + name + `":` + value + `}`
					send(rt, id, body, e.SecretKey())
					if machineOperation(rt) {
						send(rt, id, body, m.SecretKey)
					}
				}
			}
			if e.store.Machines["mch_1"] == nil {
				e.AddMachine(Machine{ID: "mch_1"})
			}
		}
	}
	if calls < 3000 {
		t.Errorf("only %d calls", calls)
	}
}
