package main

import (
	"context"
	"crypto/sha256"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	sdk "github.com/clerk/clerk-sdk-go/v2"
	sdkhttp "github.com/clerk/clerk-sdk-go/v2/http"
	sdkjwks "github.com/clerk/clerk-sdk-go/v2/jwks"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
)

const secretKey = "sk_live_0000000000000000000000000000000000000000"

// keyServer is a Backend API with one route.
func (f *fixture) keyServer() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(f.jwks)
	}))
}

// middleware returns the kit's middleware for a production instance with the handshake,
// with keys from the Backend API at url.
func (f *fixture) middleware(url string, cacheBytes int64) (*middleware.Middleware, error) {
	return middleware.New(clerk.Config{
		SecretKey: secretKey, PublishableKey: publishableKey(), AuthorizedParties: []string{party},
		APIURL: url, TokenCacheBytes: cacheBytes, Logger: slog.New(slog.DiscardHandler),
	})
}

// sdkMiddleware returns the official middleware, which fetches and caches the key set.
func sdkMiddleware(url string) func(http.Handler) http.Handler {
	url += "/v1"
	config := &sdk.ClientConfig{BackendConfig: sdk.BackendConfig{URL: sdk.String(url), Key: sdk.String(secretKey)}}
	return sdkhttp.RequireHeaderAuthorization(sdkhttp.JWKSClient(sdkjwks.NewClient(config)), sdkhttp.AuthorizedPartyMatches(party))
}

// sdkMiddlewarePEM returns the official middleware with a local key.
func (f *fixture) sdkMiddlewarePEM() func(http.Handler) http.Handler {
	return sdkhttp.RequireHeaderAuthorization(sdkhttp.JSONWebKey(f.pem), sdkhttp.AuthorizedPartyMatches(party))
}

// The handlers behind the middleware. Each reads the identity and writes it.
var (
	bareHandler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w, "user_2bXcHfKq1mVw3uT5r00000000") })
	kitHandler  = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, clerk.FromContext(r.Context()).UserID) })
	sdkHandler  = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, _ := sdk.SessionClaimsFromContext(r.Context())
		answer(w, claims.Subject)
	})
)

// floor is the minimum work of a middleware with a cache keyed by the token's hash: it
// hashes the credential and sets a context value.
func floor(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		credential := r.Header.Get("Authorization")
		if credential == "" {
			credential = r.Header.Get("Cookie")
			credential = credential[strings.Index(credential, "; __session=")+len("; __session="):]
			credential, _, _ = strings.Cut(credential, ";")
		}
		room, _ := floorPool.Get().(*[4096]byte)
		sum := sha256.Sum256(room[:copy(room[:], credential)])
		floorPool.Put(room)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), floorKey{}, sum[0])))
	})
}

type floorKey struct{}

var floorPool = sync.Pool{New: func() any { return new([4096]byte) }}

func answer(w http.ResponseWriter, user string) {
	w.Header()["Content-Type"] = textPlain
	_, _ = io.WriteString(w, user)
}

var textPlain = []string{"text/plain; charset=utf-8"}

// recorder is a ResponseWriter that costs nothing.
type recorder struct {
	header http.Header
	status int
	bytes  int
}

func (w *recorder) Header() http.Header         { return w.header }
func (w *recorder) WriteHeader(status int)      { w.status = status }
func (w *recorder) Write(b []byte) (int, error) { w.bytes += len(b); return len(b), nil }
func (w *recorder) WriteString(s string) (int, error) {
	w.bytes += len(s)
	return len(s), nil
}

// request returns a request with credentials in the named field.
func request(field, value string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "https://app.example.com/api/me?tab=1", nil)
	r.Header = http.Header{
		"Accept": {"application/json"}, "Accept-Encoding": {"gzip, deflate, br"}, "Accept-Language": {"en"},
		"Referer": {"https://app.example.com/"}, "Sec-Fetch-Dest": {"empty"}, "Sec-Fetch-Mode": {"cors"},
		"Sec-Fetch-Site": {"same-origin"}, "User-Agent": {userAgentIs}, field: {value},
	}
	r.RequestURI = "/api/me?tab=1"
	return r
}

// serving returns a subject that serves the requests in turn.
func serving(name string, h http.Handler, requests []*http.Request) *subject {
	w := &recorder{header: make(http.Header)}
	return &subject{name: name, op: func(i int) error {
		clear(w.header)
		w.bytes, w.status = 0, 200
		h.ServeHTTP(w, requests[i%len(requests)])
		if w.status != 200 || w.bytes != len("user_2bXcHfKq1mVw3uT5r00000000") {
			return errRefused
		}
		return nil
	}}
}

// requests returns one request for each token.
func requests(tokens []string, cookie bool) []*http.Request {
	list := make([]*http.Request, len(tokens))
	for i, t := range tokens {
		if cookie {
			list[i] = request("Cookie", cookieField(t))
		} else {
			list[i] = request("Authorization", "Bearer "+t)
		}
	}
	return list
}
