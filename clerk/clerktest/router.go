package clerktest

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/internal/recording"
)

// api is one of the faces of the emulator, which share one address.
type api string

const (
	apiFrontend api = "FAPI"
	apiBackend  api = "BAPI"
	apiPages    api = "Pages"
	apiControl  api = "Control" // the test functions and the inspector
)

// route is one operation. The tables of routes, one for each API, name every
// operation that Clerk's descriptions of its APIs do; handler is nil for those
// that are not there yet.
type route struct {
	method    string
	pattern   string // /v1/users/{user_id}
	operation string
	handler   func(*Emulator, *call) error
}

// call is one request on its way through a handler.
type call struct {
	w       http.ResponseWriter
	r       *http.Request
	method  string // after _method
	route   *route
	params  [4]string // the values of the pattern's placeholders, in order
	meaning string
	shake   *handshakeTrace // for the inspector
	machine *state.Machine  // whose secret key came, instead of the instance's
}

// note says what the request meant, for the log. It must not hold a secret.
func (c *call) note(meaning string) { c.meaning = meaning }

// param returns the value of the i-th placeholder of the pattern.
func (c *call) param(i int) string { return c.params[i] }

// ok answers 200 with JSON.
func (c *call) ok(v any) error {
	writeJSON(c.w, http.StatusOK, v)
	return nil
}

// statusWriter remembers the status for the log.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// ServeHTTP answers a request to either API or to the pages.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var tap *recording.Tap
	if e.recorder != nil {
		tap = e.recorder.Listen(w, r)
		w = tap
	}
	sw := &statusWriter{ResponseWriter: w}
	start := time.Now()
	c := &call{w: sw, r: r, method: r.Method}
	kind := e.find(c)
	entry := Request{Time: e.Now(), Method: c.method, Path: r.URL.Path, API: string(kind)}
	if c.route != nil {
		entry.Operation = c.route.operation
	}
	defer func() {
		entry.Status, entry.Meaning, entry.Duration = sw.status, c.meaning, time.Since(start)
		if kind == apiControl && c.method == http.MethodGet {
			return // the inspector looks every second
		}
		e.log.add(entry, c.shake)
		e.record(tap, kind, c)
		e.cfg.Logger.LogAttrs(r.Context(), levelOf(entry.Status), "clerktest: request", entry.attrs()...)
	}()
	if f := e.faultOf(kind, r); f != nil {
		c.note("injected fault")
		tap = nil // not the emulator's answer
		if f.serve(r.Context(), sw) {
			return
		}
		c.note("injected delay")
	}
	if e.hooks.watched.Load() {
		defer e.hooks.causes.enter(r)()
	}
	err := e.serve(c, kind)
	if err == nil {
		return
	}
	answer, ok := err.(*refusal.Error) //nolint:errorlint // handlers never wrap it
	if !ok {
		answer = &refusal.Error{Kind: refusal.KindInternal, Code: "internal_clerk_error", Message: "There was an internal error on the emulator", Long: "", Param: "", Meta: nil}
		e.cfg.Logger.Error("clerktest: "+entry.Operation, "error", err)
	}
	if c.meaning == "" {
		c.note("refused: " + answer.Code)
	}
	write(answer, sw, e.ids.Next("trace"))
}

// faultOf returns the fault for a request. The control API has none, or nobody
// could undo them.
func (e *Emulator) faultOf(kind api, r *http.Request) *fault {
	if kind == apiControl {
		return nil
	}
	return e.faults.take(r.Method, r.URL.Path)
}

// record saves an exchange with one of the APIs, where recording is on.
func (e *Emulator) record(tap *recording.Tap, kind api, c *call) {
	if tap == nil || c.route == nil || kind == apiPages || kind == apiControl {
		return
	}
	if err := tap.Save(string(kind), c.route.operation, c.method, c.route.pattern); err != nil {
		e.cfg.Logger.Error("clerktest: record", "error", err)
	}
}

func (e *Emulator) serve(c *call, kind api) error {
	if !e.allowedHost(c.r.Host) {
		return &refusal.Error{
			Kind: refusal.KindMisdirected, Code: "host_invalid", Message: "Invalid host",
			Long: "The emulator does not act for " + refusal.Quoted(c.r.Host) + ", which could be a host of the internet.", Param: "", Meta: nil,
		}
	}
	c.w.Header().Set("Cache-Control", "no-store")
	c.w.Header().Set("X-Clerk-Emulator", "clerktest; not a real Clerk instance")
	if kind == apiFrontend {
		if done, err := e.crossOrigin(c); done || err != nil {
			return err
		}
	}
	if kind == apiBackend {
		if err := e.authorizeBackend(c); err != nil {
			return err
		}
	}
	if kind == apiControl {
		if err := e.guardControl(c); err != nil {
			return err
		}
	}
	if err := e.limitRate(c, kind); err != nil {
		return err
	}
	switch {
	case c.route != nil && c.route.handler != nil:
		return c.route.handler(e, c)
	case c.route != nil || strings.HasPrefix(c.r.URL.Path, "/v1/"):
		operation := c.method + " " + refusal.Quoted(c.r.URL.Path)
		if c.route != nil {
			operation = c.route.operation
		}
		return &refusal.Error{
			Kind: refusal.KindNotImplemented, Code: "not_implemented_in_emulator", Message: "Not implemented in the emulator",
			Long: "The emulator does not have the operation " + operation + ".", Param: "", Meta: nil,
		}
	}
	return refusal.NotFound("page " + refusal.Quoted(c.r.URL.Path))
}

// find picks API and route. The APIs share paths below /v1/: what comes with a
// Bearer credential is meant for the Backend API first, the rest for the
// Frontend API first.
func (e *Emulator) find(c *call) api {
	if c.method == http.MethodHead {
		c.method = http.MethodGet
	}
	path := c.r.URL.EscapedPath()
	if strings.HasPrefix(path, "/v1/") {
		path = strings.TrimSuffix(path, "/") // clerk-js creates addresses and numbers with one
	}
	if path == "/_emulator" || strings.HasPrefix(path, "/_emulator/") {
		c.route = match(controlRoutes, c.method, path, &c.params)
		return apiControl
	}
	order := [...]struct {
		api   api
		table []route
	}{{apiFrontend, frontendRoutes}, {apiBackend, backendRoutes}, {apiPages, pageRoutes}}
	if isBearer(c.r) {
		order[0], order[1] = order[1], order[0]
	}
	for _, o := range order {
		method, path := c.method, path
		if o.api == apiBackend && unversioned(c.r) {
			path = "/v1" + path
		}
		if o.api == apiFrontend && method == http.MethodPost {
			// clerk-js sends GET and POST alone and hides the rest in _method.
			if m := c.r.URL.Query().Get("_method"); m != "" {
				method = strings.ToUpper(m)
			}
		}
		if rt := match(o.table, method, path, &c.params); rt != nil {
			c.route, c.method = rt, method
			return o.api
		}
		if c.method == http.MethodOptions && o.api == apiFrontend && strings.HasPrefix(path, "/v1/") {
			return apiFrontend
		}
	}
	switch {
	case !strings.HasPrefix(path, "/v1/"):
		return ""
	case isBearer(c.r):
		return apiBackend
	}
	return apiFrontend // so that a page may read that there is no such operation
}

// unversioned tells the paths of the Backend API that SDKs ask for without /v1.
// The Frontend API has API keys there, too: with a session token.
func unversioned(r *http.Request) bool {
	path := r.URL.Path
	return path == "/m2m_tokens" || strings.HasPrefix(path, "/m2m_tokens/") || path == "/oauth_applications/access_tokens/verify" ||
		(path == "/api_keys" || strings.HasPrefix(path, "/api_keys/")) && !strings.Contains(r.Header.Get("Authorization"), ".")
}

// match finds the route for a path: of several, the one with the fewest
// placeholders.
func match(table []route, method, path string, params *[4]string) *route {
	var best *route
	fewest := len(params) + 1
	var found [4]string
	for i := range table {
		rt := &table[i]
		if rt.method != method {
			continue
		}
		if n, ok := matchPattern(rt.pattern, path, &found); ok && n < fewest {
			best, fewest, *params = rt, n, found
		}
	}
	return best
}

// matchPattern matches a path against a pattern with placeholders, which stand
// for one segment or the beginning of one.
func matchPattern(pattern, path string, params *[4]string) (n int, ok bool) {
	for {
		open := strings.IndexByte(pattern, '{')
		if open < 0 {
			return n, pattern == path
		}
		if !strings.HasPrefix(path, pattern[:open]) || n == len(params) {
			return 0, false
		}
		pattern, path = pattern[open:], path[open:]
		pattern = pattern[strings.IndexByte(pattern, '}')+1:]
		end := strings.IndexByte(path, '/')
		if end < 0 {
			end = len(path)
		}
		if rest, _, _ := strings.Cut(pattern, "/"); rest != "" {
			if !strings.HasSuffix(path[:end], rest) {
				return 0, false
			}
			end -= len(rest)
		}
		value, err := url.PathUnescape(path[:end])
		if err != nil || value == "" {
			return 0, false
		}
		params[n] = value
		n++
		path = path[end:]
	}
}

func isBearer(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ")
}

// allowedHost keeps pages of the internet from reaching the emulator under a
// name of theirs (DNS rebinding), and the emulator from posing as a host of the
// internet. Addresses and names without a dot, as containers have, are fine.
func (e *Emulator) allowedHost(hostport string) bool {
	host := hosts.Name(hostport)
	return hosts.Reserved(hostport) || !strings.Contains(host, ".") || strings.EqualFold(hostport, e.cfg.FrontendAPI) ||
		hosts.IsAddress(host)
}
