package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// End to end: a server process on one core and a client process on another, over
// loopback, to measure a whole server.

const (
	connections = 32
	liveTokens  = 1000
)

// contender is a server and the number of its requests in a round, which is about half
// a second of work.
type contender struct {
	name, kind string
	cookie     bool
	requests   int
	live       int // tokens in turn, liveTokens if zero

	perSecond, ofBare, cpuOfBare series
	cpuMicros, p50, p99          series
}

func contenders() []*contender {
	return []*contender{
		{name: "bare net/http handler", kind: "bare", requests: 15000},
		{name: "bare net/http handler, requests with cookies", kind: "bare", cookie: true, requests: 15000},
		{name: "clerkkit, warm, by header", kind: "kit", requests: 15000},
		{name: "clerkkit, warm, by cookie", kind: "kit", cookie: true, requests: 15000},
		{name: atLeast, kind: "floor", requests: 15000},
		{name: "bare net/http handler, requests with one token", kind: "bare", live: 1, requests: 15000},
		{name: "clerkkit, warm, by header, one token", kind: "kit", live: 1, requests: 15000},
		{name: "clerkkit, cold (cache off)", kind: "kit-cold", requests: 6000},
		{name: "clerk-sdk-go, JWKS and its cache", kind: "sdk", requests: 3000},
		{name: "clerk-sdk-go, PEM", kind: "sdk-pem", requests: 3000},
	}
}

// serve is the server process. It prints its address and serves until its standard
// input ends.
func serve(kind, keysURL string) error {
	f := &fixture{}
	var h http.Handler
	switch kind {
	case "bare":
		h = bareHandler
	case "kit", "kit-cold":
		cache := int64(0)
		if kind == "kit-cold" {
			cache = cacheOff
		}
		m, err := f.middleware(keysURL, cache)
		if err != nil {
			return err
		}
		defer func() { _ = m.Close() }()
		if err := m.Warm(context.Background()); err != nil {
			return err
		}
		h = m.Require()(kitHandler)
	case "floor":
		h = floor(bareHandler)
	case "sdk":
		h = sdkMiddleware(keysURL)(sdkHandler)
	case "sdk-pem":
		f.pem = os.Getenv("BENCH_PEM")
		h = f.sdkMiddlewarePEM()(sdkHandler)
	default:
		return errors.New("no such server: " + kind)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /api/me", h)
	mux.HandleFunc("GET /cpu", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, cpuTime().Nanoseconds()) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	if name := os.Getenv("BENCH_PROFILE"); name != "" {
		file, err := os.Create(name + "-" + kind + ".pprof")
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Close()
	}()
	fmt.Println(listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// outcome is the report of the client process.
type outcome struct {
	Seconds  float64
	P50, P99 float64 // milliseconds
}

// load is the client process. It sends requests over several connections, each with one
// request at a time.
func load(addr, tokenFile string, cookie bool, count int) error {
	text, err := os.ReadFile(tokenFile)
	if err != nil {
		return err
	}
	var requests [][]byte
	for token := range strings.Lines(string(text)) {
		r := request("Authorization", "Bearer "+strings.TrimSpace(token))
		if cookie {
			r = request("Cookie", cookieField(strings.TrimSpace(token)))
		}
		var b bytes.Buffer
		_, _ = fmt.Fprintf(&b, "GET /api/me?tab=1 HTTP/1.1\r\nHost: app.example.com\r\n")
		if err := r.Header.Write(&b); err != nil {
			return err
		}
		b.WriteString("\r\n")
		requests = append(requests, b.Bytes())
	}
	var wg sync.WaitGroup
	times := make([][]time.Duration, connections)
	errs := make([]error, connections)
	start := time.Now()
	for i := range connections {
		wg.Go(func() { times[i], errs[i] = converse(addr, requests, i, count/connections) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	o := outcome{Seconds: time.Since(start).Seconds()}
	all := slices.Concat(times...)
	slices.Sort(all)
	o.P50 = all[len(all)/2].Seconds() * 1000
	o.P99 = all[len(all)*99/100].Seconds() * 1000
	return json.NewEncoder(os.Stdout).Encode(o)
}

// converse sends n requests over one connection. All responses have the length of the
// first.
func converse(addr string, requests [][]byte, first, n int) ([]time.Duration, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	times := make([]time.Duration, 0, n)
	var answer []byte
	for i := range n {
		start := time.Now()
		if _, err := conn.Write(requests[(first+i*connections)%len(requests)]); err != nil {
			return nil, err
		}
		if answer == nil {
			answer = make([]byte, 4096)
			size, err := conn.Read(answer)
			if err != nil {
				return nil, err
			}
			answer = answer[:size]
		} else if _, err := io.ReadFull(conn, answer); err != nil {
			return nil, err
		}
		if !bytes.HasPrefix(answer, []byte("HTTP/1.1 200 OK\r\n")) || !bytes.Contains(answer, []byte("\r\n\r\nuser_")) {
			return nil, fmt.Errorf("unexpected answer %.60q", answer)
		}
		times = append(times, time.Since(start))
	}
	return times, nil
}

// pinned returns a command of this program, on one core if taskset is available.
func pinned(ctx context.Context, core int, args ...string) (*exec.Cmd, bool, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, false, err
	}
	taskset, err := exec.LookPath("taskset")
	ok := err == nil
	cmd := exec.CommandContext(ctx, self, args...)
	if ok {
		cmd = exec.CommandContext(ctx, taskset, append([]string{"-c", strconv.Itoa(core), self}, args...)...)
	}
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	cmd.Stderr = os.Stderr
	return cmd, ok, nil
}

// endToEnd runs interleaved rounds. pins reports whether each process had its own core.
func (f *fixture) endToEnd(ctx context.Context, rounds int, progress func(string)) (list []*contender, pins bool, err error) {
	keys := f.keyServer()
	defer keys.Close()
	dir, err := os.MkdirTemp("", "clerkkit-bench-")
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	files := map[int]string{} // by the number of tokens
	for _, n := range []int{1, liveTokens} {
		files[n] = filepath.Join(dir, strconv.Itoa(n))
		if err := os.WriteFile(files[n], []byte(strings.Join(f.tokens(n), "\n")), 0o600); err != nil {
			return nil, false, err
		}
	}

	list = contenders()
	addrs := make(map[string]string)
	for _, c := range list {
		if addrs[c.kind] != "" {
			continue
		}
		cmd, ok, err := pinned(ctx, 0, "-serve", c.kind, "-keys", keys.URL)
		if err != nil {
			return nil, false, err
		}
		pins = ok
		cmd.Env = append(cmd.Env, "BENCH_PEM="+f.pem)
		in, err1 := cmd.StdinPipe()
		out, err2 := cmd.StdoutPipe()
		if err := errors.Join(err1, err2, cmd.Start()); err != nil {
			return nil, false, err
		}
		defer func() {
			_ = in.Close() // which ends the server
			_ = cmd.Wait()
		}()
		addr, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			return nil, false, fmt.Errorf("starting %s: %w", c.kind, err)
		}
		addrs[c.kind] = strings.TrimSpace(addr)
	}
	for round := range rounds + 1 { // the first one warms up
		progress(fmt.Sprintf("end to end, round %d of %d", round, rounds))
		perSecond, cpu := make([]float64, len(list)), make([]float64, len(list))
		for k := range list {
			i := (k + round) % len(list)
			c := list[i]
			o, micros, err := c.round(ctx, addrs[c.kind], files[cmp.Or(c.live, liveTokens)])
			if err != nil {
				return nil, false, fmt.Errorf("%s: %w", c.name, err)
			}
			perSecond[i], cpu[i] = float64(c.requests/connections*connections)/o.Seconds, micros
			if round > 0 {
				c.p50, c.p99 = append(c.p50, o.P50), append(c.p99, o.P99)
			}
		}
		for i, c := range list {
			if round > 0 {
				c.perSecond, c.cpuMicros = append(c.perSecond, perSecond[i]), append(c.cpuMicros, cpu[i])
				// The same requests to a handler that ignores them.
				bare := slices.IndexFunc(list, func(o *contender) bool { return o.kind == "bare" && o.cookie == c.cookie && o.live == c.live })
				c.ofBare, c.cpuOfBare = append(c.ofBare, perSecond[i]/perSecond[bare]), append(c.cpuOfBare, cpu[bare]/cpu[i])
			}
		}
	}
	return list, pins, nil
}

// round runs the client against a server, and asks the server for its CPU time.
func (c *contender) round(ctx context.Context, addr, tokens string) (o outcome, micros float64, err error) {
	before, err := serverCPU(ctx, addr)
	if err != nil {
		return o, 0, err
	}
	cmd, _, err := pinned(ctx, 1, "-load", addr, "-tokens", tokens, "-count", strconv.Itoa(c.requests), "-cookie="+strconv.FormatBool(c.cookie))
	if err != nil {
		return o, 0, err
	}
	out, err := cmd.Output()
	if err != nil {
		return o, 0, err
	}
	after, err := serverCPU(ctx, addr)
	if err != nil {
		return o, 0, err
	}
	err = json.Unmarshal(out, &o)
	return o, float64(after-before) / 1000 / float64(c.requests), err
}

func serverCPU(ctx context.Context, addr string) (int64, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/cpu", nil)
	if err != nil {
		return 0, err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, 64))
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(text), 10, 64)
}
