package bapi

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/clerkkit/clerkkit/internal/transport"
)

// CallOption changes one call. A nil CallOption does nothing.
type CallOption func(*callSettings)

type callSettings struct {
	req      transport.Request
	response *Response
	query    url.Values  // replaces parameters of the method
	fields   []bodyField // added to the body
	key      *string
}

type bodyField struct {
	name  string
	value any
}

// Response is an HTTP response, see [WithResponse].
type Response struct {
	// Status is the HTTP status, 2xx.
	Status int
	// Header is the header of the response.
	Header http.Header
	// Body is the whole body, decompressed.
	Body []byte
	// Attempts is how often the request was sent, at least 1.
	Attempts int
}

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

// WithQuery adds a query parameter that the method does not know. It replaces a
// parameter of the same name that the method sends. If WithQuery is used several times
// for one name, all values are sent.
func WithQuery(name, value string) CallOption {
	return func(s *callSettings) {
		if s.query == nil {
			s.query = url.Values{}
		}
		s.query.Add(name, value)
	}
}

// WithField adds a field that the method does not know to the JSON body, or replaces
// one. value is encoded with encoding/json; [JSON] is sent unchanged. If the request is
// a GET, or its body is a list or a file, the call fails with [ErrInvalidArgument].
func WithField(name string, value any) CallOption {
	return func(s *callSettings) { s.fields = append(s.fields, bodyField{name, value}) }
}

// WithResponse stores a 2xx response in r, also if it cannot be decoded. Other
// responses are only in the error. If r is nil, WithResponse does nothing.
func WithResponse(r *Response) CallOption { return func(s *callSettings) { s.response = r } }

// WithSecretKey sends another key, such as a machine secret key (ak_…) for M2M tokens.
// An empty key is an [ErrInvalidArgument]; it does not mean the key of the client.
func WithSecretKey(key string) CallOption { return func(s *callSettings) { s.key = &key } }

// WithoutRetry sends the request at most once.
func WithoutRetry() CallOption { return func(s *callSettings) { s.req.NoRetry = true } }

// WithTimeout bounds each attempt of this call. 0 means Config.AttemptTimeout.
func WithTimeout(d time.Duration) CallOption { return func(s *callSettings) { s.req.Timeout = d } }

// addFields adds the fields of WithField to the body.
func (s *callSettings) addFields(method string) error {
	if len(s.fields) == 0 {
		return nil
	}
	object := map[string]json.RawMessage{}
	switch {
	case method == http.MethodGet || method == http.MethodHead:
		return &argumentError{s.fields[0].name, "is a body field, and a " + method + " has no body"}
	case s.req.Stream != nil, len(s.req.Body) > 0 && json.Unmarshal(s.req.Body, &object) != nil:
		return &argumentError{s.fields[0].name, "cannot be added to a body that is not an object"}
	}
	for _, f := range s.fields {
		value, err := json.Marshal(f.value)
		if err != nil {
			return &argumentError{f.name, "cannot be encoded as JSON"}
		}
		object[f.name] = value
	}
	var err error
	s.req.Body, err = json.Marshal(object)
	return err
}
