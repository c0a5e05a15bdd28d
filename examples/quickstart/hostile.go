package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// attack is a request that must be refused.
type attack struct {
	name   string
	token  string // sent as Bearer; "" sends none
	query  string // sent in the URL instead
	status int
	reason clerk.Reason
}

// hostile sends tokens that must be refused, each for its own reason.
func (w *walker) hostile() {
	w.title("Tokens that must be refused")
	attacks, err := w.attacks()
	if err != nil {
		w.fail(err)
		return
	}
	for _, a := range attacks {
		w.try(a)
	}
	w.removedKey()

	w.title("A token with an unknown key while the Backend API is down")
	em := w.world.em
	undo := em.Fault(clerktest.Fault{Path: "/v1/jwks", Status: http.StatusServiceUnavailable})
	em.Advance(2 * time.Hour)
	w.try(attack{name: "keys unavailable: not a sign-out", token: w.session().Token(),
		status: http.StatusServiceUnavailable, reason: clerk.ReasonJWKRemoteFailedToLoad})
	undo()
	em.Advance(2 * time.Hour)
	w.accept("the endpoint is back, the token is good")
}

func (w *walker) session(opts ...clerktest.SignInOption) *clerktest.Session {
	return w.world.em.SignIn(w.mallory(), opts...)
}

// mallory is an ordinary user. Only the tokens are wrong.
func (w *walker) mallory() clerktest.User {
	w.users++
	return w.world.em.AddUser(clerktest.User{Email: fmt.Sprintf("mallory%d@example.com", w.users)})
}

func (w *walker) attacks() ([]attack, error) {
	em := w.world.em
	foreign, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	sess := w.session()
	now := em.Now().Unix()
	// with signs the claims of a valid token with some of them changed; nil drops a claim.
	with := func(header map[string]any, changes map[string]any) string {
		claims := sess.Claims()
		maps.Copy(claims, changes)
		maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
		return em.Sign(header, claims)
	}
	good, err := json.Marshal(sess.Claims())
	if err != nil {
		return nil, err
	}
	const unauthorized = http.StatusUnauthorized
	return []attack{
		{"no token", "", "", unauthorized, clerk.ReasonDevBrowserMissing},
		{"garbage", "garbage", "", unauthorized, clerk.ReasonTokenInvalid},
		{"three dots of nothing", "...", "", unauthorized, clerk.ReasonTokenInvalid},
		{"two dots of nothing", "..", "", unauthorized, clerk.ReasonTokenInvalid},
		{"a megabyte of dots", strings.Repeat(".", 1_000_000), "", unauthorized, clerk.ReasonTokenTooLarge},
		{"alg none", em.SignWith(nil, map[string]any{"alg": "none"}, sess.Claims()), "", unauthorized, clerk.ReasonTokenInvalidAlgorithm},
		{"HS256 with the public key as secret", em.SignWith([]byte(em.JWTKey()), map[string]any{"alg": "HS256"}, sess.Claims()), "", unauthorized, clerk.ReasonTokenInvalidAlgorithm},
		{"RS512", em.SignWith(foreign, map[string]any{"alg": "RS512"}, sess.Claims()), "", unauthorized, clerk.ReasonTokenInvalidAlgorithm},
		{"a key id that does not exist", em.Sign(map[string]any{"kid": "ins_nobody"}, sess.Claims()), "", unauthorized, clerk.ReasonJWKKidMismatch},
		{"a foreign key with the right key id", em.SignWith(foreign, nil, sess.Claims()), "", unauthorized, clerk.ReasonTokenInvalidSignature},
		{"expired", with(nil, map[string]any{"exp": now - 30}), "", unauthorized, clerk.ReasonSessionTokenExpired},
		{"not valid yet", with(nil, map[string]any{"nbf": now + 30}), "", unauthorized, clerk.ReasonSessionTokenNBF},
		{"issued in the future", with(nil, map[string]any{"iat": now + 30}), "", unauthorized, clerk.ReasonSessionTokenIATInTheFuture},
		{"issued to another origin (azp)", sess.Token(clerktest.WithOrigin("https://evil.example")), "", unauthorized, clerk.ReasonTokenInvalidAuthorizedParties},
		{"issued to no origin (no azp)", with(nil, map[string]any{"azp": nil}), "", unauthorized, clerk.ReasonTokenInvalidAuthorizedParties},
		{"a foreign issuer", with(nil, map[string]any{"iss": "https://clerk.evil.example"}), "", unauthorized, clerk.ReasonTokenInvalidIssuer},
		{"a pending session", w.session(clerktest.WithPending("choose-organization")).Token(), "", unauthorized, clerk.ReasonSessionPending},
		{"a machine token (sub mch_…)", with(map[string]any{"cat": clerktest.CategoryM2M}, map[string]any{"sub": "mch_1"}), "", unauthorized, clerk.ReasonTokenTypeMismatch},
		{"an OAuth access token (typ at+jwt)", with(map[string]any{"typ": "at+jwt"}, nil), "", unauthorized, clerk.ReasonTokenTypeMismatch},
		{"a JWT-template token", with(map[string]any{"cat": clerktest.CategoryTemplate}, nil), "", unauthorized, clerk.ReasonTokenTypeMismatch},
		{"a handshake token as session", em.Sign(nil, map[string]any{"handshake": []string{}, "iat": now, "exp": now + 60}), "", unauthorized, clerk.ReasonTokenVerificationFailed},
		{"sub is a number", with(nil, map[string]any{"sub": 5}), "", unauthorized, clerk.ReasonTokenVerificationFailed},
		{"exp is a string", with(nil, map[string]any{"exp": "never"}), "", unauthorized, clerk.ReasonTokenVerificationFailed},
		{"the organization is a list", with(nil, map[string]any{"o": []string{"org_1"}}), "", unauthorized, clerk.ReasonTokenVerificationFailed},
		{"sub twice", em.Sign(nil, []byte(`{"sub":"user_admin",`+string(good[1:]))), "", unauthorized, clerk.ReasonTokenVerificationFailed},
		{"a good token, in the query string", "", sess.Token(), unauthorized, clerk.ReasonDevBrowserMissing},
	}, nil
}

// removedKey shows that a token is refused if the instance no longer publishes its key,
// although the token is otherwise valid.
func (w *walker) removedKey() {
	em := w.world.em
	token := w.session().Token(clerktest.WithLifetime(time.Hour))
	w.try(attack{name: "(a good token, to begin with)", token: token, status: http.StatusOK})
	em.RotateKeys()
	em.Advance(11 * time.Minute)
	w.try(attack{name: "signed with a key removed since", token: token, status: http.StatusUnauthorized, reason: clerk.ReasonJWKKidMismatch})
}

func (w *walker) accept(name string) {
	w.try(attack{name: name, token: w.session().Token(), status: http.StatusOK})
}

// try sends a token like an API client, without cookies, and prints the response.
func (w *walker) try(a attack) {
	target := w.world.origin + "/api/me"
	if a.query != "" {
		target += "?__session=" + a.query + "&token=" + a.query + "&access_token=" + a.query
	}
	ctx, cancel := context.WithTimeout(w.ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		w.fail(err)
		return
	}
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	start := time.Now()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.fail(err)
		return
	}
	defer res.Body.Close() //nolint:errcheck // read to its end or not needed
	took := time.Since(start)
	var body struct {
		Errors []struct {
			Code   string       `json:"code"`
			Reason clerk.Reason `json:"reason"`
		} `json:"errors"`
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		w.fail(err)
		return
	}
	var reason clerk.Reason
	if json.Unmarshal(text, &body) == nil && len(body.Errors) == 1 {
		reason = body.Errors[0].Reason
	}
	ok := res.StatusCode == a.status && (reason == a.reason || a.reason != "" && reason.Is(a.reason))
	w.check(fmt.Sprintf("%-38s %d %-8s %s%s", a.name, res.StatusCode, took.Round(10*time.Microsecond), reason, w.because(a.token)), ok)
}

// because returns the verifier's error for a token.
func (w *walker) because(token string) string {
	if token == "" {
		return ""
	}
	_, err := w.world.app.auth.VerifyToken(w.ctx, token)
	if err == nil {
		return ""
	}
	text := err.Error()
	if i := strings.LastIndex(text, ": "); i >= 0 {
		text = text[i+2:]
	}
	return " (" + text + ")"
}
