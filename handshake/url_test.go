package handshake

import (
	"math"
	"net/http"
	"strings"
	"testing"
)

func TestParseURL(t *testing.T) {
	for in, out := range map[string]string{
		"https://example.com":              "https://example.com/",
		"HTTPS://Example.COM:443/":         "https://example.com/",
		"http://example.com:0080/x":        "http://example.com/x",
		"http://example.com:8080":          "http://example.com:8080/",
		"https://example.com:":             "https://example.com/",
		"https:example.com/x":              "https://example.com/x",
		`https:\\example.com\a\..\b`:       "https://example.com/b",
		"  https://example.com/a\tb\n ":    "https://example.com/ab",
		"https://example.com/a/./b/../c/.": "https://example.com/a/c/",
		"https://example.com/%2e%2E/..":    "https://example.com/",
		"https://example.com//a//":         "https://example.com//a//",
		"https://example.com/é b\"<>`{}|^": "https://example.com/%C3%A9%20b%22%3C%3E%60%7B%7D|^",
		"https://example.com?q='é#f r":     "https://example.com/?q=%27%C3%A9#f%20r",
		"https://example.com/?":            "https://example.com/?",
		"https://[::1]:3000/":              "https://[::1]:3000/",
		"https://[0:0::1]/":                "https://[::1]/",
		"https://127.0.0.1/":               "https://127.0.0.1/",
		"https://example.com./":            "https://example.com./",
		"https://my_host/":                 "https://my_host/",
		"":                                 "", "x": "", "/x": "", "//x": "", "ftp://x/": "", "javascript:alert(1)": "", "https://": "", "https:///": "",
		"https://a b/": "", "https://user@x/": "", "https://user:p@x/": "", "https://x:99999/": "", "https://x:a/": "",
		"https://bücher.example/": "", "https://ex%41mple.com/": "", "https://127.1/": "", "https://1.2.3.4.5/": "", "https://0x7f.1/": "",
		"https://1.2.3.0x4/": "", "https://[::1/": "", "https://[::1%25eth0]/": "", "https://[::ffff:1.2.3.4]/": "", "https://[x]/": "", "https://./": "",
	} {
		u, ok := parseURL(in)
		if got := u.String(); ok != (out != "") || ok && got != out {
			t.Errorf("%q: %q %v, want %q", in, got, ok, out)
		}
	}
	u, _ := parseURL("https://[::1]:3000/")
	if u.hostname() != "[::1]" || u.origin() != "https://[::1]:3000" {
		t.Error(u)
	}
}

// The expected texts are those of URLSearchParams.
func TestQuerySerialization(t *testing.T) {
	for in, out := range map[string]string{
		"b=":                      "b=",
		"b":                       "b=",
		"&&b=1&":                  "b=1",
		"=1":                      "=1",
		"b=1&b=2":                 "b=1&b=2",
		"b=a%20c":                 "b=a+c",
		"b=a+c":                   "b=a+c",
		"b=%2B":                   "b=%2B",
		"b=~*'-._!":               "b=%7E*%27-._%21",
		"b=é":                     "b=%C3%A9",
		"b=%E9":                   "b=%EF%BF%BD",
		"b=%ZZ%":                  "b=%25ZZ%25",
		"b=%00":                   "b=%00",
		"a;b=1":                   "a%3Bb=1",
		"b=[1]":                   "b=%5B1%5D",
		"b=%E2%82":                "b=%EF%BF%BD",
		"b=%E2%82%41":             "b=%EF%BF%BDA",
		"b=%F0%80":                "b=%EF%BF%BD%EF%BF%BD",
		"b=%ED%A0%80":             "b=%EF%BF%BD%EF%BF%BD%EF%BF%BD",
		"b=%F4%90":                "b=%EF%BF%BD%EF%BF%BD",
		"b=%E0%80":                "b=%EF%BF%BD%EF%BF%BD",
		"b=%C3%A9":                "b=%C3%A9",
		"x=1&drop=2&%64rop=3&y=4": "x=1&y=4",
	} {
		if got := without(in, "drop"); got != out {
			t.Errorf("%q: %q, want %q", in, got, out)
		}
	}
	if v, ok := param("a=1&b=2&b=3", "b"); v != "2" || !ok {
		t.Error(v, ok)
	}
}

func TestClientUAT(t *testing.T) {
	for in, out := range map[string]float64{
		"": 0, "0": 0, "00": 0, "-0": 0, "5": 5, "+5": 5, "-5": -5, " 7": 7, "\u00a07": 7, "\ufeff7": 7, "\u00857": 0, "7abc": 7, "abc": 0, "0x10": 16,
		"0X1f": 31, "0x": 0, "0xg": 0, "1e3": 1, "1.9": 1, ".5": 0, "- 5": 0, "--5": 0, "1,000": 1, "NaN": 0, "Infinity": 0,
		strings.Repeat("9", 400): math.Inf(1),
	} {
		if got := parseClientUAT(in); got != out {
			t.Errorf("%q: %v, want %v", in, got, out)
		}
	}
}

func TestCookies(t *testing.T) {
	for in, out := range map[string]string{
		"__session=a":                         "a",
		"__session=a; __session=b":            "a",
		"__session=; __session=b":             "",
		" \t__session \t= \ta\t ":             "a",
		"x;__session=a":                       "a",
		"__SESSION=a":                         "",
		`__session="a"`:                       `"a"`,
		"__session=a=b":                       "a=b",
		"__session=a,b c\\":                   "a,b c\\",
		"__session=%61%2E%C3%A9":              "a.é",
		"__session=%61%":                      "%61%",
		"__session=%C3":                       "%C3",
		"__session=%C3%28":                    "%C3%28",
		"__session=%ED%A0%80":                 "%ED%A0%80",
		"__session=%FF":                       "%FF",
		"__session=%C3x%A9":                   "%C3x%A9",
		"__session=a+b":                       "a+b",
		"__session=\xe9":                      "é",
		"__session=\xe9%20":                   "é ",
		"%5F_session=a":                       "",
		"__session_other=a":                   "",
		"":                                    "",
		"=a;;;__session":                      "",
		"__x=1; __session=a; __clerk_other=2": "a",
	} {
		var c cookies
		c.read(http.Header{"Cookie": {in}}, "abcdefgh")
		if c.session.plain.value != out {
			t.Errorf("%q: %q, want %q", in, c.session.plain.value, out)
		}
	}
	var c cookies
	c.read(http.Header{"Cookie": {
		"__session=1; __session_abcdefgh=2; __client_uat=3; __client_uat_abcdefgh=4; __clerk_db_jwt=5",
		"__clerk_db_jwt_abcdefgh=6; __refresh=x; __refresh_abcdefgh=7; __clerk_handshake=8; __clerk_handshake_nonce=9; __clerk_redirect_count=1; __clerk_redirect_count_abcdefgh=3; __sessionabcdefgh=x",
	}}, "abcdefgh")
	got := []string{c.session.plain.value, c.session.suffixed.value, c.clientUAT.plain.value, c.clientUAT.suffixed.value, c.devBrowser.plain.value,
		c.devBrowser.suffixed.value, c.refresh.value, c.handshake.value, c.nonce.value, c.redirectCount.value}
	if strings.Join(got, "") != "1234567891" {
		t.Error(got)
	}
	c = cookies{}
	if c.read(http.Header{"Cookie": {"__session_=x; __session=1"}}, ""); c.session.suffixed.seen {
		t.Error("a suffix without a key")
	}
}

func TestForwarded(t *testing.T) {
	for _, c := range []struct {
		hops               int
		host, proto, wants string
	}{
		{0, "evil.example", "http", "https://app.example.com"},
		{1, "", "", "https://app.example.com"},
		{1, "a.example", "", "https://a.example"},
		{1, "evil.example, a.example", "http, https", "https://a.example"},
		{2, "evil.example, a.example, b.example", "", "https://a.example"},
		{9, "a.example, b.example", "http", "http://a.example"},
		{1, "a.example:8443", "HTTP", "http://a.example:8443"},
		{1, "a.example:443", "https", "https://a.example"},
		{1, "A.EXAMPLE", "", "https://a.example"},
		{9, "one.example , two.example", "", "https://one.example"},
		{1, "a.example/path", "", "https://app.example.com"},
		{1, "user@a.example", "", "https://app.example.com"},
		{1, "a.example", "javascript", "https://app.example.com"},
		{1, "x,", "http", "https://app.example.com"}, // says nothing
	} {
		w := production()
		w.config.TrustedProxyHops = c.hops
		r := page(uatNow, "X-Forwarded-Host", c.host, "X-Forwarded-Proto", c.proto)
		d := w.decide(t, r)
		location := "https://clerk.example.com/v1/client/handshake?redirect_url=" + string(appendForm(nil, c.wants+"/dashboard?a=1")) + "&"
		if !strings.HasPrefix(d.Location, location) {
			t.Errorf("%+v: %s", c, d.Location)
		}
	}
	// A target in absolute form says its own origin, which wins over the Host header
	// (RFC 9112 section 3.2.2).
	r := page(uatNow)
	for _, host := range []string{"app.example.com", ""} {
		r.Target, r.Host = "http://other.example:81//x?y", host
		if d := production().decide(t, r); !strings.Contains(d.Location, "redirect_url=http%3A%2F%2Fother.example%3A81%2F%2Fx%3Fy%3D&") {
			t.Error(d.Location)
		}
	}
	r.Host = "app.example.com"
	// Nor a path nor a URL.
	r = page(uatNow)
	r.Target, r.Scheme = "*", ""
	if d := production().decide(t, r); !strings.Contains(d.Location, "redirect_url=http%3A%2F%2Fapp.example.com%2F&") {
		t.Error(d.Location)
	}
}

func TestPeek(t *testing.T) {
	jwt := func(header, payload string) string { return b64(header) + "." + b64(payload) + ".c2ln" }
	inf := math.Inf(1)
	for _, c := range []struct {
		token    string
		ok, iss  bool
		iat, exp float64
	}{
		{token(t, nil), true, true, float64(now.Unix() - 10), float64(now.Unix() + 50)},
		{jwt(`{"alg":"x"}`, `{"iss":"i","iat":"12","exp":true,"sts":5}`), true, true, 12, 1},
		{jwt(`{}`, "\ufeff"+`{"iss":5,"iat":false,"exp":"x"}`), true, true, 0, inf},
		{jwt(`{}`, `{"iss":0,"iat":1e400,"exp":[1],"sid":5}`), true, false, inf, inf},
		{jwt(`{}`, `{"iss":"","iat":"","exp":" 5 ","sts":{}}`), true, false, 0, 5},
		{jwt(`{}`, `{"iss":false,"sts":1}`), true, false, 0, 0},
		{jwt(`{}`, `{"iss":{},"sts":1}`), true, true, 0, 0},
		{jwt(`5`, `[1]`), true, false, 0, 0},
		{jwt(`{}`, `null`), true, false, 0, 0},
		{jwt(`{}`, `{`), false, false, 0, 0},
		{jwt(`{`, `{}`), false, false, 0, 0},
		{b64("{}") + "." + b64(`{"sts":1}`) + ".%", false, false, 0, 0},
		{b64("{}") + "." + b64(`{"sts":1}`) + "\n.x", false, false, 0, 0},
		{b64("{}") + ".." + b64("{}"), false, false, 0, 0},
		{jwt("{}", `{"sts":1,"x":"`+strings.Repeat("x", 20_000)+`"}`), true, false, inf, inf},
		{"", false, false, 0, 0}, {"a.b", false, false, 0, 0}, {"a.b.c.d", false, false, 0, 0},
	} {
		u, ok := peek(c.token)
		if ok != c.ok || u.hasIssuer != c.iss || u.iat != c.iat || u.exp != c.exp {
			t.Errorf("%.60q: %v %+v", c.token, ok, u)
		}
	}
	for in, out := range map[string]bool{
		"e30.bnVsbA.x": true, "e30.bnVsbA==.x": true, "e30." + b64(" null\n") + ".": true, "e30." + b64("\ufeffnull") + ".x": true,
		"e30.e30.x": false, "bnVsbA.e30.x": false, "": false, "bnVsbA": false, ".bnVsbA": false,
	} {
		if hasNullPayload(in) != out {
			t.Errorf("%q: %v", in, !out)
		}
	}
}
