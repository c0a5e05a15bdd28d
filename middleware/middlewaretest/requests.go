package middlewaretest

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
)

// requests are about what an adapter tells the kit of a request: a function of
// Choose sees it, and it must be what the router itself reads.
func requests() []behaviour {
	echo := Route{Method: http.MethodGet, Path: "/echo", Handle: func(x Exchange) error {
		return x.Text(http.StatusOK, x.Host()+" "+x.Method())
	}}
	post := echo
	post.Method = http.MethodPost
	return []behaviour{
		{"requests/peer, method and scheme", func(c *checker) {
			s, seen := c.watch(Group{Routes: []Route{gated("/gated")}})
			s.get("/gated")
			rs := seen()
			s.want(rs, "RemoteAddr", func(r handshake.Request) string { return r.RemoteAddr }, peer)
			s.want(rs, "Method", func(r handshake.Request) string { return r.Method }, http.MethodGet)
			s.want(rs, "Scheme", func(r handshake.Request) string { return r.Scheme }, "http")
		}},
		{"requests/the kit and the router read one host", func(c *checker) {
			s, seen := c.watch(Group{Handler: true, Routes: []Route{echo, post}})
			for head, want := range map[string]string{
				"GET /echo HTTP/1.1\r\nHost: a.example":                                                      "a.example",
				"GET /echo HTTP/1.1\r\nHost: a.example:8080":                                                 "a.example:8080",
				"GET http://b.example/echo HTTP/1.1\r\nHost: a.example":                                      "b.example", // RFC 9112 section 3.2.2
				"GET http://b.example:8080/echo HTTP/1.1\r\nHost: a.example":                                 "b.example:8080",
				"GET http://b.example/echo?next=http://c.example/ HTTP/1.1\r\nHost: a.example":               "b.example",
				"GET /echo?next=http://c.example/ HTTP/1.1\r\nHost: a.example":                               "a.example",
				"GET https://b.example/echo HTTP/1.1\r\nHost: a.example":                                     "b.example",
				"GET http://a.example@b.example/echo HTTP/1.1\r\nHost: a.example":                            "b.example",
				"GET http://B.example/echo HTTP/1.1\r\nHost: a.example":                                      "",
				"GET http://b.example./echo HTTP/1.1\r\nHost: a.example":                                     "",
				"GET http://b.example/%65cho HTTP/1.1\r\nHost: a.example":                                    "",
				"GET //b.example/echo HTTP/1.1\r\nHost: a.example":                                           "",
				"GET /x://b.example/echo HTTP/1.1\r\nHost: a.example":                                        "",
				"GET /echo HTTP/1.1\r\nHost: a.example.":                                                     "",
				"GET /echo HTTP/1.1\r\nHost: A.example":                                                      "",
				"GET /echo HTTP/1.1\r\nHost: a.example\r\nHost: b.example":                                   "",
				"GET /echo HTTP/1.1\r\nHost: a.example, b.example":                                           "",
				"GET /echo HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-Host: b.example":                       "a.example",
				"GET /echo HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-Host: b.example, c.example":            "a.example",
				"GET /echo HTTP/1.1\r\nHost: a.example\r\nForwarded: host=b.example":                         "a.example",
				"GET /echo HTTP/1.1\r\nHost: a.example\r\nX-Host: b.example\r\nX-Original-Host: b.example":   "a.example",
				"POST /echo HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\nX-HTTP-Method-Override: GET": "a.example",
				"POST /echo?_method=GET HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0":                    "a.example",
				"GET /echo HTTP/1.1\r\nHost: a.example\r\nX-HTTP-Method-Override: POST":                      "a.example",
				"GET http://[::1]:3000/echo HTTP/1.1\r\nHost: a.example":                                     "[::1]:3000",
				"GET http://[2001:DB8::0:1]/echo HTTP/1.1\r\nHost: a.example":                                "",
				"GET /echo HTTP/1.1\r\nHost: [::1]:3000":                                                     "[::1]:3000",
				"GET /echo HTTP/1.1\r\nHost: [fe80::1%25eth0]":                                               "",
				"GET http://a.example:pw@b.example:8080/echo HTTP/1.1\r\nHost: a.example":                    "b.example:8080",
				"GET http://b.example@a.example@c.example/echo HTTP/1.1\r\nHost: a.example":                  "",
				"GET http://b.example%40a.example/echo HTTP/1.1\r\nHost: a.example":                          "",
				"GET http://b.example\\@a.example/echo HTTP/1.1\r\nHost: a.example":                          "",
				"GET HTTP://b.example/echo HTTP/1.1\r\nHost: a.example":                                      "",
				"GET hTTp://B.example:080/echo HTTP/1.1\r\nHost: a.example":                                  "",
				"GET ftp://b.example/echo HTTP/1.1\r\nHost: a.example":                                       "",
				"GET http:///echo HTTP/1.1\r\nHost: a.example":                                               "",
				"GET http:/echo HTTP/1.1\r\nHost: a.example":                                                 "",
				"GET http://b.example:/echo HTTP/1.1\r\nHost: a.example":                                     "",
				"GET http://b.example?x=/echo HTTP/1.1\r\nHost: a.example":                                   "",
				"GET http://b.example/echo#http://c.example/ HTTP/1.1\r\nHost: a.example":                    "",
				"GET http://b.example/x/../echo HTTP/1.1\r\nHost: a.example":                                 "",
				"GET ///echo HTTP/1.1\r\nHost: a.example":                                                    "",
				"GET /\\b.example/../echo HTTP/1.1\r\nHost: a.example":                                       "",
				"GET echo HTTP/1.1\r\nHost: a.example":                                                       "",
				"GET b.example/echo HTTP/1.1\r\nHost: a.example":                                             "",
				"GET a.example:80 HTTP/1.1\r\nHost: a.example":                                               "",
				"GET /echo HTTP/1.1\r\nHost: a.example:":                                                     "",
				"GET /echo HTTP/1.1\r\nHost: a.example:0080":                                                 "",
				"GET /echo HTTP/1.1\r\nHost: http://b.example":                                               "",
				"GET /echo HTTP/1.1\r\nHost: user@a.example":                                                 "",
				"GET /echo HTTP/1.1\r\nHost: a.example/b.example":                                            "",
				"GET /echo HTTP/1.1\r\nHost: a.example#b.example":                                            "",
				"GET /echo HTTP/1.1\r\nHost: \ta.example ":                                                   "",
				"GET /echo HTTP/1.1\r\nHost: a.example\r\n b.example":                                        "",
				"GET /echo HTTP/1.1\r\nhOST: a.example\r\nHOST: b.example":                                   "",
				"GET /echo HTTP/1.1\r\nHost : a.example":                                                     "",
				"GET /echo HTTP/1.1\r\nHost: b\xc3\xbccher.example":                                          "",
				"GET /echo HTTP/1.1\r\nHost:":                                                                "",
				"GET /echo HTTP/1.1\r\nX-A: b":                                                               "",
				"GET /echo HTTP/1.0\r\nX-A: b":                                                               "",
				"GET http://b.example/echo HTTP/1.0\r\nX-A: b":                                               "",
				"GET http://b.example/echo HTTP/1.1\r\nX-A: b":                                               "",
				"GET http://b.example/echo HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-Host: c.example":       "b.example",
				"GET /echo HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Server: b": "a.example",
				"POST /echo HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\nX-Method-Override: GET":      "a.example",
				"POST /echo HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\nX-HTTP-Method: GET":          "a.example",
				"post /echo HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0":                                "",
			} {
				a, rs := s.head(head), seen()
				if a.status != http.StatusOK { // refused by the server, or no such path
					if want != "" {
						s.errorf("%q: status %d, want 200", head, a.status)
					}
					continue
				}
				host, method, _ := strings.Cut(a.body, " ")
				if want != "" && host != want {
					s.errorf("%q: the router says %q, want %q", head, host, want)
				}
				s.want(rs, head+": Host", func(r handshake.Request) string { return r.Host }, host)
				s.want(rs, head+": Method", func(r handshake.Request) string { return r.Method }, method)
			}
		}},
		{"requests/a user of one tenant is nobody at another", func(c *checker) {
			emA, a := c.clerk(setup{})
			emB, b := c.clerk(setup{})
			auth := middleware.Choose(func(r handshake.Request) *middleware.Middleware {
				return map[string]*middleware.Middleware{"a.example": a, "b.example": b}[r.Host]
			})
			alice := emA.SignIn(emA.AddUser(clerktest.User{Email: "a@example.com"}))
			bob := emB.SignIn(emB.AddUser(clerktest.User{Email: "b@example.com"}))
			for _, handler := range []bool{true, false} {
				s := c.serve(setup{}, Group{Auth: auth, Handler: handler, Routes: []Route{gated("/gated")}})
				for _, tt := range []struct {
					target, host string
					sess         *clerktest.Session
					status       int
				}{
					{"/gated", "a.example", alice, 200},
					{"/gated", "b.example", alice, 401},
					{"http://b.example/gated", "a.example", alice, 401},
					{"http://b.example/gated", "a.example", bob, 200},
					{"http://a.example/gated", "b.example", alice, 200},
					{"http://a.example/gated", "b.example", bob, 401},
					{"http://c.example/gated", "a.example", alice, 401},
				} {
					got := s.head("GET " + tt.target + " HTTP/1.1\r\nHost: " + tt.host + "\r\nAuthorization: Bearer " + tt.sess.Token())
					if got.status != tt.status {
						s.errorf("%s, Host %s, %s: status %d, want %d; body %s", tt.target, tt.host, tt.sess.UserID, got.status, tt.status, got.body)
					}
				}
			}
		}},
	}
}

// watch serves the routes with a middleware of Choose. seen returns what it was
// asked about since the last call.
func (c *checker) watch(g Group) (s *site, seen func() []handshake.Request) {
	var mu sync.Mutex
	var all []handshake.Request
	_, auth := c.clerk(setup{})
	g.Auth = middleware.Choose(func(r handshake.Request) *middleware.Middleware {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, r)
		return auth
	})
	return c.serve(setup{}, g), func() []handshake.Request {
		mu.Lock()
		defer mu.Unlock()
		since := all
		all = nil
		return since
	}
}

// want wants a value in every request that the kit was shown.
func (s *site) want(seen []handshake.Request, name string, value func(handshake.Request) string, want string) {
	if len(seen) == 0 {
		s.errorf("%s: Choose was not asked", name)
	}
	for _, r := range seen {
		if got := value(r); got != want {
			s.errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// head sends the head of a request as it is, which no client of net/http would send.
func (s *site) head(head string) *answer {
	conn, err := s.ln.dial(context.Background(), "", "")
	if err != nil {
		s.fatalf("dial: %v", err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(waitLimit)); err != nil {
		s.fatalf("deadline: %v", err)
	}
	go func() { _, _ = io.WriteString(conn, head+"\r\nConnection: close\r\n\r\n") }() // a server may answer before it has read
	method, _, _ := strings.Cut(head, " ")                                            // the answer to HEAD has no body
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		s.fatalf("%q: no answer: %v", head, err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.errorf("%q: %v", head, err)
	}
	return &answer{res.StatusCode, res.Header, res.Header.Values("Set-Cookie"), string(text)}
}
