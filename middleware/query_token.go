package middleware

import (
	"net/http"
	"net/url"
	"strings"
)

// maxQuery bounds the query that TokenFromQuery reads: a token is 16 KiB at most.
const maxQuery = 32 << 10

// TokenFromQuery lets clients that cannot set a header send their token in a query
// parameter: a browser's WebSocket and EventSource. It moves the token into the
// Authorization header and takes it out of the URL. Nothing reads a token from a URL
// without it.
//
//	stream := middleware.TokenFromQuery("token")(logged(auth.Require()(http.HandlerFunc(events))))
//	mux.Handle("GET /events", stream)
//
// With echo, gin and fiber, it stands before the framework: around the engine as
// http.Handler (middleware.TokenFromQuery("token")(engine)), or for fiber with
// adaptor.HTTPMiddleware. Their own loggers then write the URL without the token.
//
// Mount it on the routes that need it alone, and above everything that writes URLs
// into a log: proxies in front of this server, and browsers' histories, see the token
// all the same. Session tokens live for 60 seconds, which bounds the harm; do not let
// API keys come this way.
//
// A request with an Authorization header, even an empty one, keeps it, and the parameter
// is removed. A
// parameter that is empty or occurs twice is removed and gives no token. A query of
// more than 32 KiB is answered 414. TokenFromQuery panics if param is empty.
func TokenFromQuery(param string) func(http.Handler) http.Handler {
	if param == "" {
		panic("middleware: TokenFromQuery needs the name of a parameter")
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if len(r.URL.RawQuery) > maxQuery || len(r.RequestURI) > 2*maxQuery {
				http.Error(w, "the query is too long", http.StatusRequestURITooLong)
				return
			}
			if values, rest := takeParam(r.URL.RawQuery, param); len(values) > 0 {
				r = withoutQueryToken(r, values, rest)
			}
			next.ServeHTTP(w, r)
		})
	}
}

// withoutQueryToken returns a copy of the request with another query and with the
// token in its header.
func withoutQueryToken(r *http.Request, values []string, rest string) *http.Request {
	r = r.Clone(r.Context())
	r.URL.RawQuery = rest
	target, fragment, _ := strings.Cut(r.RequestURI, "#")
	if path, _, ok := strings.Cut(target, "?"); ok {
		r.RequestURI = path
		if rest != "" {
			r.RequestURI += "?" + rest
		}
		if fragment != "" {
			r.RequestURI += "#" + fragment
		}
	}
	r.Form = nil // a parsed form would still hold it
	if len(r.Header.Values("Authorization")) == 0 && len(values) == 1 && values[0] != "" {
		r.Header.Set("Authorization", "Bearer "+values[0])
	}
	return r
}

// takeParam splits a raw query into the decoded values of one parameter and the rest,
// which stays as it is. A value that cannot be decoded, or with a space or a control
// character in it, is no token and counts as empty.
func takeParam(query, param string) (values []string, rest string) {
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if decoded, err := url.QueryUnescape(name); err != nil || decoded != param {
			kept = append(kept, pair)
			continue
		}
		token, err := url.QueryUnescape(value)
		if err != nil || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
			token = ""
		}
		values = append(values, token)
	}
	return values, strings.Join(kept, "&")
}
