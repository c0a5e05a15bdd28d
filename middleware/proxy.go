package middleware

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/endpoint"
	"github.com/clerkkit/clerkkit/internal/forwarded"
	"github.com/clerkkit/clerkkit/internal/loglimit"
)

// DefaultProxyFrontendAPI is the Frontend API that a [Proxy] forwards to if
// Config.FrontendAPI is empty. Clerk's SDKs use this host for all production instances.
const DefaultProxyFrontendAPI = "https://frontend-api.clerk.dev"

// maxProxyBody bounds a request body. The largest are profile images, for which Clerk
// allows 10 MB.
const maxProxyBody = 12 << 20

// Proxy forwards the Frontend API (FAPI) under the application's own origin, for
// production instances that cannot have a DNS record of their own:
// https://clerk.com/docs/guides/dashboard/dns-domains/proxy-fapi. Mount it at its
// [Proxy.Path]:
//
//	proxy, err := middleware.NewProxy(cfg)          // cfg.ProxyURL: "/__clerk"
//	mux.Handle(proxy.Path()+"/", proxy)
//
// It is an http.Handler; examples/proxy mounts it on each router.
//
// A [Middleware] with the same Config does not authenticate requests below that path.
type Proxy struct {
	path    string
	public  string // the absolute ProxyURL, "" if it is a path
	target  *url.URL
	secret  func() string // which no verb of fmt prints
	rules   *forwarded.Rules
	counts  bool // TrustedProxyHops is set
	logger  *slog.Logger
	now     func() time.Time
	reverse *httputil.ReverseProxy

	refusedHost, unknownClient loglimit.Line
}

// NewProxy makes a Proxy. cfg needs SecretKey, PublishableKey and a ProxyURL with a
// path. If ProxyURL is only a path, the request's origin must be a configured one
// (AuthorizedParties, AllowedRedirectOrigins, AuthorizedPartyFunc, PublicURL); requests
// for others are answered 421. The error joins *clerk.ConfigError values.
func NewProxy(cfg clerk.Config) (*Proxy, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	bad := func(field, problem string) (*Proxy, error) {
		return nil, &clerk.ConfigError{Field: field, Problem: problem}
	}
	secretKey := cfg.SecretKey
	p := &Proxy{path: proxyPath(cfg), secret: func() string { return secretKey }, rules: forwarded.New(cfg), counts: cfg.TrustedProxyHops > 0, now: cfg.Now, logger: cfg.Logger}
	switch {
	case p.path == "":
		return bad("ProxyURL", "has no path that could be told from the application's own")
	case cfg.SecretKey == "":
		return bad("SecretKey", "is empty: the Frontend API asks a proxy for it")
	case cfg.PublishableKey == "":
		return bad("PublishableKey", "is empty")
	}
	if strings.Contains(cfg.ProxyURL, "://") {
		p.public = endpoint.WithoutVersion(cfg.ProxyURL)
	}
	target := cfg.FrontendAPI
	if target == "" {
		target = DefaultProxyFrontendAPI
	}
	var err error
	if p.target, err = url.Parse(endpoint.WithoutVersion(target)); err != nil {
		return bad("FrontendAPI", "is not a URL")
	}
	if p.target.Scheme != "https" && !cfg.InsecureEmulator {
		return bad("FrontendAPI", "would get the secret key over plain http")
	}
	if p.logger == nil {
		p.logger = slog.Default()
	}
	if p.now == nil {
		p.now = time.Now
	}
	p.reverse = &httputil.ReverseProxy{
		Rewrite:        p.rewrite,
		ModifyResponse: p.modify,
		ErrorHandler:   p.failed(p.logger),
		Transport:      proxyTransport(cfg.HTTPClient),
		FlushInterval:  -1, // answers are small, and event streams must not wait
		ErrorLog:       log.New(io.Discard, "", 0),
	}
	return p, nil
}

// proxyTransport follows no redirects, because the browser must follow them.
func proxyTransport(c *http.Client) http.RoundTripper {
	if c != nil && c.Transport != nil {
		return c.Transport
	}
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	t.ResponseHeaderTimeout = 30 * time.Second
	t.DisableCompression = true // the browser's own Accept-Encoding decides
	return t
}

// proxyPath returns the path of the ProxyURL without a final slash, "" if it has none.
func proxyPath(cfg clerk.Config) string {
	u, err := url.Parse(cfg.ProxyURL)
	if err != nil {
		return ""
	}
	return endpoint.WithoutVersion(u.Path)
}

// below reports whether a request target is dir or a path below it.
func below(target, dir string) bool {
	if dir == "" {
		return false
	}
	if _, rest, absolute := strings.Cut(target, "://"); absolute && target[0] != '/' { // RFC 9112 section 3.2.2
		target = rest[max(0, strings.IndexByte(rest, '/')):]
	}
	target, _, _ = strings.Cut(target, "?")
	rest, ok := strings.CutPrefix(target, dir)
	return ok && (rest == "" || rest[0] == '/')
}

// Path returns the path below which the Proxy answers, without a final slash.
func (p *Proxy) Path() string { return p.path }

// String describes the Proxy without its secret.
func (p *Proxy) String() string { return "middleware.Proxy(" + p.path + " to " + p.target.Host + ")" }

// Format is String for every verb.
func (p *Proxy) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// ServeHTTP forwards one request.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	escaped := r.URL.EscapedPath()
	switch {
	case !below(escaped, p.path) || path.Clean(r.URL.Path)+"/" != strings.TrimRight(r.URL.Path, "/")+"/" || strings.Contains(r.URL.Path, `\`):
		proxyError(w, http.StatusBadRequest, "proxy_path_mismatch", "The Frontend API has no such path.")
	case r.Method == http.MethodConnect || r.Method == http.MethodTrace || r.Header.Get("Upgrade") != "":
		proxyError(w, http.StatusMethodNotAllowed, "proxy_method_not_allowed", "The Frontend API does not accept this method.")
	case p.public == "" && !p.rules.MayCarryToken(p.origin(r)):
		p.warn(r, &p.refusedHost, "a request for the Frontend API is refused, as its origin is not a configured one; "+
			"add the origin to AuthorizedParties (CLERK_AUTHORIZED_PARTIES), or set PublicURL (CLERK_PUBLIC_URL)")
		proxyError(w, http.StatusMisdirectedRequest, "proxy_host_mismatch", "The application does not answer for this host.")
	default:
		r.Body = http.MaxBytesReader(w, r.Body, maxProxyBody)
		own, end, err := lasting(r)
		if err != nil {
			p.reverse.ErrorHandler(w, r, err)
			return
		}
		defer end()
		p.reverse.ServeHTTP(w, own)
	}
}

// rewrite makes the request to the Frontend API. ReverseProxy has removed the
// hop-by-hop and forwarded fields (RFC 9110 section 7.6.1).
func (p *Proxy) rewrite(pr *httputil.ProxyRequest) {
	in, out := pr.In, pr.Out
	// The host is fixed and the path is no reference: //evil is a path.
	u := *p.target
	u.Path = p.target.Path + strings.TrimPrefix(in.URL.Path, p.path)
	u.RawPath = p.target.EscapedPath() + strings.TrimPrefix(in.URL.EscapedPath(), p.path)
	if u.Path == "" {
		u.Path, u.RawPath = "/", ""
	}
	u.RawQuery = in.URL.RawQuery
	out.URL, out.Host = &u, u.Host

	public, origin := p.publicURL(in)
	out.Header = handOn(out.Header)
	out.Trailer = nil // of fields that are on no list
	out.Header.Set("Clerk-Proxy-Url", public)
	out.Header.Set("Clerk-Secret-Key", p.secret())
	out.Header.Set("X-Forwarded-Host", origin.Host)
	out.Header.Set("X-Forwarded-Proto", origin.Scheme)
	if client := p.rules.ClientAddr(forwardedRequest(in)); client.IsValid() {
		out.Header.Set("X-Forwarded-For", client.String())
	}
	if !p.counts && len(in.Header["X-Forwarded-For"])+len(in.Header["Forwarded"]) > 0 {
		p.warn(in, &p.unknownClient, "the Frontend API takes the proxy in front of this server for the client, as X-Forwarded-For and Forwarded are not believed; "+
			"set TrustedProxyHops (CLERK_TRUSTED_PROXY_HOPS) to the number of your proxies")
	}
	if lacksOrigin(out.Header) {
		out.Header.Set("Origin", origin.String())
	}
}

// lacksOrigin reports GET requests of clerk-js without an Origin. Through the proxy
// they are same-origin requests, for which browsers omit the field (Fetch standard,
// section 3.1). The Frontend API takes the azp of session tokens from Origin, and a
// token without azp is refused. Pages cannot set the fields that are compared here.
func lacksOrigin(h http.Header) bool {
	return h.Get("Origin") == "" && h.Get("Authorization") == "" && // native clients have the one, browsers the other
		h.Get("Sec-Fetch-Site") == "same-origin" && h.Get("Sec-Fetch-Dest") == "empty"
}

// origin returns the public origin of the request.
func (p *Proxy) origin(r *http.Request) forwarded.Origin {
	return p.rules.Public(forwardedRequest(r)).Origin
}

// publicURL returns the URL of the proxy as the browser sees it, and its origin.
func (p *Proxy) publicURL(r *http.Request) (string, forwarded.Origin) {
	if p.public == "" {
		o := p.origin(r)
		return o.String() + p.path, o
	}
	scheme, host, _ := strings.Cut(p.public, "://")
	host, _, _ = strings.Cut(host, "/")
	o, _ := forwarded.ParseOrigin(scheme, host)
	return p.public, o
}

// forwardedRequest converts an http.Request for package forwarded. Its Host is already
// the authority of an absolute target (http.ReadRequest).
func forwardedRequest(r *http.Request) forwarded.Request {
	f := forwarded.Request{RemoteAddr: r.RemoteAddr, Host: r.Host, Header: r.Header}
	if r.TLS != nil {
		f.Scheme = "https"
	}
	return f
}

// warn logs at most once an hour, because strangers can cause the line.
func (p *Proxy) warn(r *http.Request, line *loglimit.Line, text string) {
	if leftOut, due := line.Due(p.now(), time.Hour); due {
		p.logger.WarnContext(r.Context(), "clerk: "+text, loglimit.LeftOut(leftOut))
	}
}

// modify changes redirects to the Frontend API into redirects to the proxy.
func (p *Proxy) modify(res *http.Response) error {
	location, err := res.Location()
	if err != nil || location.Host != p.target.Host {
		return nil //nolint:nilerr // no redirect, or one to somewhere else
	}
	rest, ok := strings.CutPrefix(location.EscapedPath(), p.target.EscapedPath())
	if !ok {
		return nil
	}
	back := res.Request.Header.Get("Clerk-Proxy-Url") + rest
	if location.RawQuery != "" {
		back += "?" + location.RawQuery
	}
	if location.Fragment != "" {
		back += "#" + location.EscapedFragment()
	}
	res.Header.Set("Location", back)
	return nil
}

func (p *Proxy) failed(logger *slog.Logger) func(http.ResponseWriter, *http.Request, error) {
	var line loglimit.Line
	return func(w http.ResponseWriter, r *http.Request, err error) {
		var large *http.MaxBytesError
		switch {
		case r.Context().Err() != nil: // the browser is gone
			w.WriteHeader(http.StatusBadGateway)
		case errors.As(err, &large):
			proxyError(w, http.StatusRequestEntityTooLarge, "proxy_body_too_large", "The request is larger than the Frontend API takes.")
		default:
			if leftOut, due := line.Due(time.Now(), logEvery); due {
				logger.WarnContext(r.Context(), "clerk: the Frontend API did not answer the proxy", "method", r.Method, "err", withoutURL(err), loglimit.LeftOut(leftOut))
			}
			proxyError(w, http.StatusBadGateway, "proxy_request_failed", "The Frontend API did not answer.")
		}
	}
}

// withoutURL removes the URL from an error, because its query may hold a token.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// proxyError answers with Clerk's error envelope.
func proxyError(w http.ResponseWriter, status int, code, message string) {
	body, err := json.Marshal(map[string]any{"errors": []apiError{{Code: code, Message: message, LongMessage: message}}})
	if err != nil {
		body = nil
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
