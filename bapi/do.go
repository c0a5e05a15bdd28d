package bapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/internal/transport"
)

// methods are the methods that Do accepts.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// Do calls an operation that this package does not have, with the same key, retries and
// errors as other calls.
//
//	var out struct{ ID string }
//	err := api.Do(ctx, "POST", "/users/user_1/badges", nil, map[string]any{"name": "early"}, &out)
//
// path is relative to /v1. No segment of it may be empty or consist of dots. Segments
// may contain only letters, digits and -._~:@+=, so path cannot contain a query or an
// escape. Check an ID from a request before you insert it into path: an ID with a slash
// would name another resource.
//
// query may be nil. body is encoded with encoding/json; nil sends no body, and [JSON]
// is sent unchanged. The response is decoded into out, a pointer for encoding/json or
// to a type of this package such as *[User]. If out is nil, or the status is 204,
// nothing is decoded. If the response is null or cannot be decoded into out, the error
// is [ErrUnexpectedAnswer].
//
// A POST or PATCH is retried only after 429, because it could otherwise take effect
// twice.
func (c *Client) Do(ctx context.Context, method, path string, query url.Values, body, out any, opts ...CallOption) error {
	if c == nil {
		return refused(method, "", errNoClient)
	}
	r := request{method: method, path: "/" + strings.TrimPrefix(strings.TrimPrefix(path, "/"), "v1/"), filled: true, body: body, values: query}
	if problem := pathProblem(r.path); problem != "" {
		return refused(method, "/v1/{path}", &argumentError{"path", problem})
	}
	if !slices.Contains(methods, method) {
		return refused("", "/v1"+r.path, &argumentError{"method", "is not one of " + strings.Join(methods, ", ")})
	}
	if v := reflect.ValueOf(out); out != nil && (v.Kind() != reflect.Pointer || v.IsNil()) {
		return refused(method, "/v1"+r.path, &argumentError{"out", "is not a pointer to a value"})
	}
	_, err := c.core.send(ctx, r, opts, func(res *transport.Response) error { return readInto(out, res) })
	return err
}

// readInto reads an answer into what an application gave to Do.
func readInto(out any, res *transport.Response) error {
	if out == nil || res.Status == http.StatusNoContent {
		return nil
	}
	if v, ok := out.(promised); ok {
		return decode(string(res.Body), func(d *decoder) { decodePromised(d, v) })
	}
	err := json.Unmarshal(res.Body, out)
	if err == nil && strings.TrimSpace(string(res.Body)) == "null" {
		return transport.Lacks("a value")
	}
	return err
}

func pathProblem(path string) string {
	for i, seg := range strings.Split(path, "/")[1:] {
		if problem := transport.CheckSegment(seg); problem != "" {
			return fmt.Sprintf("is refused: its segment %d %s", i+1, problem)
		}
	}
	return ""
}
