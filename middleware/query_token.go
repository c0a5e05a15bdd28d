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
// Authorization header and removes it from the URL. Without it the kit never reads a
// token from a URL.
//
//	stream := middleware.TokenFromQuery("token")(logged(auth.Require()(http.HandlerFunc(events))))
//	mux.Handle("GET /events", stream)
//
// With echo and gin, wrap the engine as an http.Handler,
// middleware.TokenFromQuery("token")(engine); with fiber use adaptor.HTTPMiddleware.
// Their own loggers then write the URL without the token.
//
// Mount it only on the routes that need it, and before everything that logs URLs.
// Proxies in front of this server and browsers' histories still see the token. Session
// tokens expire after 60 seconds, which limits the damage; never send API keys this
// way.
//
// If a request has an Authorization header, even an empty one, that stays and the
// parameter is removed. A parameter that is empty or occurs twice is removed and gives
// no token. A query of more than 32 KiB is answered 414. TokenFromQuery panics if param
// is empty.
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

// takeParam splits a raw query into the decoded values of one parameter and the
// unchanged rest. A value that cannot be decoded, or that has a space or a control
// character, counts as empty.
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
