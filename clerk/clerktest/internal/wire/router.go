package wire

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

// Created answers 201 with JSON.
func (c *Call) Created(v any) error {
	WriteJSON(c.W, http.StatusCreated, v)
	return nil
}

// API is one of the faces of the emulator, which share one address.
type API string

const (
	apiFrontend API = "FAPI"
	APIBackend  API = "BAPI"
	apiPages    API = "Pages"
	apiControl  API = "Control" // the test functions and the inspector
)

// Route is one operation. The tables of routes, one for each API, name every
// operation that Clerk's descriptions of its APIs do; handler is nil for those
// that are not there yet. E is what the handlers work on.
type Route[E any] struct {
	Method    string
	Pattern   string // /v1/users/{user_id}
	Operation string
	Handler   func(E, *Call) error
}

// Router has the tables of all APIs.
type Router[E any] struct {
	Frontend, Backend, Pages, Control []Route[E]
}

// Call is one request on its way through a handler.
type Call struct {
	W      http.ResponseWriter
	R      *http.Request
	Method string // after _method
	// Operation and pattern are those of the route, "" where there is none.
	Operation, Pattern string
	params             [4]string // the values of the pattern's placeholders, in order
	meaning            string
	Shake              *HandshakeTrace // for the inspector
	Machine            *state.Machine  // whose secret key came, instead of the instance's
}

// Note says what the request meant, for the log. It must not hold a secret.
func (c *Call) Note(meaning string) { c.meaning = meaning }

// Param returns the value of the i-th placeholder of the pattern.
func (c *Call) Param(i int) string { return c.params[i] }

// OK answers 200 with JSON.
func (c *Call) OK(v any) error {
	WriteJSON(c.W, http.StatusOK, v)
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

// Answer answers a request to either API or to the pages.
func (t *Router[E]) Answer(e *Server, on E, w http.ResponseWriter, r *http.Request) {
	var tap *recording.Tap
	if e.Recorder != nil {
		tap = e.Recorder.Listen(w, r)
		w = tap
	}
	sw := &statusWriter{ResponseWriter: w}
	start := time.Now()
	c := &Call{W: sw, R: r, Method: r.Method}
	kind, rt := t.find(c)
	entry := LoggedRequest{Time: e.Now(), Method: c.Method, Path: r.URL.Path, API: string(kind)}
	entry.Operation = c.Operation
	defer func() {
		entry.Status, entry.Meaning, entry.Duration = sw.status, c.meaning, time.Since(start)
		if kind == apiControl && c.Method == http.MethodGet {
			return // the inspector looks every second
		}
		e.Log.add(entry, c.Shake)
		e.record(tap, kind, c)
		e.Config.Logger.LogAttrs(r.Context(), levelOf(entry.Status), "clerktest: request", entry.attrs()...)
	}()
	if f := e.faultOf(kind, r); f != nil {
		c.Note("injected fault")
		tap = nil // not the emulator's answer
		if f.serve(r.Context(), sw) {
			return
		}
		c.Note("injected delay")
	}
	defer e.Enter(r)()
	err := t.serve(e, on, c, kind, rt)
	if err == nil {
		return
	}
	refused, ok := err.(*refusal.Error) //nolint:errorlint // handlers never wrap it
	if !ok {
		refused = &refusal.Error{Kind: refusal.KindInternal, Code: "internal_clerk_error", Message: "There was an internal error on the emulator", Long: "", Param: "", Meta: nil}
		e.Config.Logger.Error("clerktest: "+entry.Operation, "error", err)
	}
	if c.meaning == "" {
		c.Note("refused: " + refused.Code)
	}
	write(refused, sw, e.IDs.Next("trace"))
}

// faultOf returns the fault for a request. The control API has none, or nobody
// could undo them.
func (e *Server) faultOf(kind API, r *http.Request) *fault {
	if kind == apiControl {
		return nil
	}
	return e.Faults.take(r.Method, r.URL.Path)
}

// record saves an exchange with one of the APIs, where recording is on.
func (e *Server) record(tap *recording.Tap, kind API, c *Call) {
	if tap == nil || c.Operation == "" || kind == apiPages || kind == apiControl {
		return
	}
	if err := tap.Save(string(kind), c.Operation, c.Method, c.Pattern); err != nil {
		e.Config.Logger.Error("clerktest: record", "error", err)
	}
}

func (t *Router[E]) serve(e *Server, on E, c *Call, kind API, rt *Route[E]) error {
	if !e.allowedHost(c.R.Host) {
		return &refusal.Error{
			Kind: refusal.KindMisdirected, Code: "host_invalid", Message: "Invalid host",
			Long: "The emulator does not act for " + refusal.Quoted(c.R.Host) + ", which could be a host of the internet.", Param: "", Meta: nil,
		}
	}
	c.W.Header().Set("Cache-Control", "no-store")
	c.W.Header().Set("X-Clerk-Emulator", "clerktest; not a real Clerk instance")
	if kind == apiFrontend {
		if done, err := e.crossOrigin(c); done || err != nil {
			return err
		}
	}
	if kind == APIBackend {
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
	case rt != nil && rt.Handler != nil:
		return rt.Handler(on, c)
	case rt != nil || strings.HasPrefix(c.R.URL.Path, "/v1/"):
		operation := c.Method + " " + refusal.Quoted(c.R.URL.Path)
		if rt != nil {
			operation = rt.Operation
		}
		return &refusal.Error{
			Kind: refusal.KindNotImplemented, Code: "not_implemented_in_emulator", Message: "Not implemented in the emulator",
			Long: "The emulator does not have the operation " + operation + ".", Param: "", Meta: nil,
		}
	}
	return refusal.NotFound("page " + refusal.Quoted(c.R.URL.Path))
}

// find picks API and route. The APIs share paths below /v1/: what comes with a
// Bearer credential is meant for the Backend API first, the rest for the
// Frontend API first.
func (t *Router[E]) find(c *Call) (API, *Route[E]) {
	if c.Method == http.MethodHead {
		c.Method = http.MethodGet
	}
	path := c.R.URL.EscapedPath()
	if strings.HasPrefix(path, "/v1/") {
		path = strings.TrimSuffix(path, "/") // clerk-js creates addresses and numbers with one
	}
	if path == "/_emulator" || strings.HasPrefix(path, "/_emulator/") {
		return apiControl, named(c, Match(t.Control, c.Method, path, &c.params))
	}
	order := [...]struct {
		api   API
		table []Route[E]
	}{{apiFrontend, t.Frontend}, {APIBackend, t.Backend}, {apiPages, t.Pages}}
	if IsBearer(c.R) {
		order[0], order[1] = order[1], order[0]
	}
	for _, o := range order {
		method, path := c.Method, path
		if o.api == APIBackend && unversioned(c.R) {
			path = "/v1" + path
		}
		if o.api == apiFrontend && method == http.MethodPost {
			// clerk-js sends GET and POST alone and hides the rest in _method.
			if m := c.R.URL.Query().Get("_method"); m != "" {
				method = strings.ToUpper(m)
			}
		}
		if rt := Match(o.table, method, path, &c.params); rt != nil {
			c.Method = method
			return o.api, named(c, rt)
		}
		if c.Method == http.MethodOptions && o.api == apiFrontend && strings.HasPrefix(path, "/v1/") {
			return apiFrontend, nil
		}
	}
	switch {
	case !strings.HasPrefix(path, "/v1/"):
		return "", nil
	case IsBearer(c.R):
		return APIBackend, nil
	}
	return apiFrontend, nil // so that a page may read that there is no such operation
}

// named notes the route in the call.
func named[E any](c *Call, rt *Route[E]) *Route[E] {
	if rt != nil {
		c.Operation, c.Pattern = rt.Operation, rt.Pattern
	}
	return rt
}

// unversioned tells the paths of the Backend API that SDKs ask for without /v1.
// The Frontend API has API keys there, too: with a session token.
func unversioned(r *http.Request) bool {
	path := r.URL.Path
	return path == "/m2m_tokens" || strings.HasPrefix(path, "/m2m_tokens/") || path == "/oauth_applications/access_tokens/verify" ||
		(path == "/api_keys" || strings.HasPrefix(path, "/api_keys/")) && !strings.Contains(r.Header.Get("Authorization"), ".")
}

// Match finds the route for a path: of several, the one with the fewest
// placeholders.
func Match[E any](table []Route[E], method, path string, params *[4]string) *Route[E] {
	var best *Route[E]
	fewest := len(params) + 1
	var found [4]string
	for i := range table {
		rt := &table[i]
		if rt.Method != method {
			continue
		}
		if n, ok := MatchPattern(rt.Pattern, path, &found); ok && n < fewest {
			best, fewest, *params = rt, n, found
		}
	}
	return best
}

// MatchPattern matches a path against a pattern with placeholders, which stand
// for one segment or the beginning of one.
func MatchPattern(pattern, path string, params *[4]string) (n int, ok bool) {
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

func IsBearer(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ")
}

// allowedHost keeps pages of the internet from reaching the emulator under a
// name of theirs (DNS rebinding), and the emulator from posing as a host of the
// internet. Addresses and names without a dot, as containers have, are fine.
func (e *Server) allowedHost(hostport string) bool {
	host := hosts.Name(hostport)
	return hosts.Reserved(hostport) || !strings.Contains(host, ".") || strings.EqualFold(hostport, e.Config.FrontendAPI) ||
		hosts.IsAddress(host)
}
