package middlewaretest

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/adapter"
)

// origin is where the application believes to be.
const origin = "http://localhost:3000"

// waitLimit bounds every wait of the suite, so that an application that hangs is a
// problem and not a test that never ends.
const waitLimit = 30 * time.Second

// site is an application that runs, with a Clerk of its own.
type site struct {
	*checker
	em     *clerktest.Emulator
	auth   *middleware.Middleware
	ln     *listener
	client *http.Client
}

// setup is what a site has in addition to its routes. The zero value is a development
// instance with the emulator's own settings.
type setup struct {
	production bool
	now        func() time.Time
	config     func(*clerk.Config)
	options    []middleware.Option
	onRefusal  func(*middleware.Failure) (int, string)
}

// serve builds the application of the routes and starts it.
func (c *checker) serve(set setup, g Group) *site {
	s := &site{checker: c, ln: newListener()}
	s.em, s.auth = c.clerk(set)
	app := App{Group: withAuth(g, s.auth), OnRefusal: set.onRefusal}
	serve, err := c.router.New(app)
	if err != nil {
		c.fatalf("building the application: %v", err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = serve(s.ln) // says that it was closed
	}()
	transport := &http.Transport{DialContext: s.ln.dial, DisableCompression: true, MaxIdleConnsPerHost: 4}
	s.client = &http.Client{
		Transport:     transport,
		Timeout:       waitLimit,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	c.cleanup(func() {
		transport.CloseIdleConnections()
		_ = s.ln.Close()
		select {
		case <-served:
		case <-time.After(waitLimit):
			c.errorf("the server did not end with its listener")
		}
	})
	return s
}

// clerk makes an emulator, and the middleware of an application of its instance.
func (c *checker) clerk(set setup) (*clerktest.Emulator, *middleware.Middleware) {
	conf := clerktest.Config{Origins: []string{origin}, Now: set.now}
	if set.production {
		conf.Instance = clerk.Production
	}
	em, err := clerktest.New(conf)
	if err != nil {
		c.fatalf("starting the emulator: %v", err)
	}
	cfg := em.Config()
	cfg.Logger = slog.New(slog.DiscardHandler)
	if set.config != nil {
		set.config(&cfg)
	}
	options := set.options
	if set.onRefusal != nil {
		options = append(options, middleware.WithErrorHandler(func(w http.ResponseWriter, _ *http.Request, f *middleware.Failure) {
			status, body := set.onRefusal(f)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body) // a client that is gone needs no answer
		}))
	}
	auth, err := middleware.New(cfg, options...)
	if err != nil {
		c.fatalf("middleware.New: %v", err)
	}
	c.cleanup(func() { _ = auth.Close() })
	return em, auth
}

// withAuth gives the groups that name no middleware the one of the site.
func withAuth(g Group, auth adapter.Middleware) Group {
	if g.Auth == nil {
		g.Auth = auth
	}
	groups := make([]Group, len(g.Groups))
	for i := range g.Groups {
		groups[i] = withAuth(g.Groups[i], g.Auth)
	}
	g.Groups = groups
	return g
}

// answer is a response, read to its end.
type answer struct {
	status  int
	header  http.Header
	cookies []string // the values of Set-Cookie
	body    string
}

// option changes a request.
type option func(*http.Request)

func header(name, value string) option { return func(r *http.Request) { r.Header.Add(name, value) } }
func bearer(token string) option       { return header("Authorization", "Bearer "+token) }

// browserCookies are those of a browser in which the session is.
func browserCookies(sess *clerktest.Session, opts ...clerktest.TokenOption) option {
	return func(r *http.Request) { sess.Cookies(r, opts...) }
}

// cookie adds one cookie to whatever there is.
func cookie(name, value string) option {
	return func(r *http.Request) {
		pair := name + "=" + value
		if have := r.Header.Get("Cookie"); have != "" {
			pair = have + "; " + pair
		}
		r.Header.Set("Cookie", pair)
	}
}

// document makes it a request of a browser for a page.
func document(r *http.Request) {
	r.Header.Set("Sec-Fetch-Dest", "document")
	r.Header.Set("Accept", "text/html,application/xhtml+xml")
}

func (s *site) get(target string, opts ...option) *answer {
	return s.do(http.MethodGet, target, "", opts...)
}

// do sends a request. It ends the behaviour where there is no answer.
func (s *site) do(method, target, body string, opts ...option) *answer {
	a, err := s.try(method, target, body, opts...)
	if err != nil {
		s.fatalf("%s %s: no answer: %v", method, target, err)
	}
	return a
}

func (s *site) try(method, target, body string, opts ...option) (*answer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), waitLimit)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, origin+target, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	for _, o := range opts {
		o(r)
	}
	res, err := s.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode == http.StatusSwitchingProtocols { // there is no end to read to
		return &answer{status: res.StatusCode, header: res.Header}, nil
	}
	text, err := io.ReadAll(res.Body)
	return &answer{res.StatusCode, res.Header, res.Header.Values("Set-Cookie"), string(text)}, err
}

// signIn signs a new user in.
func (s *site) signIn(email string, opts ...clerktest.SignInOption) *clerktest.Session {
	return s.em.SignIn(s.em.AddUser(clerktest.User{Email: email}), opts...)
}

// query reads the query of a URL, for the parameters of a handshake.
func (s *site) query(location string) url.Values {
	u, err := url.Parse(location)
	if err != nil {
		s.fatalf("Location %q: %v", location, err)
	}
	return u.Query()
}
