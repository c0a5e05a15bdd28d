package main

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// step is one request and its result.
type step struct {
	Who      string // app or clerk
	Request  string
	Status   int
	Reason   string // the kit's reason, or the emulator's
	Location string
	Cookies  string // names of the cookies that are set
	Took     time.Duration
}

// wireLog records the latest requests to the app and to the emulator, in order.
type wireLog struct {
	mu    sync.Mutex
	steps []step
	seen  int // number of the emulator's requests that are in steps
}

const wireLength = 24

func (l *wireLog) add(steps ...step) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range steps {
		s.Took = s.Took.Round(10 * time.Microsecond)
		l.steps = append(l.steps, s)
	}
	if over := len(l.steps) - wireLength; over > 0 {
		l.steps = append([]step(nil), l.steps[over:]...)
	}
}

// addEmulator adds the emulator's requests since the last call.
func (l *wireLog) addEmulator(em *clerktest.Emulator) {
	all := em.Requests()
	l.mu.Lock()
	from := min(l.seen, len(all))
	l.seen = len(all)
	l.mu.Unlock()
	for _, r := range all[from:] {
		if r.Operation == "Avatar" { // the icon of Clerk's page
			continue
		}
		l.add(step{Who: "clerk", Request: r.Method + " " + r.Path, Status: r.Status, Reason: r.Meaning, Took: r.Duration})
	}
}

// latest returns the steps, the latest first.
func (l *wireLog) latest() []step {
	l.mu.Lock()
	defer l.mu.Unlock()
	steps := slices.Clone(l.steps)
	slices.Reverse(steps)
	return steps
}

func (l *wireLog) record(em *clerktest.Emulator, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/favicon.ico" {
			next.ServeHTTP(w, r)
			return
		}
		l.addEmulator(em)
		start := time.Now()
		rec := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			h := w.Header()
			l.addEmulator(em)
			l.add(step{
				Who:      "app",
				Request:  r.Method + " " + shorten(r.URL.RequestURI()),
				Status:   rec.status,
				Reason:   cmp.Or(h.Get("X-Clerk-Auth-Reason"), "signed in"), // signed-in requests have no reason
				Location: shorten(h.Get("Location")),
				Cookies:  cookieNames(h),
				Took:     time.Since(start),
			})
		}()
		next.ServeHTTP(rec, r)
	})
}

// shorten shortens URLs and removes tokens from them, because tokens are credentials.
func shorten(u string) string {
	parsed, err := url.Parse(u)
	if err != nil {
		return ""
	}
	short := parsed.Path
	if parsed.Host != "" {
		short = parsed.Scheme + "://" + parsed.Host + short
	}
	sep := "?"
	for pair := range strings.SplitSeq(parsed.RawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		switch name {
		case "", "__clerk_api_version", "suffixed_cookies", "format", // always the same
			"__clerk_hs_reason": // shown elsewhere
			continue
		case "redirect_url":
			if v, err := url.QueryUnescape(value); err == nil {
				value = v
			}
		default:
			value = "…"
		}
		short += sep + name + "=" + value
		sep = "&"
	}
	return short
}

// cookieNames returns the names of the cookies that a response sets. Cookies that are
// set with and without the suffix of the instance are listed once.
func cookieNames(h http.Header) string {
	var names []string
	for _, c := range h.Values("Set-Cookie") {
		name, _, _ := strings.Cut(c, "=")
		if !slices.ContainsFunc(names, func(plain string) bool { return strings.HasPrefix(name, plain+"_") }) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *statusRecorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
