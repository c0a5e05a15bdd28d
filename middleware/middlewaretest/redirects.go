package middlewaretest

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// redirects are about browsers that must go through the Frontend API.
func redirects() []behaviour {
	open := Group{Handler: true, Routes: []Route{me(), {Method: http.MethodPost, Path: "/me", Handle: whoami}}}
	ask := func(name string, f func(*site)) behaviour {
		return behaviour{"redirects/" + name, func(c *checker) { f(c.serve(setup{}, open)) }}
	}
	return []behaviour{
		{"redirects/unknown browser", func(c *checker) {
			var reached atomic.Bool
			page := Route{Method: http.MethodGet, Path: "/page", Handle: func(x Exchange) error { reached.Store(true); return whoami(x) }}
			s := c.serve(setup{}, Group{Handler: true, Routes: []Route{page}})
			a := s.get("/page", document)
			if back := s.isHandshake(a, clerk.ReasonDevBrowserMissing); back != origin+"/page" {
				s.errorf("redirect_url %q, want %s/page", back, origin)
			}
			if reached.Load() || a.body != "" {
				s.errorf("the handler ran: %t; body %q", reached.Load(), a.body)
			}
			if len(a.cookies) != 1 || !strings.HasPrefix(a.cookies[0], clerk.CookieRedirectCount+"=1;") {
				s.errorf("Set-Cookie fields %q, want one that counts the redirect", a.cookies)
			}
			s.has(a, "X-Clerk-Auth-Status", "handshake")
		}},
		ask("come back to the same URL", func(s *site) {
			for _, target := range []string{"/me?a=1&a=2", "/me?next=%2Fa%3Fb%3Dc%26d&x=a+b", "/me?q=%C3%A9+&empty=", "/me?"} {
				back := s.isHandshake(s.get(target, document), clerk.ReasonDevBrowserMissing)
				if want := origin + strings.TrimSuffix(target, "?"); strings.TrimSuffix(back, "?") != want {
					s.errorf("redirect_url %q, want %q", back, want)
				}
			}
		}),
		ask("absolute form", func(s *site) {
			if back := s.isHandshake(s.raw("GET http://shop.localhost:3000/me?a=1 HTTP/1.1\r\nHost: shop.localhost:3000\r\nSec-Fetch-Dest: document\r\n\r\n"),
				clerk.ReasonDevBrowserMissing); back != "http://shop.localhost:3000/me?a=1" {
				s.errorf("redirect_url %q", back)
			}
		}),
		{"redirects/below a prefix", func(c *checker) {
			s := c.serve(setup{}, Group{Groups: []Group{{Prefix: "/api", Handler: true, Groups: []Group{{Prefix: "/v1", Routes: []Route{me()}}}}}})
			if back := s.isHandshake(s.get("/api/v1/me?x=1", document), clerk.ReasonDevBrowserMissing); back != origin+"/api/v1/me?x=1" {
				s.errorf("redirect_url %q, want the whole path", back)
			}
		}},
		{"redirects/from a gate alone", func(c *checker) {
			s := c.serve(setup{}, Group{Routes: []Route{gated("/gated")}})
			if back := s.isHandshake(s.get("/gated?x=1", document), clerk.ReasonDevBrowserMissing); back != origin+"/gated?x=1" {
				s.errorf("redirect_url %q", back)
			}
		}},
		ask("pages in frames, and by Accept", func(s *site) {
			s.isHandshake(s.get("/me", header("Sec-Fetch-Dest", "iframe")), clerk.ReasonDevBrowserMissing)
			s.isHandshake(s.get("/me", header("Accept", "text/html")), clerk.ReasonDevBrowserMissing)
		}),
		ask("nothing but pages", func(s *site) {
			s.isNobody(s.get("/me"), clerk.ReasonDevBrowserMissing)
			s.isNobody(s.get("/me", header("Sec-Fetch-Dest", "empty"), header("Accept", "text/html"), header("Hx-Request", "true")), clerk.ReasonDevBrowserMissing)
			s.isNobody(s.get("/me", header("Accept", "text/html"), header("Hx-Request", "true")), clerk.ReasonDevBrowserMissing)
			s.isNobody(s.get("/me", header("Accept", "application/json")), clerk.ReasonDevBrowserMissing)
			s.isNobody(s.do(http.MethodPost, "/me", "a=b", document), clerk.ReasonDevBrowserMissing)
		}),
		ask("client_uat without a token", func(s *site) {
			a := s.get("/me", document, browserCookies(s.signIn("a@example.com")), without(clerk.CookieSession))
			s.isHandshake(a, clerk.ReasonClientUATWithoutSessionToken)
		}),
		ask("token without client_uat", func(s *site) {
			a := s.get("/me", document, browserCookies(s.signIn("a@example.com")), without(clerk.CookieClientUAT))
			s.isHandshake(a, clerk.ReasonSessionTokenWithoutClientUAT)
		}),
		ask("expired token", func(s *site) {
			a := s.get("/me", document, browserCookies(s.signIn("a@example.com"), clerktest.WithLifetime(-time.Minute)))
			s.isHandshake(a, clerk.ReasonSessionTokenExpired)
			if token := s.query(a.header.Get("Location")).Get(clerk.CookieSession); strings.Count(token, ".") != 2 {
				s.errorf("the handshake does not name the session: __session=%q", token)
			}
		}),
		ask("end where they turn in a circle", func(s *site) {
			a := s.get("/me", document, cookie(clerk.CookieRedirectCount, "2"))
			s.isHandshake(a, clerk.ReasonDevBrowserMissing)
			s.isNobody(s.get("/me", document, cookie(clerk.CookieRedirectCount, "3")), clerk.ReasonDevBrowserMissing)
		}),
		ask("visitor from another origin", func(s *site) {
			sess := s.signIn("a@example.com")
			s.isHandshake(s.get("/me", document, browserCookies(sess), header("Referer", "https://elsewhere.example.com/")), clerk.ReasonPrimaryDomainCrossOriginSync)
			s.isUser(s.get("/me", document, browserCookies(sess), header("Referer", origin+"/")), sess)
		}),
		{"redirects/off", func(c *checker) {
			s := c.serve(setup{config: func(cfg *clerk.Config) { cfg.Handshake = clerk.HandshakeOff }}, open)
			s.isNobody(s.get("/me", document), clerk.ReasonSessionTokenAndUATMissing)
			sess := s.signIn("a@example.com")
			s.isUser(s.get("/me", document, browserCookies(sess)), sess)
		}},
		ask("forwarded fields of strangers", func(s *site) {
			a := s.get("/me", document, header("X-Forwarded-Host", "evil.example.com"), header("Forwarded", "host=evil.example.com"), header("X-Original-Host", "evil.example.com"))
			if back := s.isHandshake(a, clerk.ReasonDevBrowserMissing); back != origin+"/me" {
				s.errorf("redirect_url %q follows fields that anyone can send", back)
			}
			// https can only upgrade, so it is believed.
			a = s.get("/me", document, header("X-Forwarded-Host", "evil.example.com"), header("X-Forwarded-Proto", "https"))
			if back := s.isHandshake(a, clerk.ReasonDevBrowserMissing); back != "https"+strings.TrimPrefix(origin, "http")+"/me" {
				s.errorf("redirect_url %q, want the host as received over https", back)
			}
		}),
		{"redirects/forwarded fields that make a configured origin", func(c *checker) {
			s := c.serve(setup{config: func(cfg *clerk.Config) { cfg.AuthorizedParties = []string{"https://app.example.com"} }}, open)
			for _, fields := range [][]option{
				{header("X-Forwarded-Host", "app.example.com"), header("X-Forwarded-Proto", "https")},
				{header("X-Forwarded-Host", "evil.example.com, app.example.com"), header("X-Forwarded-Proto", "https,http")},
				{header("Forwarded", `for=203.0.113.7;host="app.example.com";proto=https`)},
			} {
				if back := s.isHandshake(s.get("/me?x=1", append(fields, document)...), clerk.ReasonDevBrowserMissing); back != "https://app.example.com/me?x=1" {
					s.errorf("redirect_url %q, want the configured origin", back)
				}
			}
		}},
		{"redirects/forwarded fields of our own proxy", func(c *checker) {
			s := c.serve(setup{config: func(cfg *clerk.Config) { cfg.TrustedProxyHops, cfg.AuthorizedParties = 1, nil }}, open)
			a := s.get("/me?x=1", document, header("X-Forwarded-Host", "evil.example.com, app.example.com"), header("X-Forwarded-Proto", "http"), header("X-Forwarded-Proto", "https"))
			if back := s.isHandshake(a, clerk.ReasonDevBrowserMissing); back != "https://app.example.com/me?x=1" {
				s.errorf("redirect_url %q, want what the nearest proxy says", back)
			}
		}},
		{"redirects/public URL", func(c *checker) {
			s := c.serve(setup{config: func(cfg *clerk.Config) { cfg.PublicURL = "https://app.example.com" }}, open)
			a := s.get("/me?x=1", document, header("X-Forwarded-Host", "evil.example.com"), header("X-Forwarded-Proto", "http"))
			if back := s.isHandshake(a, clerk.ReasonDevBrowserMissing); back != "https://app.example.com/me?x=1" {
				s.errorf("redirect_url %q, want PublicURL", back)
			}
		}},
		{"redirects/no session token to a stranger's host", func(c *checker) {
			s := c.serve(setup{config: func(cfg *clerk.Config) { cfg.ProxyURL, cfg.TrustedProxyHops = "/__clerk", 1 }}, open)
			expired := browserCookies(s.signIn("a@example.com"), clerktest.WithLifetime(-time.Minute))
			for name, field := range map[string]option{
				"X-Forwarded-Host": header("X-Forwarded-Host", "evil.example.com"),
				"Forwarded":        header("Forwarded", "host=evil.example.com;proto=https"),
				"Host":             func(r *http.Request) { r.Host = "evil.example.com" },
			} {
				a := s.get("/me", document, expired, field)
				if location := a.header.Get("Location"); location != "" && !strings.HasPrefix(location, origin+"/__clerk/") {
					s.errorf("%s: the session token travels to %s", name, location)
				}
			}
		}},
		{"redirects/TLS", func(c *checker) { overTLS(c, open) }},
		{"redirects/organization in the URL", func(c *checker) {
			s := c.serve(setup{config: func(cfg *clerk.Config) {
				cfg.OrganizationSync.OrganizationPatterns = []string{"/orgs/:slug", "/orgs/:slug/(.*)"}
			}}, Group{Handler: true, Groups: []Group{{Prefix: "/orgs", Routes: []Route{{Method: http.MethodGet, Path: "/acme", Handle: whoami}}}}})
			s.em.AddOrganization(clerktest.Organization{ID: "org_1", Slug: "acme"})
			s.em.AddOrganization(clerktest.Organization{ID: "org_2", Slug: "other"})
			sess := s.signIn("a@example.com", clerktest.WithOrg("other", "org:member"))
			a := s.get("/orgs/acme", document, browserCookies(sess))
			s.isHandshake(a, clerk.ReasonActiveOrganizationMismatch)
			if got := s.query(a.header.Get("Location")).Get("organization_id"); got != "acme" {
				s.errorf("organization_id %q, want acme", got)
			}
		}},
		{"redirects/not for the proxied Frontend API", func(c *checker) {
			fapi := Route{Method: http.MethodGet, Path: "/v1/client", Handle: whoami}
			s := c.serve(setup{config: func(cfg *clerk.Config) { cfg.ProxyURL = "/__clerk" }},
				Group{Handler: true, Routes: []Route{me()}, Groups: []Group{{Prefix: "/__clerk", Routes: []Route{fapi}}}})
			s.isNobody(s.get("/__clerk/v1/client?x=1", document), clerk.ReasonNotAuthenticated)
			if a := s.get("/me", document); !strings.HasPrefix(a.header.Get("Location"), origin+"/__clerk/v1/client/handshake?") {
				s.errorf("status %d, Location %q; want the handshake behind the proxy", a.status, a.header.Get("Location"))
			}
		}},
	}
}

// without takes a cookie, plain and suffixed, out of a request.
func without(name string) option {
	return func(r *http.Request) {
		var kept []string
		for pair := range strings.SplitSeq(r.Header.Get("Cookie"), "; ") {
			if !strings.HasPrefix(pair, name+"=") && !strings.HasPrefix(pair, name+"_") {
				kept = append(kept, pair)
			}
		}
		r.Header.Set("Cookie", strings.Join(kept, "; "))
	}
}

// raw sends a request as it is written here.
func (s *site) raw(request string) *answer {
	ctx, cancel := context.WithTimeout(context.Background(), waitLimit)
	defer cancel()
	conn, err := s.ln.dial(ctx, "", "")
	if err != nil {
		s.fatalf("dial: %v", err)
	}
	defer func() { _ = conn.Close() }()
	return s.talk(conn, request)
}

func (s *site) talk(conn net.Conn, request string) *answer {
	if err := conn.SetDeadline(time.Now().Add(waitLimit)); err != nil {
		s.fatalf("deadline: %v", err)
	}
	if _, err := conn.Write([]byte(request)); err != nil {
		s.fatalf("write: %v", err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		s.fatalf("no answer to %q: %v", request, err)
	}
	_ = res.Body.Close() // nobody needs it
	return &answer{res.StatusCode, res.Header, res.Header.Values("Set-Cookie"), ""}
}

// overTLS serves by TLS in this process: the browser must come back to https.
func overTLS(c *checker, g Group) {
	cert, err := certificate()
	if err != nil {
		c.fatalf("certificate: %v", err)
	}
	s := &site{checker: c, ln: newListener()}
	s.em, s.auth = c.clerk(setup{})
	serve, err := c.router.New(App{Group: withAuth(g, s.auth)})
	if err != nil {
		c.fatalf("building the application: %v", err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = serve(tls.NewListener(s.ln, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS13}))
	}()
	c.cleanup(func() { _ = s.ln.Close(); <-served })

	conn, err := s.ln.dial(context.Background(), "", "")
	if err != nil {
		c.fatalf("dial: %v", err)
	}
	secure := tls.Client(conn, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13}) //nolint:gosec // a pipe in this process
	defer func() { _ = conn.Close() }()
	a := s.talk(secure, "GET /me HTTP/1.1\r\nHost: app.example.com\r\nSec-Fetch-Dest: document\r\n\r\n")
	if back := s.isHandshake(a, clerk.ReasonDevBrowserMissing); back != "https://app.example.com/me" {
		s.errorf("redirect_url %q, want https", back)
	}
}

func certificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("key: %w", err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"app.example.com"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
