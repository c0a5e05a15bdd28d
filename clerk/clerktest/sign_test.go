package clerktest_test

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestSignRefusals(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	u := em.AddUser(clerktest.User{})
	for what, f := range map[string]func(){
		"a claim of Clerk's": func() { em.SignIn(u, clerktest.WithClaims(map[string]any{"sub": "user_x"})) },
		"version 3":          func() { em.SignIn(u, clerktest.WithVersion(3)) },
		"bad role":           func() { em.SignIn(u, clerktest.WithOrg("org_1", "admin")) },
		"bad organization":   func() { em.SignIn(u, clerktest.WithOrg("a/b", "org:admin")) },
		"no membership":      func() { em.SignIn(u, clerktest.WithOrg("org_2", "")) },
		"nobody":             func() { em.SignIn(clerktest.User{}) },
		"unknown address":    func() { em.SignIn(clerktest.User{Email: "x@example.com"}) },
		"header not JSON":    func() { em.Sign(map[string]any{"x": func() {}}, nil) },
		"claims not JSON":    func() { em.Sign(nil, func() {}) },
		"EdDSA":              func() { em.SignWith([]byte("k"), map[string]any{"alg": "EdDSA"}, nil) },
		"RSA key and HS256":  func() { em.SignWith(weakKey(t), map[string]any{"alg": "HS256"}, nil) },
	} {
		mustPanic(t, what, f)
	}
}

func TestSignAnything(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	claims := map[string]any{"sub": "user_1"}
	key := jwks(t, em, "/v1/jwks")[em.KeyID()]

	header, payload, input, sig := split(t, em.Sign(nil, claims))
	if header["kid"] != em.KeyID() || payload != `{"sub":"user_1"}` || verify(key, input, sig) != nil {
		t.Errorf("plain: %v %s", header, payload)
	}
	header, _, input, sig = split(t, em.Sign(map[string]any{"typ": nil, "alg": "none", "crit": []string{"x"}, "cat": clerktest.CategoryM2M}, claims))
	if _, ok := header["typ"]; ok || header["alg"] != "none" || header["cat"] != "cl_B7d4PD333AAA" || verify(key, input, sig) != nil {
		t.Errorf("header %v", header)
	}
	if _, payload, _, _ = split(t, em.Sign(nil, `{"a":1,"a":`)); payload != `{"a":1,"a":` {
		t.Errorf("raw payload became %q", payload)
	}
	if _, payload, _, _ = split(t, em.Sign(nil, []byte("\x00"))); payload != "\x00" {
		t.Errorf("raw bytes became %q", payload)
	}
	if _, _, _, sig = split(t, em.SignWith(nil, map[string]any{"alg": "none"}, claims)); len(sig) != 0 {
		t.Error("alg none has a signature")
	}
	if _, _, _, sig = split(t, em.SignWith([]byte(em.JWTKey()), map[string]any{"alg": "HS256"}, claims)); len(sig) != 32 {
		t.Errorf("HS256 has %d bytes", len(sig))
	}
	foreign, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	header, _, input, sig = split(t, em.SignWith(foreign, nil, claims))
	if header["kid"] != em.KeyID() || verify(key, input, sig) == nil || verify(&foreign.PublicKey, input, sig) != nil {
		t.Error("the foreign key did not sign under the right kid")
	}
	if header, _, input, sig = split(t, em.SignWith(foreign, map[string]any{"alg": "RS512"}, claims)); header["alg"] != "RS512" || verify(&foreign.PublicKey, input, sig) == nil {
		t.Error("RS512 is RS256")
	}
}

func TestCookies(t *testing.T) {
	for _, instance := range []clerk.InstanceType{clerk.Development, clerk.Production} {
		em := newEmulator(t, clerktest.Config{Instance: instance})
		key, err := clerk.ParsePublishableKey(em.PublishableKey())
		if err != nil {
			t.Fatal(err)
		}
		sess := em.SignIn(em.AddUser(clerktest.User{}))
		cookies := func() map[string]string {
			req, err := http.NewRequest("GET", "http://localhost:3000/", nil)
			if err != nil {
				t.Fatal(err)
			}
			sess.Cookies(req)
			m := map[string]string{}
			for _, c := range req.Cookies() {
				m[c.Name] = c.Value
			}
			for name, value := range m {
				if suffixed, ok := m[key.SuffixedCookie(name)]; ok && suffixed != value {
					t.Errorf("%s and its suffixed twin differ", name)
				}
			}
			return m
		}
		m := cookies()
		if c := claimsOf(t, m[key.SuffixedCookie("__session")]); c.SessionID() != sess.ID {
			t.Error("the session cookie is of another session")
		} else if uat := m["__client_uat"]; uat == "0" || uat > fmt.Sprint(c.IssuedAt().Unix()) {
			t.Errorf("__client_uat %s is after iat %d", uat, c.IssuedAt().Unix())
		}
		if _, ok := m[key.SuffixedCookie("__clerk_db_jwt")]; ok != (instance == clerk.Development) {
			t.Errorf("%s has a dev browser: %v", instance, ok)
		}
		sess.End()
		if m = cookies(); m["__session"] != "" || m["__client_uat"] != "0" || sess.Status() != "ended" {
			t.Errorf("after sign-out the cookies are %v", m)
		}
		sess.Revoke()
		if sess.Status() != "ended" {
			t.Error("a session that is over changed its state")
		}
	}
}

func TestAuthorize(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	sess := em.SignIn(em.AddUser(clerktest.User{}))
	req, err := http.NewRequest("GET", "http://localhost:3000/", nil)
	if err != nil {
		t.Fatal(err)
	}
	sess.Authorize(req, clerktest.WithOrigin(""))
	token, ok := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer ")
	if !ok || claimsOf(t, token).Subject() != sess.UserID || claimsOf(t, token).Has("azp") {
		t.Errorf("Authorization: %s", req.Header.Get("Authorization"))
	}
}
