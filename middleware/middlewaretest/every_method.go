package middlewaretest

import (
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing/fstest"

	"github.com/clerkkit/clerkkit/middleware"
)

// everyText is what the routes for every method answer, and what their files hold.
const everyText = "what stands behind the gate"

// everyFile has one file under every name.
type everyFile struct{}

// Open implements fs.FS.
func (everyFile) Open(string) (fs.File, error) {
	return fstest.MapFS{"file": {Data: []byte(everyText)}}.Open("file")
}

// Files is what a route for every method serves where its kind is a file server:
// one file, under every name.
func (r Route) Files() fs.FS { return everyFile{} }

// gateAt says where the gate above the routes stands.
var gateAt = []string{"route", "group", "everything", "route below Handler", "group below Handler"}

// every builds an application that has a route of each kind that takes every
// method, with a gate above each. reached counts the calls of their handlers.
func (c *checker) every(set setup, at string) (s *site, paths []string, reached *atomic.Int64) {
	reached = new(atomic.Int64)
	handle := func(x Exchange) error {
		reached.Add(1)
		return x.Text(http.StatusOK, everyText)
	}
	gates := []Gate{nil}
	var g Group
	for i, kind := range c.router.EveryMethod {
		route := Route{Every: kind, Path: "/every" + strconv.Itoa(i) + "/file.txt", Handle: handle}
		if strings.HasPrefix(at, "route") {
			route.Gates = gates
		}
		g.Routes = append(g.Routes, route)
		paths = append(paths, route.Path)
	}
	if len(paths) == 0 {
		c.fatalf("Router.EveryMethod is empty: the suite has no route that takes every method to try")
	}
	prefix := ""
	switch {
	case strings.HasPrefix(at, "group"):
		prefix = "/group"
		g = Group{Groups: []Group{{Prefix: prefix, Gates: gates, Routes: g.Routes}}}
	case at == "everything":
		g.Gates = gates
	}
	g.Handler = strings.HasSuffix(at, "below Handler")
	for i := range paths {
		paths[i] = prefix + paths[i]
	}
	return c.serve(set, g), paths, reached
}

// preflights are about CORS preflights, and other requests with a method that
// nobody thought of: no handler behind a gate runs for one that has no credentials.
func preflights() []behaviour {
	preflight := func(r *http.Request) {
		header("Origin", "https://app.example.com")(r)
		header("Access-Control-Request-Method", http.MethodPost)(r)
		header("Access-Control-Request-Headers", "authorization")(r)
	}
	with := func(all ...option) option {
		return func(r *http.Request) {
			for _, o := range all {
				o(r)
			}
		}
	}
	attacks := map[string]option{
		"nothing": with(), "the fields of a preflight": preflight, "a forged token": with(preflight, bearer("forged")),
		"a forged API key": with(preflight, bearer("ak_forged")), "forged cookies": with(preflight, cookie("__session", "a.b.c"), cookie("__client_uat", "1")),
		"a page": with(preflight, document), "an override": with(preflight, header("X-HTTP-Method-Override", http.MethodGet)),
		"another scheme": with(preflight, header("Authorization", "Basic dXNlcjpwYXNz")),
	}
	methods := []string{
		http.MethodOptions, http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodTrace, "PROPFIND", "options",
	}
	var all []behaviour
	for _, at := range gateAt {
		all = append(all, behaviour{"preflights/refused, gate at " + at, func(c *checker) {
			s, paths, reached := c.every(setup{}, at)
			sess := s.signIn("a@example.com")
			for i, path := range paths {
				kind := c.router.EveryMethod[i]
				for _, method := range methods {
					for name, attack := range attacks {
						for _, body := range []string{"", "a=b"} {
							if body != "" && (method == http.MethodTrace || method == http.MethodGet || method == http.MethodHead) {
								continue
							}
							a := s.do(method, path, body, attack)
							if reached.Swap(0) > 0 || strings.Contains(a.body, everyText) {
								s.errorf("%s: %s with %s: the handler ran: status %d, body %q", kind, method, name, a.status, a.body)
							}
							if (method == http.MethodOptions || method == http.MethodPost) && a.status != http.StatusUnauthorized && a.status != http.StatusTemporaryRedirect {
								s.errorf("%s: %s with %s: status %d, want the gate's 401", kind, method, name, a.status)
							}
						}
					}
				}
				if a := s.get(path, bearer(sess.Token())); a.status != http.StatusOK || a.body != everyText {
					s.errorf("%s: signed in: status %d, body %q; want what stands behind the gate", kind, a.status, a.body)
				}
				reached.Store(0)
			}
		}})
	}
	all = append(all, behaviour{"preflights/answered by WithPreflightHandler", func(c *checker) {
		answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
			w.Header().Set("Access-Control-Allow-Methods", r.Header.Get("Access-Control-Request-Method"))
			w.Header().Set("X-Method", r.Method)
			w.WriteHeader(http.StatusNoContent)
		})
		for _, at := range gateAt {
			s, paths, reached := c.every(setup{options: []middleware.Option{middleware.WithPreflightHandler(answer)}}, at)
			sess := s.signIn("a@example.com")
			for i, path := range paths {
				for _, who := range []option{with(), bearer("forged"), bearer(sess.Token()), browserCookies(sess)} {
					a := s.do(http.MethodOptions, path, "", preflight, who)
					if a.status != http.StatusNoContent || a.body != "" || reached.Load() > 0 {
						s.errorf("%s: status %d, body %q, the handler ran %d times; want the 204 of WithPreflightHandler", c.router.EveryMethod[i], a.status, a.body, reached.Load())
					}
					s.has(a, "Access-Control-Allow-Origin", "https://app.example.com")
					s.has(a, "Access-Control-Allow-Methods", http.MethodPost)
					s.has(a, "X-Method", http.MethodOptions)
				}
				s.is401(s.do(http.MethodOptions, path, ""), anyReason)
				s.is401(s.do(http.MethodPost, path, "a=b", header("Origin", "https://app.example.com")), anyReason)
				if reached.Load() > 0 {
					s.errorf("%s: the handler ran without credentials", c.router.EveryMethod[i])
				}
			}
		}
	}})
	return all
}
