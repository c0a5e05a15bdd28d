package bapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strings"

	"github.com/clerkkit/clerkkit/internal/observe"
	"github.com/clerkkit/clerkkit/internal/transport"
)

// String returns "bapi.Client". It does not show the key.
func (c *Client) String() string { return "bapi.Client" }

// CloseIdleConnections closes idle connections. A Client needs no other cleanup.
func (c *Client) CloseIdleConnections() {
	if c != nil && c.core != nil {
		c.core.t.CloseIdleConnections()
	}
}

// errNoClient is the error of calls on a zero Client.
var errNoClient = &argumentError{"the client", "was not made by New or FromConfig"}

// errNoContext is for calls with a nil context.
var errNoContext = &argumentError{"the context", "is nil"}

// core is shared by all services.
type core struct {
	t        *transport.Client
	observer *observe.Observer // nil for none
}

// request describes the call of a generated method.
type request struct {
	method        string
	path          string     // below /v1, with its parameters in braces: /users/{user_id}
	filled        bool       // path is what an application gave to Do, with ids in it
	args          []string   // the parameters of the path, in order
	query         any        // a params struct with query tags
	values        url.Values // the query of an operation that is not generated
	needed        []string
	paginated     bool
	limit, offset int
	maxLimit      int
	body          any
	file          *File
	fileField     string
	idempotent    bool
}

// send sends a request, decodes the response with read, and calls the Observer. A nil
// read decodes nothing. If the response is nil, the error is not.
func (c *core) send(ctx context.Context, r request, opts []CallOption, read func(*transport.Response) error) (*transport.Response, error) {
	switch {
	case c == nil || c.t == nil:
		return nil, refused(r.method, "/v1"+r.path, errNoClient)
	case ctx == nil:
		return nil, refused(r.method, "/v1"+r.path, errNoContext)
	}
	if !c.observer.BackendCalls() {
		return c.exchange(ctx, r, opts, read)
	}
	e := beginEvent(r)
	res, err := c.exchange(ctx, r, opts, read)
	if !errors.Is(err, ErrInvalidArgument) { // was not sent
		c.observer.BackendCall(ctx, endEvent(ctx, e, res, err))
	}
	return res, err
}

// exchange is send without the Observer.
func (c *core) exchange(ctx context.Context, r request, opts []CallOption, read func(*transport.Response) error) (*transport.Response, error) {
	s := callSettings{req: transport.Request{Method: r.method, Idempotent: r.idempotent}}
	for _, opt := range opts {
		if opt != nil {
			opt(&s)
		}
	}
	if err := s.fill(r); err != nil {
		return nil, refused(r.method, "/v1"+r.path, err)
	}
	res, err := c.t.Do(ctx, s.req, nil)
	if err != nil {
		return nil, public(err)
	}
	if s.response != nil {
		*s.response = Response(*res)
	}
	if read != nil {
		if err := read(res); err != nil {
			return nil, public(c.t.Undecodable(s.req, res, err))
		}
	}
	return res, nil
}

// fill sets path, key, query and body of the request. Its errors are argumentErrors and
// errors of reading files.
func (s *callSettings) fill(r request) error {
	if err := s.fillPath(r); err != nil {
		return err
	}
	if s.key != nil {
		if problem := keyProblem(*s.key); problem != "" {
			return &argumentError{"the secret key", problem}
		}
		s.req.SecretKey = *s.key
	}
	if r.maxLimit > 0 && (r.limit < 0 || r.limit > r.maxLimit) {
		return &argumentError{"limit", fmt.Sprintf("is %d, which is not within 1 and %d", r.limit, r.maxLimit)}
	}
	if r.offset < 0 {
		return &argumentError{"offset", fmt.Sprintf("is %d", r.offset)}
	}
	q, err := encodeQuery(r.query)
	if err != nil {
		return err
	}
	for i := 0; i+1 < len(r.needed); i += 2 {
		if r.needed[i+1] == "" {
			return &argumentError{r.needed[i], "is empty"}
		}
		q.Set(r.needed[i], r.needed[i+1])
	}
	if r.paginated {
		q.Set("paginated", "true")
	}
	maps.Copy(q, r.values)
	maps.Copy(q, s.query)
	s.req.Query = q
	switch {
	case r.file != nil:
		if err := s.multipart(r); err != nil {
			return err
		}
	case r.body != nil:
		b, err := json.Marshal(r.body)
		if err != nil {
			return bodyError(err)
		}
		s.req.Body = b
	}
	return s.addFields(r.method)
}

// fillPath inserts the arguments into the path. Its errors name the parameter but not
// its value.
func (s *callSettings) fillPath(r request) error {
	args := r.args
	for seg := range strings.SplitSeq(strings.TrimPrefix(r.path, "/"), "/") {
		if name, isParam := strings.CutPrefix(seg, "{"); isParam && len(args) > 0 {
			seg, args = args[0], args[1:]
			if problem := transport.CheckSegment(seg); problem != "" {
				return &argumentError{strings.TrimSuffix(name, "}"), problem}
			}
		}
		s.req.Path = append(s.req.Path, seg)
	}
	return nil
}

// bodyError converts an error of encoding/json. Such errors name types, not values.
func bodyError(err error) error {
	var m *json.MarshalerError
	if errors.As(err, &m) {
		return &argumentError{"the body", fmt.Sprintf("cannot be written: %v: not valid JSON", m.Type)}
	}
	return &argumentError{"the body", "cannot be written as JSON"}
}

// fetch sends a request whose response is one object.
func fetch[T any, P promisedOf[T]](ctx context.Context, c *core, r request, opts []CallOption) (*T, error) {
	out := new(T)
	if err := c.fetch(ctx, r, opts, func(d *decoder) { decodePromised(d, P(out)) }); err != nil {
		return nil, err
	}
	return out, nil
}

// fetchPage sends a request whose response is a list.
func fetchPage[T any, P promisedOf[T]](ctx context.Context, c *core, r request, opts []CallOption) (*Page[T], error) {
	out := new(Page[T])
	if err := c.fetch(ctx, r, opts, func(d *decoder) { decodePage[T, P](d, out) }); err != nil {
		return nil, err
	}
	return out, nil
}

// fetch sends a request and decodes the response with read.
func (c *core) fetch(ctx context.Context, r request, opts []CallOption, read func(*decoder)) error {
	_, err := c.send(ctx, r, opts, func(res *transport.Response) error { return decode(string(res.Body), read) })
	return err
}

// fetchJSON sends a request whose response is an object that has no type.
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

// fetchBytes sends a request whose response is not JSON.
func fetchBytes(ctx context.Context, c *core, r request, opts []CallOption) ([]byte, error) {
	opts = append([]CallOption{WithHeader("Accept", "*/*")}, opts...)
	res, err := c.send(ctx, r, opts, nil)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// run sends a request whose response has no body.
func run(ctx context.Context, c *core, r request, opts []CallOption) error {
	_, err := c.send(ctx, r, opts, nil)
	return err
}
