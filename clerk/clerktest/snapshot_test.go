package clerktest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// wantRestorable takes a snapshot, restores it elsewhere and compares all that is
// there, indexes included.
func wantRestorable(t *testing.T, em *clerktest.Emulator, cfg clerktest.Config) {
	t.Helper()
	other, err := clerktest.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	saved := em.Snapshot()
	if err := other.Restore(saved); err != nil {
		t.Fatalf("what the test left cannot be restored: %v", err)
	}
	for _, d := range clerktest.StateDiff(em, other) {
		t.Error("after a snapshot:", d)
	}
}

// A second instance goes on where the first was saved: cookies, tokens, tickets,
// codes, sign-ins under way, rotated keys, clock.
func TestSnapshot(t *testing.T) {
	cfg := clerktest.Config{FrontendAPI: "saved.clerk.accounts.dev", SecretKey: "sk_test_emulatorSaved"}
	em := newEmulator(t, cfg)
	em.AddRole("org:billing", "org:invoices:read")
	alice := em.AddUser(clerktest.User{Email: "alice@example.com", Password: password, PublicMetadata: map[string]any{"n": 9007199254740993}})
	sess := em.SignIn(alice, clerktest.WithOrg("acme", "org:billing"), clerktest.WithClaims(map[string]any{"big": 9007199254740993}))
	old := sess.Token()
	kid := em.RotateKeys(clerktest.KeepOld)
	em.Advance(90 * time.Minute)
	f := newFAPI(t, em)
	in := f.ok("POST /client/sign_ins", "identifier", "alice@example.com", "strategy", "email_code")
	ticket := em.SignInToken(alice)
	saved := em.Snapshot()
	if !bytes.Contains(saved, []byte(`"version":1`)) || bytes.Contains(saved, []byte(password)) {
		t.Error("no version, or a password in clear")
	}

	// What happens afterwards is undone.
	em.AddUser(clerktest.User{Email: "later@example.com"})
	sess.Revoke()
	em.RotateKeys()
	if err := em.SetSettings(clerktest.Settings{Username: "on"}); err != nil {
		t.Fatal(err)
	}
	again := newEmulator(t, cfg)
	for name, e := range map[string]*clerktest.Emulator{"here": em, "elsewhere": again} {
		if err := e.Restore(saved); err != nil {
			t.Fatal(err)
		}
		want(t, name+": key", e.KeyID(), kid)
		want(t, name+": username", e.Settings().Username, "off")
		if published := jwks(t, e, "/.well-known/jwks.json"); len(published) != 2 {
			t.Errorf("%s: %d keys", name, len(published))
		}
		if d := time.Until(e.Now()); d < 89*time.Minute || d > 91*time.Minute {
			t.Errorf("%s: the clock is off by %v", name, d)
		}
		resp, body := get(t, e, "/v1/users?email_address=later@example.com", bearer(e.SecretKey()))
		if resp.StatusCode != 200 || body != "[]" {
			t.Errorf("%s: the later user: %d %s", name, resp.StatusCode, body)
		}
		_, body = get(t, e, "/v1/sessions/"+sess.ID, bearer(e.SecretKey()))
		want(t, name+": session", decode[object](t, body).str("status"), "active")
	}
	header, _, input, sig := split(t, old)
	if err := verify(jwks(t, again, "/.well-known/jwks.json")[header["kid"].(string)], input, sig); err != nil {
		t.Errorf("the old token: %v", err)
	}
	// The sign-in goes on with the code that was sent before, in a browser that
	// knows nothing of the change.
	f.em = again
	code := f.code("alice@example.com")
	f.browser.em = again
	done := f.ok("POST /client/sign_ins/"+in.str("id")+"/attempt_first_factor", "strategy", "email_code", "code", code)
	want(t, "sign-in", done.str("status"), "complete")
	f.session = done.str("created_session_id")
	token := f.ok("POST /client/sessions/" + f.session + "/tokens").str("jwt")
	want(t, "issuer", claimsOf(t, token).Subject(), alice.ID)
	g := newFAPI(t, again)
	want(t, "ticket", g.ok("POST /client/sign_ins", "strategy", "ticket", "ticket", ticket).str("status"), "complete")
	g = newFAPI(t, again)
	g.signIn("alice@example.com", password)
	// Custom claims keep their digits.
	resp, body := do(t, again, "POST", "/v1/sessions/"+sess.ID+"/refresh", bearer(again.SecretKey()), "{}")
	wantError(t, resp, body, 400, "form_param_missing")
}

func TestSnapshotClaims(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	sess := em.SignIn(em.AddUser(clerktest.User{}), clerktest.WithClaims(map[string]any{"big": 9007199254740993, "f": 1.5, "l": []any{1, "x", nil}}))
	if err := em.Restore(em.Snapshot()); err != nil {
		t.Fatal(err)
	}
	_, payload, _, _ := split(t, sess.Token())
	for _, part := range []string{`"big":9007199254740993`, `"f":1.5`, `"l":[1,"x",null]`} {
		if !strings.Contains(payload, part) {
			t.Errorf("%s lacks %s", payload, part)
		}
	}
}

// Where ids repeat, they go on from the snapshot; where they are random, nothing
// new can have the name of something that was undone.
func TestSnapshotIDs(t *testing.T) {
	for _, deterministic := range []bool{true, false} {
		em := newEmulator(t, clerktest.Config{Deterministic: deterministic})
		saved := em.Snapshot()
		first := em.AddUser(clerktest.User{}).ID
		if err := em.Restore(saved); err != nil {
			t.Fatal(err)
		}
		if second := em.AddUser(clerktest.User{}).ID; (first == second) != deterministic {
			t.Errorf("deterministic %v: %s, then %s", deterministic, first, second)
		}
	}
}

func TestReset(t *testing.T) {
	for _, deterministic := range []bool{true, false} {
		em := newEmulator(t, clerktest.Config{Deterministic: deterministic})
		if err := em.Load(clerktest.Seed{
			Roles:         []clerktest.SeedRole{{Key: "org:billing"}},
			Users:         []clerktest.User{{Email: "a@example.com", Password: password}, {Username: "bob"}},
			Organizations: []clerktest.SeedOrganization{{Organization: clerktest.Organization{Name: "Acme"}, Members: []clerktest.SeedMember{{User: "bob", Role: "org:billing"}}}},
		}); err != nil {
			t.Fatal(err)
		}
		kid, list := em.KeyID(), bearer(em.SecretKey())
		_, users := get(t, em, "/v1/users", list)
		em.AddUser(clerktest.User{})
		em.SignIn(clerktest.User{Email: "a@example.com"})
		em.RotateKeys()
		em.Advance(time.Hour)
		em.Fault(clerktest.Fault{Status: 500})
		em.Reset()
		if len(em.Requests()) != 0 || em.KeyID() != kid || em.Now().After(time.Now().Add(time.Minute)) {
			t.Error("log, key or clock are not as they were")
		}
		_, again := get(t, em, "/v1/users", list)
		ids := regexp.MustCompile(`"(user|idn)_\w+"`)
		before, after := ids.FindAllString(users, -1), ids.FindAllString(again, -1)
		if len(before) == 0 || len(before) != len(after) {
			t.Fatalf("before %q, after %q", before, after)
		}
		for i, id := range before {
			if id != after[i] && (deterministic || strings.HasPrefix(id, `"user_`)) {
				t.Errorf("deterministic %v: %s is now %s", deterministic, id, after[i])
			}
		}
		newFAPI(t, em).signIn("a@example.com", password)
		em.Reset()
	}
}

// goodSnapshot is of an instance with a bit of everything.
func goodSnapshot(t testing.TB) []byte {
	t.Helper()
	em, err := clerktest.New(clerktest.Config{
		Deterministic: true, Now: clockAt(1_800_000_000), Settings: clerktest.Settings{OrganizationDomains: true, SignUpMode: "waitlist"},
	})
	if err != nil {
		t.Fatal(err)
	}
	alice := em.AddUser(clerktest.User{ID: "user_alice", Email: "alice@example.com", Username: "alice", Password: password})
	em.AddUser(clerktest.User{ID: "user_bob", Email: "bob@example.com"})
	em.SignIn(alice, clerktest.WithOrg("org_acme", "org:admin"), clerktest.WithActor("user_bob"))
	em.AddRole("org:billing", "org:invoices:read")
	em.AddJWTTemplate(clerktest.JWTTemplate{Name: "hasura"})
	em.SignInToken(alice)
	m := em.AddMachine(clerktest.Machine{ID: "mch_billing"})
	em.M2MToken(m, clerktest.MachineToken{Claims: map[string]any{"a": 1}})
	em.APIKey(alice.ID, clerktest.MachineToken{Scopes: []string{"read"}})
	em.OAuthToken(alice, clerktest.MachineToken{})
	f := newFAPI(t, em)
	f.signIn("alice@example.com", password)
	f.ok("POST /organizations/org_acme/invitations", "email_address", "carol@example.com", "role", "org:member")
	f.ok("POST /organizations/org_acme/domains", "name", "acme.example")
	newFAPI(t, em).ok("POST /waitlist", "email_address", "dave@example.com")
	get(t, em, "/v1/client/handshake?format=nonce&redirect_url=http://localhost:3000/", nil)
	do(t, em, "POST", "/v1/agents/tasks", bearer(em.SecretKey()), `{"on_behalf_of":{"user_id":"user_alice"},"permissions":"*","agent_name":"a","task_description":"b","redirect_url":"http://localhost:3000/"}`)
	if err := em.SetSettings(clerktest.Settings{OrganizationDomains: true}); err != nil {
		t.Fatal(err)
	}
	g := newFAPI(t, em)
	g.ok("POST /client/sign_ups", "email_address", "new@example.com", "password", password)
	g.ok("POST /client/sign_ins", "strategy", "oauth_google", "redirect_url", callback, "action_complete_redirect_url", "http://localhost:3000/")
	if empty := clerktest.EmptyTables(em); len(empty) > 10 { // of some forty
		t.Fatalf("much is not tried: %q", empty)
	}
	return em.Snapshot()
}

func TestHostileSnapshots(t *testing.T) {
	good := string(goodSnapshot(t))
	replace := func(old, with string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("a snapshot holds no %s", old)
		}
		return strings.ReplaceAll(good, old, with)
	}
	weak, err := json.Marshal(base64.StdEncoding.EncodeToString([]byte("no key")))
	if err != nil {
		t.Fatal(err)
	}
	keys := regexp.MustCompile(`"keys":\[[^\]]*\]`)
	em := newEmulator(t, clerktest.Config{})
	em.AddUser(clerktest.User{ID: "user_stays"})
	before := em.Snapshot()
	for name, c := range map[string]struct{ data, problem string }{
		"nothing":                {"", "ends too early"},
		"no JSON":                {"hello", "is not JSON"},
		"a list":                 {"[]", `is a JSON array`},
		"another file":           {`{"users":[]}`, "is not a snapshot"},
		"cut":                    {good[:len(good)-20], "ends too early"},
		"a later version":        {replace(`"version":1`, `"version":2`), "version 2"},
		"an unknown field":       {replace(`"tables":{`, `"tables":{"Wishes":{},`), `the field \"Wishes\"`},
		"a wrong type":           {replace(`"Users":{`, `"Users":[],"x":{`), "JSON array"},
		"no tables":              {`{"format":"clerk-emulator-snapshot","version":1,"tables":null}`, "tables is null"},
		"another instance":       {replace(`"instance":"development"`, `"instance":"production"`), "production"},
		"no keys":                {keys.ReplaceAllString(good, `"keys":[]`), "0 keys"},
		"many keys":              {keys.ReplaceAllString(good, `"keys":["`+strings.Repeat(`","`, 64)+`"]`), "65 keys"},
		"a bad key":              {keys.ReplaceAllString(good, `"keys":[`+string(weak)+`]`), "keys[0] is not a private key"},
		"a long key":             {keys.ReplaceAllString(good, `"keys":["`+strings.Repeat("AAAA", 3000)+`"]`), "keys[0] is too long"},
		"time that goes back":    {replace(`"clock_offset":0`, `"clock_offset":-1`), "clock_offset"},
		"a bad time":             {replace(`"At":"2027-`, `"At":"x2027-`), "none of its type"},
		"a null record":          {replace(`"Users":{`, `"Users":{"user_x":null,`), "Users: a record is null"},
		"an id that is not it":   {replace(`"id":"user_bob"`, `"id":"user_carl"`), "is not its id"},
		"an id with markup":      {replace(`user_bob"`, `user_<b>"`), "is not its id"},
		"a member of nothing":    {replace(`"org_acme":{`, `"org_other":{`), "an organization that is not there"},
		"a member who is gone":   {replace(`"Key":"org_acme/user_alice"`, `"Key":"org_acme/user_carl"`), "Memberships"},
		"a role that is gone":    {replace(`"Role":"org:admin"`, `"Role":"org:none"`), "a role that is not there"},
		"one address of two":     {replace(`bob@example.com`, `alice@example.com`), "have one e-mail address"},
		"an address of another":  {replace(`"email_address":"bob@example.com"`, `"email_address":"alice@example.com"`), "primary address"},
		"metadata":               {replace(`"Public":{}`, `"Public":[]`), "metadata"},
		"a status":               {replace(`"Status":"active"`, `"Status":"happy"`), "status that does not exist"},
		"a setting":              {replace(`"sign_up_mode":"public"`, `"sign_up_mode":"any"`), "SignUpMode"},
		"a link elsewhere":       {replace(`"Host":"localhost:3000"`, `"Host":"evil.example.com"`), "not among the emulator's origins"},
		"a client without token": {regexp.MustCompile(`"Token":"[A-Za-z0-9]{48}"`).ReplaceAllString(good, `"Token":""`), "no token"},
		"more than one":          {good + "{}", "is not JSON"},
		"depth":                  {strings.Repeat("[", 100_000), "is not JSON"},
	} {
		err := em.Restore([]byte(c.data))
		if err == nil || !strings.Contains(err.Error(), strings.ReplaceAll(c.problem, `\"`, `"`)) || len(err.Error()) > 300 {
			t.Errorf("%s: %v, want one about %q", name, err, c.problem)
		}
	}
	if after := em.Snapshot(); !bytes.Equal(before, after) {
		t.Error("a refused snapshot changed something")
	}
	production := newEmulator(t, clerktest.Config{Instance: clerk.Production})
	if err := production.Restore([]byte(good)); err == nil {
		t.Error("a development instance's snapshot in production")
	}
}

// nodes lists the places of a JSON value, each as a function that puts something
// else there and one that puts back what was.
func nodes(v any) (all []func(any) (undo func())) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if key == "keys" || key == "random" { // slow to judge, and strings alone
				continue
			}
			all = append(all, func(with any) func() {
				was := v[key]
				v[key] = with
				return func() { v[key] = was }
			})
			all = append(all, nodes(v[key])...)
		}
	case []any:
		for i := range v {
			all = append(all, func(with any) func() {
				was := v[i]
				v[i] = with
				return func() { v[i] = was }
			})
			all = append(all, nodes(v[i])...)
		}
	}
	return all
}

// placeholders of paths by what the good snapshot holds.
var placeholders = strings.NewReplacer(
	"{user_id}", "user_alice", "{organization_id}", "org_acme", "{machine_id}", "mch_billing", "{name}", "hasura", "{provider}", "google", "{", "", "}", "",
)

// Whatever is restored can be used and saved again. The snapshots are good ones
// with one value exchanged for another.
func FuzzRestore(f *testing.F) {
	f.Setenv("CLERKKIT_RECORD_DIR", "") // what a forged snapshot makes an emulator answer need not be as Clerk describes it
	var tree any
	d := json.NewDecoder(bytes.NewReader(goodSnapshot(f)))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		f.Fatal(err)
	}
	all := nodes(tree)
	with := []string{`null`, `{}`, `[]`, `""`, `0`, `"x"`, `[null]`, `{"x":null}`, `-1`, `"user_bob"`, `true`}
	for i := 0; i < len(all); i += 7 {
		f.Add(uint(i), with[i%len(with)])
	}
	em, err := clerktest.New(clerktest.Config{Deterministic: true, Now: clockAt(1_800_000_000)})
	if err != nil {
		f.Fatal(err)
	}
	var paths []string
	for _, pattern := range clerktest.Reads() {
		paths = append(paths, placeholders.Replace(pattern))
	}
	f.Fuzz(func(t *testing.T, where uint, with string) {
		var v any
		if json.Unmarshal([]byte(with), &v) != nil {
			return
		}
		undo := all[where%uint(len(all))](v)
		data, err := json.Marshal(tree)
		undo()
		if err != nil {
			t.Fatal(err)
		}
		if err := em.Restore(data); err != nil {
			if len(err.Error()) > 1000 {
				t.Errorf("a long error: %d bytes", len(err.Error()))
			}
			return
		}
		saved := em.Snapshot()
		for _, path := range paths {
			if resp, body := get(t, em, path, bearer(em.SecretKey())); resp.StatusCode == http.StatusInternalServerError {
				t.Errorf("%s: %s", path, body)
			}
		}
		readSignedIn(t, em, paths)
		if err := em.Restore(saved); err != nil {
			t.Errorf("what was restored cannot be restored again: %v", err)
		}
	})
}

// Saving, restoring and resetting go on beside requests and each other.
func TestSnapshotWhileRunning(t *testing.T) {
	em, err := clerktest.New(multiSession) // without a test: Fatal is for the test's own goroutine
	if err != nil {
		t.Fatal(err)
	}
	if err := em.Load(clerktest.Seed{Users: []clerktest.User{{ID: "user_alice", Email: "alice@example.com", Password: password}}}); err != nil {
		t.Fatal(err)
	}
	saved := em.Snapshot()
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() { t.Run(fmt.Sprint("browser", i), func(t *testing.T) { browseWhileRestoring(t, em) }) })
	}
	wg.Go(func() {
		for range 15 {
			if err := em.Restore(saved); err != nil {
				t.Error(err)
			}
			em.Advance(time.Second)
			em.Reset()
			if err := em.Restore(em.Snapshot()); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	em.Reset()
	newFAPI(t, em).signIn("alice@example.com", password)
}

// browseWhileRestoring signs in and reads, which may be refused where the browser
// or the user is not there any more, but must not fail.
func browseWhileRestoring(t *testing.T, em *clerktest.Emulator) {
	for range 15 {
		f := newFAPI(t, em)
		resp, body := f.do("POST /client/sign_ins", "identifier", "alice@example.com", "password", password)
		if resp.StatusCode >= 500 {
			t.Errorf("sign-in: %d %s", resp.StatusCode, body)
		}
		if resp, body = f.do("GET /client"); resp.StatusCode >= 500 {
			t.Errorf("client: %d %s", resp.StatusCode, body)
		}
		// The Backend API and the inspector need nothing that a reset takes away.
		for _, path := range []string{"/v1/users", "/v1/sessions?user_id=user_alice", "/_emulator/", "/_emulator/state"} {
			ok(t, em, path)
		}
	}
}

// readSignedIn signs in, as far as the instance lets anybody, and reads what a
// user's browser can.
func readSignedIn(t *testing.T, em *clerktest.Emulator, paths []string) {
	t.Helper()
	b := newBrowser(t, em)
	resp, _ := b.post("/sign-in", url.Values{"user_id": {"user_alice"}})
	if resp.StatusCode != http.StatusSeeOther {
		return
	}
	query := url.Values{"__clerk_db_jwt": {location(t, resp).Query().Get("__clerk_db_jwt")}}
	_, body := b.get("/v1/client?" + query.Encode())
	query.Set("_clerk_session_id", regexp.MustCompile(`sess_\w+`).FindString(body))
	for _, path := range paths {
		if resp, body := b.get(path + "?" + query.Encode()); resp.StatusCode == http.StatusInternalServerError {
			t.Errorf("%s, signed in: %s", path, body)
		}
	}
}
