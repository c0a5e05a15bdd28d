package bapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/internal/transport"
)

// Option is a setting of a [Client].
type Option func(*transport.Config) error

// New returns a client for the instance that secretKey (sk_…) belongs to. It does not
// touch the network. An empty or malformed key, and an option with a bad value, are errors
// that do not repeat the key.
func New(secretKey string, opts ...Option) (*Client, error) {
	cfg := transport.Config{SecretKey: secretKey}
	for _, opt := range opts {
		if opt == nil {
			return nil, errors.New("bapi: a nil option")
		}
		if err := opt(&cfg); err != nil {
			return nil, fmt.Errorf("bapi: %w", err)
		}
	}
	t, err := transport.New(cfg)
	if err != nil {
		return nil, fmt.Errorf("bapi: %w", err)
	}
	return newClient(&core{t: t}), nil
}

// String names the client without its key.
func (c *Client) String() string { return "bapi.Client" }

// CloseIdleConnections closes connections that no request is using. A Client needs no
// other end.
func (c *Client) CloseIdleConnections() { c.core.t.CloseIdleConnections() }

// WithHTTPClient sends requests through c; put middleware into its Transport. It is
// copied, and the copy follows no redirects, so that the secret key stays on one host.
func WithHTTPClient(c *http.Client) Option {
	return func(cfg *transport.Config) error {
		if c == nil {
			return errors.New("a nil HTTP client")
		}
		cfg.HTTPClient = c
		return nil
	}
}

// WithAPIURL talks to another host: the emulator, or a proxy of yours. Default
// clerk.DefaultAPIURL. "/v1" is appended unless it is there. Plain http is for loopback
// hosts only.
func WithAPIURL(url string) Option {
	return func(cfg *transport.Config) error {
		if url == "" {
			return errors.New("an empty API URL")
		}
		cfg.APIURL = url
		return nil
	}
}

// WithInsecureHTTP allows plain http to hosts that are not loopback, which shows the
// secret key to the network. For an emulator in a container network.
func WithInsecureHTTP() Option {
	return func(cfg *transport.Config) error {
		cfg.InsecureHTTP = true
		return nil
	}
}

// WithAttemptTimeout bounds each attempt, 15 seconds by default. The context of a call
// bounds all its attempts together.
func WithAttemptTimeout(d time.Duration) Option {
	return func(cfg *transport.Config) error {
		if d <= 0 {
			return fmt.Errorf("a timeout of %v", d)
		}
		cfg.Timeout = d
		return nil
	}
}

// WithMaxRetries bounds how often a request is repeated, 3 times by default; 0 is never.
func WithMaxRetries(n int) Option {
	return func(cfg *transport.Config) error {
		if n < 0 {
			return fmt.Errorf("%d retries", n)
		}
		if cfg.MaxRetries = n; n == 0 {
			cfg.MaxRetries = -1
		}
		return nil
	}
}

// WithRateLimit keeps the client below n requests per period, instead of running into 429.
// Clerk allows 1000 requests in 10 seconds in production and 100 in development, for all
// clients of an instance together.
func WithRateLimit(n int, per time.Duration) Option {
	return func(cfg *transport.Config) error {
		l, err := transport.NewLimiter(n, per)
		cfg.Limiter = l
		return err
	}
}

// WithUserAgent puts a name in front of the kit's own User-Agent, like "billing/1.4".
func WithUserAgent(s string) Option {
	return func(cfg *transport.Config) error {
		cfg.UserAgent = s
		return nil
	}
}

// WithLogger logs repetitions at debug level, without keys, bodies and query strings.
func WithLogger(l *slog.Logger) Option {
	return func(cfg *transport.Config) error {
		cfg.Logger = l
		return nil
	}
}

// CallOption is a setting of one call.
type CallOption func(*callSettings)

type callSettings struct {
	req      transport.Request
	response *Response
}

// Response is an answer as it came: status, header and body.
type Response = transport.Response

// WithHeader adds a header to the request. Authorization, Clerk-API-Version and
// User-Agent cannot be set.
func WithHeader(key, value string) CallOption {
	return func(s *callSettings) {
		if s.req.Header == nil {
			s.req.Header = http.Header{}
		}
		s.req.Header.Add(key, value)
	}
}

// WithResponse stores the answer as it came in r, also when it could not be decoded. An
// answer that is not 2xx is in the error only.
func WithResponse(r *Response) CallOption { return func(s *callSettings) { s.response = r } }

// WithSecretKey sends another key: a machine secret key (ak_…) for M2M tokens.
func WithSecretKey(key string) CallOption { return func(s *callSettings) { s.req.SecretKey = key } }

// WithoutRetry sends the request once at most.
func WithoutRetry() CallOption { return func(s *callSettings) { s.req.NoRetry = true } }

// WithTimeout bounds each attempt of this call.
func WithTimeout(d time.Duration) CallOption { return func(s *callSettings) { s.req.Timeout = d } }

// core is what all services share.
type core struct{ t *transport.Client }

// request is what a generated method hands over.
type request struct {
	method        string
	path          string   // below /v1, with its parameters in braces: /users/{user_id}
	args          []string // the parameters of the path, in its order
	query         any      // a params struct with query tags
	needed        []string
	paginated     bool
	limit, offset int
	maxLimit      int
	body          any
	file          *File
	fileField     string
	idempotent    bool
}

// send carries out a request. A nil response comes with an error.
func (c *core) send(ctx context.Context, r request, opts []CallOption) (transport.Request, *transport.Response, error) {
	s := callSettings{req: transport.Request{Method: r.method, Idempotent: r.idempotent}}
	for _, opt := range opts {
		if opt != nil {
			opt(&s)
		}
	}
	if err := s.fill(r); err != nil {
		return s.req, nil, &Error{Method: r.method, Path: "/v1" + r.path, Err: fmt.Errorf("%w: %w", ErrInvalidArgument, err)}
	}
	res, err := c.t.Do(ctx, s.req, nil)
	if res != nil && s.response != nil {
		*s.response = *res
	}
	return s.req, res, err
}

// fill puts path, query and body into the request.
func (s *callSettings) fill(r request) error {
	if err := s.fillPath(r); err != nil {
		return err
	}
	if r.maxLimit > 0 && (r.limit < 0 || r.limit > r.maxLimit) {
		return fmt.Errorf("a limit of %d is not within 1 and %d", r.limit, r.maxLimit)
	}
	if r.offset < 0 {
		return fmt.Errorf("an offset of %d", r.offset)
	}
	q, err := encodeQuery(r.query)
	if err != nil {
		return err
	}
	for i := 0; i+1 < len(r.needed); i += 2 {
		if r.needed[i+1] == "" {
			return fmt.Errorf("%s is empty", r.needed[i])
		}
		q.Set(r.needed[i], r.needed[i+1])
	}
	if r.paginated {
		q.Set("paginated", "true")
	}
	s.req.Query = q
	switch {
	case r.file != nil:
		return s.multipart(r)
	case r.body != nil:
		b, err := json.Marshal(r.body)
		if err != nil {
			return bodyError(err)
		}
		s.req.Body = b
	}
	return nil
}

// fillPath puts the arguments into the path. Its errors name the parameter and not what
// was given for it.
func (s *callSettings) fillPath(r request) error {
	args := r.args
	for seg := range strings.SplitSeq(strings.TrimPrefix(r.path, "/"), "/") {
		if name, isParam := strings.CutPrefix(seg, "{"); isParam {
			seg, args = args[0], args[1:]
			if problem := transport.CheckSegment(seg); problem != "" {
				return fmt.Errorf("%s %s", strings.TrimSuffix(name, "}"), problem)
			}
		}
		s.req.Path = append(s.req.Path, seg)
	}
	return nil
}

// bodyError says why a body could not be written. encoding/json names types, not values.
func bodyError(err error) error {
	var m *json.MarshalerError
	if errors.As(err, &m) {
		return fmt.Errorf("the body cannot be written: %v: not valid JSON", m.Type)
	}
	return errors.New("the body cannot be written as JSON")
}

// fetch carries out a request whose answer is one object.
func fetch[T any, P promisedOf[T]](ctx context.Context, c *core, r request, opts []CallOption) (*T, error) {
	out := new(T)
	if err := c.fetch(ctx, r, opts, func(d *decoder) { decodePromised(d, P(out)) }); err != nil {
		return nil, err
	}
	return out, nil
}

// fetchPage carries out a request whose answer is a list.
func fetchPage[T any, P promisedOf[T]](ctx context.Context, c *core, r request, opts []CallOption) (*Page[T], error) {
	out := new(Page[T])
	if err := c.fetch(ctx, r, opts, func(d *decoder) { decodePage[T, P](d, out) }); err != nil {
		return nil, err
	}
	return out, nil
}

// fetch carries out a request and reads the answer with read.
func (c *core) fetch(ctx context.Context, r request, opts []CallOption, read func(*decoder)) error {
	req, res, err := c.send(ctx, r, opts)
	if err != nil {
		return err
	}
	if err := decode(string(res.Body), read); err != nil {
		return c.t.Undecodable(req, res, err)
	}
	return nil
}

// fetchJSON carries out a request whose answer is an object without a shape of its own.
func fetchJSON(ctx context.Context, c *core, r request, opts []CallOption) (JSON, error) {
	var out JSON
	if err := c.fetch(ctx, r, opts, func(d *decoder) {
		if out = JSON(d.raw()); d.err == nil && !strings.HasPrefix(string(out), "{") {
			d.err = transport.Lacks("the object")
		}
	}); err != nil {
		return "", err
	}
	return out, nil
}

// fetchBytes carries out a request whose answer is not JSON.
func fetchBytes(ctx context.Context, c *core, r request, opts []CallOption) ([]byte, error) {
	opts = append([]CallOption{WithHeader("Accept", "*/*")}, opts...)
	_, res, err := c.send(ctx, r, opts)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// run carries out a request that is answered with nothing.
func run(ctx context.Context, c *core, r request, opts []CallOption) error {
	_, _, err := c.send(ctx, r, opts)
	return err
}
