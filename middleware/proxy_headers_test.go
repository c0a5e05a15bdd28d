package middleware_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
)

// TestProxyHandsOnFewFields: what arrives at the Frontend API is what clients of
// Clerk's send, and what the proxy itself says.
func TestProxyHandsOnFewFields(t *testing.T) {
	handedOn := map[string]string{
		"Accept": "*/*", "Accept-Language": "de", "Content-Type": "application/x-www-form-urlencoded", "Origin": "https://app.example.com",
		"Referer": "https://app.example.com/x", "User-Agent": "Mozilla/5.0", "Sec-Fetch-Site": "same-origin", "Sec-Ch-Ua-Mobile": "?0",
		"If-None-Match": `"a"`, "Access-Control-Request-Method": "POST",
		// clerk-ios, clerk-android and @clerk/expo
		"Clerk-Api-Version": "2024-10-01", "X-Ios-Sdk-Version": "1", "X-Android-Sdk-Version": "1", "X-Expo-Sdk-Version": "1", "X-Mobile": "1",
		"X-Native-Device-Id": "d", "X-Clerk-Client-Id": "client_1",
	}
	kept := map[string]string{
		"Cf-Connecting-Ip": "198.51.100.66", "True-Client-Ip": "198.51.100.66", "X-Real-Ip": "198.51.100.66", "X-Client-Ip": "198.51.100.66",
		"Fly-Client-Ip": "198.51.100.66", "X-Vercel-Forwarded-For": "198.51.100.66", "X-Azure-Clientip": "198.51.100.66", "Forwarded": "for=198.51.100.66",
		"X-Forwarded-Port": "8443", "X-Forwarded-Prefix": "/x", "X-Original-Host": "evil.example", "X-Original-Url": "/v1/x", "X-Rewrite-Url": "/v1/x",
		"X-Http-Method-Override": "DELETE", "Clerk_secret_key": "sk_live_forged", "Clerk_proxy_url": "https://evil.example", "X_forwarded_for": "198.51.100.66",
		"X_forwarded_host": "evil.example", "Clerk-Secret-Key-2": "x", "Clerk-Backend-Api": "x", "X-Clerk-Auth-Token": "x", "X-Api-Key": "application's own",
		"Proxy-Authorization": "Basic x", "X-Amzn-Trace-Id": "x", "Traceparent": "00-1", "Via": "1.1 x",
	}
	up, p := newProxy(t, nil, nil)
	r := proxied("POST", "/__clerk/v1/client", strings.NewReader("a=b"))
	for _, fields := range []map[string]string{handedOn, kept} {
		for name, value := range fields {
			r.Header[name] = []string{value}
		}
	}
	if w := serve(p, r); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	got, _ := up.got()
	for name, want := range handedOn {
		if v := got.Header.Values(name); !slices.Equal(v, []string{want}) {
			t.Errorf("%s: %q, want %q", name, v, want)
		}
	}
	ours := []string{"Clerk-Proxy-Url", "Clerk-Secret-Key", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-For", "Content-Length", "Accept-Encoding"}
	for name, values := range got.Header {
		if _, ok := handedOn[name]; !ok && !slices.Contains(ours, name) {
			t.Errorf("%s is handed on: %q", name, values)
		}
		for _, v := range values {
			if strings.Contains(v, "198.51.100.66") || strings.Contains(v, "evil") || strings.Contains(v, "forged") {
				t.Errorf("%s: %q is a stranger's", name, v)
			}
		}
	}
}

func TestProxyAuthorization(t *testing.T) {
	up, p := newProxy(t, nil, nil)
	for _, tt := range []struct {
		fields []string
		want   string
	}{
		{[]string{"Bearer eyJ.a.b"}, "Bearer eyJ.a.b"},
		{[]string{"bearer  eyJ.a.b"}, "bearer  eyJ.a.b"},
		{[]string{"eyJ.a.b"}, "eyJ.a.b"}, // native clients
		{[]string{"Basic dXNlcjpwYXNz"}, ""},
		{[]string{"Digest username=x, realm=y"}, ""},
		{[]string{"Bearer a", "Basic b"}, ""},
		{[]string{"Bearer a b"}, ""},
		{[]string{"Bearer a, Basic b"}, ""},
		{[]string{"a,b"}, ""},
		{nil, ""},
	} {
		r := proxied("GET", "/__clerk/v1/client", nil)
		r.Header["Authorization"] = tt.fields
		serve(p, r)
		if got, _ := up.got(); got == nil || got.Header.Get("Authorization") != tt.want || len(got.Header.Values("Authorization")) > 1 {
			t.Errorf("%q: %v", tt.fields, got)
		}
	}
	// A site behind a password is a browser's all the same.
	r := proxied("GET", "/__clerk/v1/client", nil)
	for name, value := range map[string]string{"Authorization": "Basic dXNlcjpwYXNz", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"} {
		r.Header.Set(name, value)
	}
	serve(p, r)
	if got, _ := up.got(); got.Header.Get("Origin") != "https://app.example.com" {
		t.Errorf("Origin %q", got.Header.Get("Origin"))
	}
}

// TestProxyClientAddress: the Frontend API hears the client's address, whatever form
// the load balancer writes it in.
func TestProxyClientAddress(t *testing.T) {
	for _, tt := range []struct {
		hops   int
		field  string
		values []string
		want   string
	}{
		{0, "X-Forwarded-For", []string{"198.51.100.66"}, "203.0.113.9"},
		{1, "X-Forwarded-For", []string{"203.0.113.7:51008"}, "203.0.113.7"},
		{1, "X-Forwarded-For", []string{`"[2001:db8::1]:443"`}, "2001:db8::1"},
		{1, "X-Forwarded-For", []string{"[2001:db8::1]"}, "2001:db8::1"},
		{1, "X-Forwarded-For", []string{"198.51.100.66", "203.0.113.7"}, "203.0.113.7"},
		{2, "X-Forwarded-For", []string{"198.51.100.66, 203.0.113.7:1", "10.0.0.1:2"}, "203.0.113.7"},
		{1, "X-Forwarded-For", []string{"unknown"}, "203.0.113.9"},
		{1, "Forwarded", []string{`for="[2001:db8::1]:443";proto=https`}, "2001:db8::1"},
	} {
		up, p := newProxy(t, nil, func(c *clerk.Config) { c.TrustedProxyHops = tt.hops })
		r := proxied("GET", "/__clerk/v1/client", nil)
		r.Header[tt.field] = tt.values
		serve(p, r)
		if got, _ := up.got(); got == nil || got.Header.Get("X-Forwarded-For") != tt.want {
			t.Errorf("%d hops, %s %q: %v, want %s", tt.hops, tt.field, tt.values, got, tt.want)
		}
	}
}

// TestProxyOrigins: the secret key speaks for configured origins alone.
func TestProxyOrigins(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*clerk.Config)
		host   string
		fields map[string]string
		want   string // Clerk-Proxy-Url, "" where it is refused
	}{
		"a party":            {nil, "app.example.com", nil, "https://app.example.com/__clerk"},
		"another host":       {nil, "evil.example", nil, ""},
		"a stranger's field": {nil, "app.example.com", map[string]string{"X-Forwarded-Host": "evil.example"}, "https://app.example.com/__clerk"},
		"trusted hops":       {func(c *clerk.Config) { c.TrustedProxyHops = 1 }, "evil.example", map[string]string{"X-Forwarded-Host": "evil.example"}, ""},
		"behind a proxy":     {nil, "10.0.0.1:3000", map[string]string{"X-Forwarded-Host": "app.example.com"}, "https://app.example.com/__clerk"},
		"PublicURL":          {func(c *clerk.Config) { c.AuthorizedParties, c.PublicURL = nil, "https://app.example.com" }, "10.0.0.1", nil, "https://app.example.com/__clerk"},
		"a redirect origin":  {func(c *clerk.Config) { c.AllowedRedirectOrigins = []string{"https://b.example.com"} }, "b.example.com", nil, "https://b.example.com/__clerk"},
		"AuthorizedPartyFunc": {func(c *clerk.Config) {
			c.AuthorizedPartyFunc = func(o string) bool { return o == "https://pr-7.example.com" }
		}, "pr-7.example.com", nil, "https://pr-7.example.com/__clerk"},
		"an absolute URL":          {func(c *clerk.Config) { c.ProxyURL = "https://app.example.com/__clerk" }, "evil.example", nil, "https://app.example.com/__clerk"},
		"any origin (not advised)": {func(c *clerk.Config) { c.AuthorizedParties, c.InsecureAnyRedirectOrigin = nil, true }, "x.example", nil, "https://x.example/__clerk"},
	} {
		var buf bytes.Buffer
		up, p := newProxy(t, nil, func(c *clerk.Config) {
			c.Logger = slog.New(slog.NewTextHandler(&buf, nil))
			if tt.change != nil {
				tt.change(c)
			}
		})
		for range 3 {
			r := proxied("GET", "/__clerk/v1/client", nil)
			r.Host = tt.host
			for field, value := range tt.fields {
				r.Header.Set(field, value)
			}
			w := serve(p, r)
			got, _ := up.got()
			switch {
			case tt.want == "" && (w.Code != http.StatusMisdirectedRequest || got != nil):
				t.Errorf("%s: %d, forwarded %v", name, w.Code, got)
			case tt.want != "" && (got == nil || got.Header.Get("Clerk-Proxy-Url") != tt.want ||
				got.Header.Get("X-Forwarded-Proto")+"://"+got.Header.Get("X-Forwarded-Host")+"/__clerk" != tt.want):
				t.Errorf("%s: %d, %v", name, w.Code, got)
			}
		}
		if n := strings.Count(buf.String(), "CLERK_PUBLIC_URL"); tt.want == "" && n != 1 || strings.Contains(buf.String(), "evil") {
			t.Errorf("%s: log %q", name, buf.String())
		}
	}
}

// TestProxySaysThatItKnowsNoClient: without TrustedProxyHops, all users have the
// address of the proxy in front.
func TestProxySaysThatItKnowsNoClient(t *testing.T) {
	for hops, lines := range map[int]int{0: 1, 1: 0} {
		var buf bytes.Buffer
		_, p := newProxy(t, nil, func(c *clerk.Config) {
			c.Logger, c.TrustedProxyHops, c.Now = slog.New(slog.NewTextHandler(&buf, nil)), hops, time.Now
		})
		for range 3 {
			r := proxied("GET", "/__clerk/v1/client", nil)
			r.Header.Set("X-Forwarded-For", "203.0.113.7")
			serve(p, r)
		}
		if n := strings.Count(buf.String(), "CLERK_TRUSTED_PROXY_HOPS"); n != lines || strings.Contains(buf.String(), "203.0.113") {
			t.Errorf("%d hops: log %q", hops, buf.String())
		}
	}
}

// TestRelativeProxyNeedsAnOrigin: New and NewProxy refuse a ProxyURL without the
// origin that it is on.
func TestRelativeProxyNeedsAnOrigin(t *testing.T) {
	cfg := clerk.Config{SecretKey: liveSK, PublishableKey: livePK, ProxyURL: "/__clerk", Logger: slog.New(slog.DiscardHandler)}
	_, newErr := middleware.New(cfg)
	_, proxyErr := middleware.NewProxy(cfg)
	for _, err := range []error{newErr, proxyErr} {
		var ce *clerk.ConfigError
		if !errors.As(err, &ce) || ce.Field != "ProxyURL" || !strings.Contains(ce.Problem, "AuthorizedParties") || !strings.Contains(ce.Problem, "PublicURL") {
			t.Errorf("got %v", err)
		}
	}
}
