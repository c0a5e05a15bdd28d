package middlewaretest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// Benchmark measures what the kit adds to a signed-in request on the router: each
// is compared with the same request on a route without the kit, of the same
// application, over a connection in memory. The two take turns in one run, so that
// a machine that slows down does so for both. The result's ns/op is that of the
// guarded route; bare-ns/op and added-ns/op go with it, and the ratio of the two.
func Benchmark(b *testing.B, r Router) {
	hello := func(x Exchange) error { return x.Text(http.StatusOK, "hello") }
	route := func(gates ...Gate) []Route {
		return []Route{{Method: http.MethodGet, Path: "/hello", Gates: gates, Handle: hello}}
	}
	admin := Gate{clerk.Role("org:admin")}
	c := &checker{router: r}
	defer c.cleanUp()
	var s *site
	var requests map[string]string
	if problems := (behaviour{run: func(inner *checker) {
		inner.router = r
		s = inner.serve(setup{now: func() time.Time { return time.Unix(1_800_000_000, 0) }}, Group{Groups: []Group{
			{Prefix: "/bare", Routes: route()},
			{Prefix: "/handler", Handler: true, Routes: route()},
			{Prefix: "/require", Routes: route(admin)},
			{Prefix: "/both", Handler: true, Routes: route(admin)},
		}})
		c.cleanups, inner.cleanups = inner.cleanups, nil
		sess := s.signIn("a@example.com", clerktest.WithOrg("acme", "org:admin"))
		requests = map[string]string{"bearer": s.wire(bearer(sess.Token())), "cookie": s.wire(browserCookies(sess))}
	}}).check(r); len(problems) > 0 {
		b.Fatal(problems)
	}
	for _, with := range []string{"handler", "require", "both"} {
		for _, kind := range []string{"bearer", "cookie"} {
			b.Run(with+"/"+kind, func(b *testing.B) {
				if err := s.race(b, requests[kind], "/bare/hello", "/"+with+"/hello"); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}

// wire is a request as it goes over the connection, with a %s for its target.
func (s *site) wire(o option) string {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, origin+"/", http.NoBody)
	if err != nil {
		s.fatalf("request: %v", err)
	}
	o(r)
	var text bytes.Buffer
	if err := r.Header.Write(&text); err != nil {
		s.fatalf("header: %v", err)
	}
	return "GET %s HTTP/1.1\r\nHost: localhost:3000\r\n" + text.String() + "\r\n"
}

// race asks both targets in turn.
func (s *site) race(b *testing.B, request, bare, guarded string) error {
	const turn = 50
	runners := [2]*runner{}
	for i, target := range []string{bare, guarded} {
		conn, err := s.ln.dial(context.Background(), "", "")
		if err != nil {
			return fmt.Errorf("dial: %w", err)
		}
		defer func() { _ = conn.Close() }()
		runners[i] = &runner{conn: conn, request: fmt.Appendf(nil, request, target)}
		if err := runners[i].first(); err != nil {
			return fmt.Errorf("%s: %w", target, err)
		}
	}
	var took [2][]time.Duration
	for b.Loop() {
		for i, r := range runners {
			start := time.Now()
			for range turn {
				if err := r.next(); err != nil {
					return err
				}
			}
			took[i] = append(took[i], time.Since(start))
		}
	}
	// The median of the turns: a mean would count what else the machine does.
	each := func(turns []time.Duration) float64 {
		slices.Sort(turns)
		return float64(turns[len(turns)/2].Nanoseconds()) / turn
	}
	without, with := each(took[0]), each(took[1])
	b.ReportMetric(with, "ns/op")
	b.ReportMetric(without, "bare-ns/op")
	b.ReportMetric(with-without, "added-ns/op")
	b.ReportMetric(with/without, "ratio")
	return nil
}

// runner sends one request again and again over one connection. All answers have
// the length of the first.
type runner struct {
	conn    net.Conn
	request []byte
	answer  []byte
}

func (r *runner) first() error {
	if _, err := r.conn.Write(r.request); err != nil {
		return err
	}
	var seen bytes.Buffer
	res, err := http.ReadResponse(bufio.NewReader(io.TeeReader(r.conn, &seen)), nil)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	r.answer = make([]byte, seen.Len())
	return nil
}

func (r *runner) next() error {
	if _, err := r.conn.Write(r.request); err != nil {
		return err
	}
	if _, err := io.ReadFull(r.conn, r.answer); err != nil {
		return err
	}
	if !bytes.HasPrefix(r.answer, []byte("HTTP/1.1 200 ")) {
		return errors.New("an answer is not 200")
	}
	return nil
}
