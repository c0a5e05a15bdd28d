// Package clerkjs_test runs the published clerk-js in a Chromium against the emulator.
// The tests are skipped if CLERKKIT_CHROMIUM does not name a Chromium. `make browser`
// installs one.
package clerkjs_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if started.Load() {
		if d, err := chromium(); err == nil {
			d.stop()
		}
	}
	if builds != "" {
		_ = os.RemoveAll(builds) // a leftover harms nobody
	}
	os.Exit(code)
}

// started reports whether the browser was started.
var started atomic.Bool

var errNoChromium = errors.New("skipped: CLERKKIT_CHROMIUM is not set; make browser sets it and installs the rest")

// chromium starts the browser, once for all tests.
var chromium = sync.OnceValues(func() (*driver, error) {
	if os.Getenv("CLERKKIT_CHROMIUM") == "" {
		return nil, errNoChromium
	}
	if _, err := os.Stat("node_modules"); err != nil {
		return nil, fmt.Errorf("%w; run npm ci in internal/browser/clerkjs", err)
	}
	started.Store(true)
	return startDriver()
})

// driver is the Node.js process that controls the browser, see driver.mjs. It is safe
// for concurrent use by several tests.
type driver struct {
	cmd    *exec.Cmd
	cancel context.CancelFunc
	in     io.WriteCloser
	done   chan struct{} // closed when no answer comes any more

	mu      sync.Mutex
	last    int
	waiting map[int]chan []byte
}

func startDriver() (*driver, error) {
	// A browser that no longer responds must not block the tests forever.
	ctx, cancel := context.WithTimeout(context.Background(), 9*time.Minute)
	d := &driver{
		cmd: exec.CommandContext(ctx, "node", "driver.mjs"), cancel: cancel,
		done: make(chan struct{}), waiting: map[int]chan []byte{},
	}
	d.cmd.Stderr = os.Stderr
	var err error
	if d.in, err = d.cmd.StdinPipe(); err == nil {
		var out io.ReadCloser
		if out, err = d.cmd.StdoutPipe(); err == nil {
			if err = d.cmd.Start(); err == nil {
				go d.read(bufio.NewReader(out))
				err = d.ask(map[string]any{"do": "start"}, &struct{}{})
			}
		}
	}
	if err != nil {
		cancel()
		return nil, err
	}
	return d, nil
}

// stop ends the browser: the driver exits at the end of its input.
func (d *driver) stop() {
	_ = d.in.Close()
	<-d.done
	_ = d.cmd.Wait()
	d.cancel()
}

// read passes every response to its caller, until the driver ends.
func (d *driver) read(out *bufio.Reader) {
	defer close(d.done)
	for {
		line, err := out.ReadBytes('\n')
		if err != nil {
			return
		}
		var answer struct{ N int }
		if err := json.Unmarshal(line, &answer); err != nil {
			return
		}
		d.mu.Lock()
		asked := d.waiting[answer.N]
		delete(d.waiting, answer.N)
		d.mu.Unlock()
		if asked != nil {
			asked <- line
		}
	}
}

// ask sends one request to the driver and decodes the result into answer.
func (d *driver) ask(request map[string]any, answer any) error {
	asked := make(chan []byte, 1)
	d.mu.Lock()
	d.last++
	request["n"] = d.last
	d.waiting[d.last] = asked
	line, err := json.Marshal(request)
	if err == nil {
		_, err = d.in.Write(append(line, '\n'))
	}
	d.mu.Unlock()
	if err != nil {
		return fmt.Errorf("the driver is gone: %w", err)
	}
	select {
	case line = <-asked:
	case <-d.done:
		return errors.New("the driver is gone")
	}
	var failed struct{ Error string }
	if err := json.Unmarshal(line, &failed); err != nil {
		return err
	}
	if failed.Error != "" {
		return errors.New(failed.Error)
	}
	return json.Unmarshal(line, answer)
}

// needChromium skips a test where there is no browser.
func needChromium(t *testing.T) *driver {
	t.Helper()
	d, err := chromium()
	switch {
	case errors.Is(err, errNoChromium):
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	return d
}

// browser is the browser of one user. Its tabs share cookies.
type browser struct {
	id      int
	refused map[string]int // how often the test provoked which status
	quiet   []string       // what else the console may complain about
}

// tab is a tab of a browser.
type tab struct {
	*browser
	t      *testing.T
	driver *driver
	id     int
}

// newTab opens a browser. At the end of the test its console must have no unexpected
// errors, and it must have sent requests only to this machine.
func newTab(t *testing.T) *tab {
	t.Helper()
	b := openTab(t, &browser{id: -1, refused: map[string]int{}})
	t.Cleanup(b.close)
	return b
}

// openTab opens a tab in a browser.
func openTab(t *testing.T, of *browser) *tab {
	t.Helper()
	b := &tab{browser: of, t: t, driver: needChromium(t)}
	var opened struct{ Tab, Context int }
	if err := b.driver.ask(map[string]any{"do": "tab", "context": of.id}, &opened); err != nil {
		t.Fatal(err)
	}
	b.id, of.id = opened.Tab, opened.Context
	return b
}

// refuses declares error responses that the test expects next. The browser logs them in
// its console.
func (b *browser) refuses(statuses ...string) {
	for _, status := range statuses {
		b.refused[status]++
	}
}

var refusal = regexp.MustCompile(`^Failed to load resource: the server responded with a status of (\d{3})`)

func (b *tab) close() {
	var log struct{ Requests, Complaints []string }
	b.do("log", nil, &log)
	b.do("close", nil, &struct{}{})
	found := map[string]int{}
	for _, c := range log.Complaints {
		if m := refusal.FindStringSubmatch(c); m != nil {
			if found[m[1]]++; found[m[1]] <= b.refused[m[1]] {
				continue
			}
		}
		if !slices.ContainsFunc(b.quiet, func(q string) bool { return strings.Contains(c, q) }) {
			b.t.Errorf("the console complains: %s", c)
		}
	}
	for status, n := range b.refused {
		if found[status] < n && !b.t.Failed() {
			b.t.Errorf("%d answers of status %s, want %d", found[status], status, n)
		}
	}
	for _, r := range log.Requests {
		_, target, _ := strings.Cut(r, " ")
		u, err := url.Parse(target)
		if err != nil || u.Scheme != "data" && u.Scheme != "blob" && u.Hostname() != "localhost" && u.Hostname() != "127.0.0.1" {
			b.t.Errorf("the browser asked for %s, which is not this machine", target)
		}
	}
	if len(log.Requests) == 0 {
		b.t.Error("the browser asked for nothing at all")
	}
}

func (b *tab) do(what string, with map[string]any, answer any) {
	b.t.Helper()
	if err := b.try(what, with, answer); err != nil {
		if what != "screenshot" {
			b.screenshotFailure()
		}
		b.t.Fatalf("%s %v: %v", what, with, err)
	}
}

func (b *tab) try(what string, with map[string]any, answer any) error {
	request := map[string]any{"do": what, "tab": b.id}
	for k, v := range with {
		request[k] = v
	}
	return b.driver.ask(request, answer)
}

func (b *tab) open(target string) {
	b.t.Helper()
	b.do("open", map[string]any{"url": target}, &struct{}{})
}

// run evaluates the body of an async function in the page and returns its value.
func (b *tab) run(script string) (any, error) {
	var answer struct{ Value any }
	err := b.try("run", map[string]any{"script": "(async () => {" + script + "})()"}, &answer)
	return answer.Value, err
}

func (b *tab) url() *url.URL {
	b.t.Helper()
	var answer struct{ URL string }
	b.do("url", nil, &answer)
	u, err := url.Parse(answer.URL)
	if err != nil {
		b.t.Fatal(err)
	}
	return u
}

func (b *tab) see(selector string) {
	b.t.Helper()
	b.do("see", map[string]any{"selector": selector}, &struct{}{})
}
func (b *tab) click(selector string) {
	b.t.Helper()
	b.do("click", map[string]any{"selector": selector}, &struct{}{})
}
func (b *tab) fill(selector, text string) {
	b.t.Helper()
	b.do("fill", map[string]any{"selector": selector, "text": text}, &struct{}{})
}
func (b *tab) keys(selector, text string) {
	b.t.Helper()
	b.do("type", map[string]any{"selector": selector, "text": text}, &struct{}{})
}

func (b *tab) screenshotFailure() {
	b.t.Helper()
	b.screenshot("failed-" + strings.ReplaceAll(b.t.Name(), "/", "-"))
}

// screenshot saves the content of the window if SCREENSHOTS names a folder.
func (b *tab) screenshot(name string) {
	b.t.Helper()
	if dir := os.Getenv("SCREENSHOTS"); dir != "" {
		b.do("screenshot", map[string]any{"path": dir + "/" + name + ".png"}, &struct{}{})
	}
}
