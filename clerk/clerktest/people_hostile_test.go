package clerktest

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// peopleGroups are the beginnings of the paths about people.
var peopleGroups = []string{
	"users", "email_addresses", "phone_numbers", "sessions", "clients", "invitations", "allowlist_identifiers", "blocklist_identifiers",
	"actor_tokens", "sign_in_tokens", "testing_tokens", "sign_ups", "waitlist_entries",
}

// peopleMembers are the members of bodies about people.
var peopleMembers = []string{
	"email_address", "email_address_identification_status", "phone_number", "phone_number_identification_status", "web3_wallet", "username",
	"password", "password_digest", "password_hasher", "totp_secret", "backup_codes", "external_id", "first_name", "locale", "created_at",
	"legal_accepted_at", "create_organizations_limit", "delete_self_enabled", "public_metadata", "private_metadata", "unsafe_metadata",
	"primary_email_address_id", "primary_phone_number_id", "primary_web3_wallet_id", "profile_image_id", "user_ids", "user_id", "org_id",
	"active_organization_id", "expires_in_seconds", "session_max_duration_in_seconds", "actor", "identifier", "notify", "redirect_url",
	"expires_in_days", "template_slug", "ignore_existing", "code", "verification_id", "token", "custom_action", "verified", "primary",
	"reserved_for_second_factor", "identification_status", "revoke_all_sessions", "sign_out_of_other_sessions", "banned", "locked",
}

// Nonsense to every operation about people gets an answer, or Clerk's error
// envelope, never a panic or a 500, and leaves tables and indexes that agree.
func TestHostileCallsAboutPeople(t *testing.T) {
	e, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	secret := e.SecretKey()
	send := func(rt *operation, id, kind, body string) {
		path := placeholder.ReplaceAllString(rt.Pattern, url.PathEscape(id))
		query := url.QueryEscape(id)
		r := httptest.NewRequest(rt.Method, "http://localhost"+path+"?query="+query+"&user_id="+query+"&status="+query, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+secret)
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		if w.Code >= 500 && w.Code != 501 {
			t.Errorf("%s with %.60q: %d %.300s", rt.Operation, body, w.Code, w.Body)
		}
		var envelope wire.ErrorEnvelope
		if w.Code >= 400 && (json.Unmarshal(w.Body.Bytes(), &envelope) != nil || len(envelope.Errors) != 1 || envelope.Errors[0].Code == "") {
			t.Errorf("%s: %d without an error envelope: %.300s", rt.Operation, w.Code, w.Body)
		}
		if w.Code >= 400 && strings.Contains(w.Body.String(), secret) {
			t.Errorf("%s repeats the secret key", rt.Operation)
		}
	}
	covered := 0
	for i := range backendRoutes {
		rt := &backendRoutes[i]
		if rt.Handler == nil || !slices.Contains(peopleGroups, strings.Split(rt.Pattern, "/")[2]) {
			continue
		}
		covered++
		ids := peopleIDs(t, e)
		right := ids["user_id"]
		if open := strings.IndexByte(rt.Pattern, '{'); open > 0 {
			name, _, _ := strings.Cut(rt.Pattern[open+1:], "}")
			right = ids[name]
		}
		for _, id := range []string{right, ids["user_id"], "x", "\x00<>", strings.Repeat("9", 3000)} {
			send(rt, id, "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=file\r\n\r\n\x89PNG\r\n--x--")
			send(rt, id, "text/plain; ;", "\xff\xfe")
		}
		for _, body := range hostileJSON {
			value, every := strings.CutPrefix(body, "every ")
			if !every {
				send(rt, right, "application/json", body)
				continue
			}
			for _, name := range peopleMembers {
				if rt.Method != "GET" && rt.Method != "DELETE" {
					send(rt, right, "application/json", `{"`+name+`":`+value+`}`)
				}
			}
		}
	}
	if covered < 70 {
		t.Errorf("only %d operations", covered)
	}
	again, err := state.Index(&stateOf(e).Tables)
	if err != nil {
		t.Fatal(err)
	}
	now := stateOf(e).Indexes
	for _, users := range [][]*state.User{again.UserOrder, now.UserOrder} {
		if len(users) != len(stateOf(e).Users) || !slices.IsSortedFunc(users, state.ByCreation) {
			t.Errorf("%d of %d users are in order", len(users), len(stateOf(e).Users))
		}
	}
	for name, maps := range map[string][2]map[string]string{
		"emails": {again.Emails, now.Emails}, "phones": {again.Phones, now.Phones}, "usernames": {again.Usernames, now.Usernames},
		"accounts": {again.Accounts, now.Accounts}, "externalIDs": {again.ExternalIDs, now.ExternalIDs},
	} {
		if !reflect.DeepEqual(maps[0], maps[1]) {
			t.Errorf("%s: the index is %v, and should be %v", name, maps[1], maps[0])
		}
	}
	if err := stateOf(e).Tables.Check(); err != nil {
		t.Error(err)
	}
}

// peopleIDs makes one record of each kind, and returns the ids by the names of
// placeholders.
func peopleIDs(t *testing.T, e *Emulator) map[string]string {
	t.Helper()
	s := e.server.Store
	u, err := s.AddUser(state.UserSeed{Email: strings.ToLower(e.server.IDs.Random(12)) + "@example.com", Phone: "+1201" + e.server.IDs.From("0123456789", 7), Password: "correct horse"})
	if err != nil {
		t.Fatal(err)
	}
	rec, err := s.SignIn(state.SignIn{UserID: u.ID})
	if err != nil {
		t.Fatal(err)
	}
	sit, err := e.strategies.NewTicket(state.Ticket{Kind: state.TicketSignIn, UserID: u.ID}, state.TicketLifetime)
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.JoinWaitlist(strings.ToLower(e.server.IDs.Random(12))+"@example.com", true)
	if err != nil {
		t.Fatal(err)
	}
	return state.With(s, func(tx *state.Tx) map[string]string {
		made, err := e.people.InviteAll(tx, []state.ApplicationInvitation{{Invitation: state.Invitation{Email: strings.ToLower(e.server.IDs.Random(12)) + "@example.com"}}})
		if err != nil {
			t.Fatal(err)
		}
		return map[string]string{
			"user_id": u.ID, "email_address_id": u.EmailID, "phone_number_id": u.PhoneID, "session_id": rec.ID, "client_id": rec.ClientID,
			"sign_in_token_id": sit.ID, "waitlist_entry_id": w.ID, "invitation_id": made[0].ID, "actor_token_id": "x", "identifier_id": "x", "id": "x",
		}
	})
}
