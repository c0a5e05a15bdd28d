package handshake

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

func answer(t testing.TB, over claims) []string {
	return []string{"__session=" + token(t, over) + "; Path=/; SameSite=Lax", "__client_uat=1749999990; Path=/"}
}

func TestResolveInProduction(t *testing.T) {
	w := production()
	w.backend.nonce = map[string][]string{"n1": answer(t, nil), "out": {"__session=; Path=/", "__client_uat=0; Path=/"}}
	ours := handshakeToken(t, nil, answer(t, nil)...)
	for _, c := range []struct {
		name, cookies string
		status        Status
		reason        clerk.Reason
		set           int
	}{
		{"token", "__clerk_handshake=" + ours, SignedIn, "", 2},
		{"nonce", "__clerk_handshake_nonce=n1", SignedIn, "", 2},
		{"nonce before token", "__clerk_handshake_nonce=out; __clerk_handshake=" + ours, SignedOut, clerk.ReasonSessionTokenMissing, 2},
		{"signed out", "__clerk_handshake=" + handshakeToken(t, nil, "__session=; Path=/"), SignedOut, clerk.ReasonSessionTokenMissing, 1},
		{"spent nonce", "__clerk_handshake_nonce=spent", SignedOut, clerk.ReasonSessionTokenMissing, 0},
		{"wins over cookies", "__clerk_handshake=" + ours + "; " + uatNow + "; __session=" + token(t, claims{"sub": "user_old"}), SignedIn, "", 2},
		// Others' and old answers: the request goes on without them.
		{"foreign key", "__clerk_handshake=" + handshakeToken(t, claims{"key": "other"}, answer(t, nil)...), SignedOut, clerk.ReasonSessionTokenAndUATMissing, 0},
		{"unknown key", "__clerk_handshake=" + handshakeToken(t, claims{"header.kid": "x"}, answer(t, nil)...), SignedOut, clerk.ReasonSessionTokenAndUATMissing, 0},
		{"no token", "__clerk_handshake=garbage", SignedOut, clerk.ReasonSessionTokenAndUATMissing, 0},
		{"template", "__clerk_handshake=" + handshakeToken(t, claims{"header.cat": "cl_B7d4PD222AAA"}, answer(t, nil)...), SignedOut, clerk.ReasonSessionTokenAndUATMissing, 0},
		{"other type", "__clerk_handshake=" + handshakeToken(t, claims{"header.typ": "jwt"}, answer(t, nil)...), SignedOut, clerk.ReasonSessionTokenAndUATMissing, 0},
		{"expired", "__clerk_handshake=" + handshakeToken(t, claims{"exp": now.Unix() - 60}, answer(t, nil)...), SignedOut, clerk.ReasonSessionTokenAndUATMissing, 0},
		{"not yet", "__clerk_handshake=" + handshakeToken(t, claims{"nbf": now.Unix() + 60}, answer(t, nil)...), SignedOut, clerk.ReasonSessionTokenAndUATMissing, 0},
		{"session does not verify", "__clerk_handshake=" + handshakeToken(t, nil, answer(t, claims{"key": "other"})...), SignedOut, clerk.ReasonSessionTokenAndUATMissing, 0},
		{"session of another category", "__clerk_handshake=" + handshakeToken(t, nil, answer(t, claims{"header.cat": "cl_B7d4PD222AAA"})...), SignedOut, clerk.ReasonSessionTokenAndUATMissing, 0},
		{"line break in a directive", "__clerk_handshake=" + handshakeToken(t, nil, append(answer(t, nil), "__clerk_x=1\nSet-Cookie: evil=1")...), SignedOut, clerk.ReasonSessionTokenAndUATMissing, 0},
		// Ours, and it said signed out.
		{"expired sign-out", "__clerk_handshake=" + handshakeToken(t, claims{"exp": now.Unix() - 60}, "__session=") + "; " + uatNow + "; __session=" + token(t, nil), SignedOut, clerk.ReasonSessionTokenMissing, 0},
		{"no directives", "__clerk_handshake=" + token(t, claims{"sub": nil}) + "; " + uatNow + "; __session=" + token(t, nil), SignedOut, clerk.ReasonSessionTokenMissing, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := w.decide(t, fetch(c.cookies))
			want(t, d, c.status, c.reason)
			if len(d.Cookies) != c.set || d.Location != "" {
				t.Errorf("%d cookies, Location %q", len(d.Cookies), d.Location)
			}
			if c.set > 0 && fields(d)["Cache-Control"] != "no-store" {
				t.Error("cookies without no-store")
			}
			if d.Auth.UserID == "user_old" {
				t.Error("the old session")
			}
		})
	}
}

// A link must not sign its victim in as its author.
func TestProductionTakesNoAnswerFromALink(t *testing.T) {
	w := production()
	w.backend.nonce = map[string][]string{"n1": answer(t, nil)}
	victim := uatNow + "; __session=" + token(t, claims{"sub": "user_victim"})
	ours := url.QueryEscape(handshakeToken(t, nil, answer(t, claims{"sub": "user_attacker"})...))
	for query, reason := range map[string]clerk.Reason{
		"__clerk_handshake=" + ours:                             clerk.ReasonSessionTokenMissing,
		"__clerk_handshake_nonce=n1":                            clerk.ReasonSessionTokenMissing,
		"%5F%5Fclerk_handshake_nonce=n1":                        clerk.ReasonSessionTokenMissing,
		"__clerk_handshake_nonce=&__clerk_help=1":               "",
		"__clerk_handshake=garbage":                             "",
		"__clerk_handshake=" + token(t, claims{"key": "other"}): "",
	} {
		d := w.decide(t, request("/?"+query, "Cookie", victim, "Sec-Fetch-Dest", "document"))
		if d.Reason != reason || d.Auth.UserID == "user_attacker" || d.Cookies != nil {
			t.Errorf("%.40s: %v %q %q %q", query, d.Status, d.Reason, d.Auth.UserID, d.Cookies)
		}
	}
	if w.backend.calls != 0 {
		t.Error("a nonce in a link cost a call")
	}
}

func TestResolveInDevelopment(t *testing.T) {
	w := development()
	w.backend.nonce = map[string][]string{"n 1": answer(t, nil)}
	for _, c := range []struct{ name, target, cookies, location string }{
		{"token", "/p?a=1&__clerk_handshake=" + handshakeToken(t, nil, answer(t, nil)...) + "&b=2", "", "https://app.example.com/p?a=1&b=2"},
		{"nonce", "/p?__clerk_handshake_nonce=n%201&__clerk_db_jwt=dvb&__clerk_help=x", "", "https://app.example.com/p"},
		{"cookie", "/p?x=a%20b", "__clerk_handshake=" + handshakeToken(t, nil, answer(t, nil)...), "https://app.example.com/p?x=a+b"},
		{"clock behind", "/p?__clerk_handshake=" + handshakeToken(t, nil, answer(t, claims{"iat": now.Unix() + 600, "nbf": now.Unix() + 600, "exp": now.Unix() + 660})...), "", "https://app.example.com/p"},
		{"clock ahead", "/p?__clerk_handshake=" + handshakeToken(t, nil, answer(t, claims{"iat": now.Unix() - 660, "nbf": now.Unix() - 660, "exp": now.Unix() - 600})...), "", "https://app.example.com/p"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := w.decide(t, request(c.target, "Cookie", c.cookies))
			want(t, d, SignedIn, "")
			if d.Location != c.location || len(d.Cookies) != 2 || fields(d)["Cache-Control"] != "no-store" {
				t.Errorf("%q %q %v", d.Location, d.Cookies, fields(d))
			}
		})
	}
	// Further off than a day.
	d := w.decide(t, request("/?__clerk_handshake="+handshakeToken(t, nil, answer(t, claims{"exp": now.Unix() - 90_000})...), "Cookie", "__clerk_db_jwt=dvb"))
	want(t, d, SignedOut, clerk.ReasonSessionTokenAndUATMissing)
}

func TestUnresolvedInDevelopment(t *testing.T) {
	for _, c := range []struct {
		token  string
		reason clerk.Reason
		hint   bool
	}{
		{handshakeToken(t, claims{"key": "other"}), clerk.ReasonTokenInvalidSignature, true},
		{handshakeToken(t, claims{"header.kid": "x"}), clerk.ReasonJWKKidMismatch, true},
		{"garbage", clerk.ReasonTokenInvalid, false},
		{handshakeToken(t, claims{"exp": now.Unix() - 60}), clerk.ReasonTokenExpired, false},
	} {
		d := development().decide(t, request("/?__clerk_handshake="+c.token, "Sec-Fetch-Dest", "document"))
		want(t, d, SignedOut, c.reason)
		re := (*ResolveError)(nil)
		ve := (*verify.Error)(nil)
		if !errors.As(d.Err, &re) || !errors.As(d.Err, &ve) || strings.Contains(re.Error(), "CLERK_SECRET_KEY") != c.hint {
			t.Errorf("%v", d.Err)
		}
		if strings.Contains(d.Err.Error(), c.token) {
			t.Error("the error holds the token")
		}
		if d.Location != "" {
			t.Error("redirected")
		}
	}
}

func TestResolveOutage(t *testing.T) {
	cookies := "__clerk_handshake=" + handshakeToken(t, nil, answer(t, nil)...)
	for _, w := range []*world{production(), development()} {
		w.keys.err = clerk.ErrUnavailable
		want(t, w.decide(t, page(cookies)), Outage, clerk.ReasonJWKRemoteFailedToLoad)
		w.keys.err = nil
		for _, err := range []error{errors.New("no route"), &BackendError{Status: 500}, &BackendError{Status: 429}, &BackendError{Status: 408}, &BackendError{}} {
			w.backend.err = err
			want(t, w.decide(t, page("__clerk_handshake_nonce=n1")), Outage, clerk.ReasonSessionTokenMissing)
		}
		w.backend.err = nil
		w.backend.nonce = map[string][]string{"n1": answer(t, nil)}
		w.keys.err = clerk.ErrUnavailable
		want(t, w.decide(t, page("__clerk_handshake_nonce=n1")), Outage, clerk.ReasonJWKRemoteFailedToLoad)
		w.skip = true
		want(t, w.decide(t, page("__clerk_handshake_nonce=n1")), SignedOut, clerk.ReasonSessionTokenMissing)
	}
}

func TestDirectives(t *testing.T) {
	for _, c := range []struct {
		in      []string
		out     int
		session string
		ok      bool
	}{
		{[]string{"__session=a=b; Path=/"}, 1, "a", true},
		{[]string{"__session=a", "__session_abc=b"}, 2, "b", true},
		{[]string{"__sessionfoo=x"}, 0, "x", true},
		{[]string{"__session=good", "__session"}, 1, "__session", true},
		{[]string{"foo=1; Path=/", "b", "", "=x", "session=1"}, 0, "", true},
		{[]string{"__client_uat=0", "__client=1", "__refresh_x=1", "__clerk_db_jwt=1", "__clerk_new=1"}, 5, "", true},
		{[]string{"__clientx=1", "__clerk=1", "__clerk_a b=1", "__clerk_a(=1"}, 0, "", true},
		{[]string{"__clerk_x=é"}, 0, "", true},
		{[]string{"__clerk_x=\x01"}, 0, "", true},
		{[]string{"  __session=a  "}, 0, "", true},
		{[]string{"__session=a", "__clerk_x=日"}, 0, "", false},
		{[]string{"__session=a", "x\r\ny"}, 0, "", false},
		{[]string{"__session=a", "x\x00"}, 0, "", false},
	} {
		out, session, ok := clerkCookies(c.in)
		if len(out) != c.out || session != c.session || ok != c.ok {
			t.Errorf("%q: %q %q %v", c.in, out, session, ok)
		}
	}
}

func TestRefresh(t *testing.T) {
	s := suffix(t, prodKey)
	old := "__client_uat=1; __session=" + expired(t) + "; __refresh" + s + "=rt"
	w := production()
	w.backend.refreshed = []string{"__session=" + token(t, claims{"sub": "user_fresh"}) + "; Path=/", "foo=bar"}
	for _, r := range []Request{page(old, "User-Agent", "ua", "Authorization", "Basic secret"), fetch(old, "User-Agent", "ua")} {
		d := w.decide(t, r)
		want(t, d, SignedIn, "")
		if d.Auth.UserID != "user_fresh" || len(d.Cookies) != 1 || fields(d)["Cache-Control"] != "no-store" || d.Location != "" {
			t.Errorf("%+v", d)
		}
		l := w.backend.last
		if l.SessionID != "sess_1" || l.ExpiredToken == "" || l.RefreshToken != "rt" || l.RequestOrigin != "https://app.example.com" || l.SuffixedCookies ||
			!slices.Equal(l.RequestHeaders["user-agent"], []string{"ua"}) || l.RequestHeaders["cookie"] != nil || l.RequestHeaders["authorization"] != nil {
			t.Errorf("%+v", l)
		}
	}
	// With suffixed cookies.
	d := w.decide(t, fetch("__client_uat"+s+"=1; __session"+s+"="+expired(t)+"; __refresh"+s+"=rt"))
	if want(t, d, SignedIn, ""); !w.backend.last.SuffixedCookies {
		t.Error("not suffixed")
	}

	detail := func(d Decision) string {
		rest, ok := strings.CutPrefix(string(d.Reason), "session-token-expired-refresh-")
		if !ok || d.Status != Redirect {
			t.Errorf("%v %q", d.Status, d.Reason)
		}
		return rest
	}
	for _, c := range []struct {
		change func(*world)
		detail string
	}{
		{func(w *world) { w.backend.err = errors.New("no route") }, "fetch-error"},
		{func(w *world) { w.backend.err = &BackendError{} }, "fetch-error"},
		{func(w *world) { w.backend.err = &BackendError{Status: 500, Code: "unexpected_error"} }, "fetch-error"},
		{func(w *world) { w.backend.err = &BackendError{Status: 401, Code: "session_revoked"} }, "session_revoked"},
		{func(w *world) { w.backend.err = &BackendError{Status: 401, Code: "日\r\nX: y"} }, "unexpected-bapi-error"},
		{func(w *world) { w.backend.err = &BackendError{Status: 500} }, "unexpected-bapi-error"},
		{func(w *world) { w.backend.refreshed = nil }, "unexpected-sdk-error"},
		{func(w *world) { w.backend.refreshed = []string{"__clerk_x=1\n2"} }, "unexpected-sdk-error"},
		{func(w *world) { w.backend.refreshed = []string{"foo=bar"} }, "invalid-session-token"},
		{func(w *world) { w.backend.refreshed = []string{"__session=" + expired(t)} }, "invalid-session-token"},
		{func(w *world) { w.skip = true }, "missing-api-client"},
	} {
		w := production()
		c.change(w)
		if got := detail(w.decide(t, page(old))); got != c.detail {
			t.Errorf("%q, want %q", got, c.detail)
		}
	}
	for cookies, want := range map[string]string{
		"__client_uat=1; __session=" + expired(t):                                                                             "non-eligible-no-refresh-cookie",
		"__client_uat=1; __refresh=rt; __session=" + expired(t):                                                               "non-eligible-no-refresh-cookie",
		"__client_uat=1; __refresh" + s + "=rt; __session=" + token(t, claims{"exp": 5, "iat": 4, "nbf": 4, "sid": nil}):      "expired-session-token-missing-sid-claim",
		"__client_uat=1; __refresh" + s + "=rt; __session=" + token(t, claims{"exp": 5, "iat": 4, "nbf": 4, "sid": "a/../b"}): "unexpected-bapi-error",
	} {
		if got := detail(production().decide(t, page(cookies))); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	post := fetch(old)
	post.Method = "POST"
	if d := production().decide(t, post); d.Reason != "session-token-expired-refresh-non-eligible-non-get" {
		t.Error(d.Reason)
	}
}

// An expired token of one user in the header is not answered as the other user whose
// cookies came along: only a token from the cookie is refreshed.
func TestHeaderTokenIsNotRefreshed(t *testing.T) {
	s := suffix(t, prodKey)
	for name, cookies := range map[string]string{
		"another user's session": "__client_uat=1; __session=" + token(t, claims{"sub": "user_2", "sid": "sess_2"}) + "; __refresh" + s + "=rt",
		"another user's expired": "__client_uat=1; __session=" + token(t, claims{"sub": "user_2", "exp": 5, "iat": 4, "nbf": 4}) + "; __refresh" + s + "=rt",
		"a refresh cookie alone": "__refresh" + s + "=rt",
		"garbage":                "__session=x; __refresh" + s + "=rt",
		"the same user's":        "__client_uat=1; __session=" + expired(t) + "; __refresh" + s + "=rt",
	} {
		for _, accepted := range [][]clerk.TokenType{nil, {clerk.SessionToken, clerk.APIKey}} {
			w := production()
			w.backend.refreshed = []string{"__session=" + token(t, claims{"sub": "user_2"})}
			d := w.decide(t, fetch(cookies, "Authorization", "Bearer "+expired(t)), accepted...)
			if d.Status != SignedOut || d.Reason != "session-token-expired-refresh-non-eligible-header-token" || len(d.Cookies) > 0 || w.backend.calls > 0 {
				t.Errorf("%s: %v %s, %d calls", name, d.Status, d.Reason, w.backend.calls)
			}
		}
	}
}

func TestBackendErrors(t *testing.T) {
	cause := errors.New("cause")
	e := &BackendError{Status: 422, Code: "x\n", Err: cause}
	if !errors.Is(e, cause) || e.Outage() || strings.Contains(e.Error(), "\n") {
		t.Errorf("%v", e)
	}
	if e := (&BackendError{Err: cause}); !e.Outage() || !strings.Contains(e.Error(), "did not answer") {
		t.Errorf("%v", e)
	}
}
