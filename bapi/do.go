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

// methods are those that Do sends.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// Do carries out an operation that this package does not know, with the key, the retries
// and the errors of the others.
//
//	var out struct{ ID string }
//	err := api.Do(ctx, "POST", "/users/user_1/badges", nil, map[string]any{"name": "early"}, &out)
//
// path is below /v1. It is split at its slashes, and no part of it may be empty, consist of
// dots, or hold anything but letters, digits and -._~:@+=, so it cannot carry a query or an
// escape. Check an ID of a stranger before you put it into the path: with a slash in it, it
// names another resource.
//
// query may be nil. body is written by encoding/json; nil sends none, and [JSON] is sent as
// it is. out is a pointer that the answer is read into by encoding/json, or a type of this
// package such as *[User]; nil reads nothing, and neither does status 204. An answer that
// cannot be read into out, and null, are [ErrUnexpectedAnswer].
//
// A POST or PATCH is repeated after 429 only, because it might count twice.
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
			return fmt.Sprintf("is refused: its part %d %s", i+1, problem)
		}
	}
	return ""
}
