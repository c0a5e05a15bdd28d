// Package clerkjs_test runs clerk-js, as it is published, in a Chromium against
// the emulator. The tests skip where CLERKKIT_CHROMIUM does not name a Chromium;
// `make browser` gets one.
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

// started is whether there is a browser to stop.
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

// driver is the Node.js process that holds the browser: see driver.mjs.
type driver struct {
	mu     sync.Mutex // one question at a time
	cmd    *exec.Cmd
	cancel context.CancelFunc
	in     io.WriteCloser
	out    *bufio.Reader
}

func startDriver() (*driver, error) {
	// A browser that answers nothing any more must not hold the tests for ever.
	ctx, cancel := context.WithTimeout(context.Background(), 9*time.Minute)
	d := &driver{cmd: exec.CommandContext(ctx, "node", "driver.mjs"), cancel: cancel}
	d.cmd.Stderr = os.Stderr
	var err error
	if d.in, err = d.cmd.StdinPipe(); err == nil {
		var out io.ReadCloser
		if out, err = d.cmd.StdoutPipe(); err == nil {
			d.out = bufio.NewReader(out)
			err = d.cmd.Start()
		}
	}
	if err == nil {
		err = d.answer(&struct{}{})
	}
	if err != nil {
		cancel()
		return nil, err
	}
	return d, nil
}

// stop lets the browser go: the driver ends with its input.
func (d *driver) stop() {
	_ = d.in.Close()
	_ = d.cmd.Wait()
	d.cancel()
}

// ask has the driver do one thing, and reads what came of it into answer.
func (d *driver) ask(request map[string]any, answer any) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	line, err := json.Marshal(request)
	if err != nil {
		return err
	}
	if _, err = d.in.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("the driver is gone: %w", err)
	}
	return d.answer(answer)
}

func (d *driver) answer(answer any) error {
	line, err := d.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("the driver is gone: %w", err)
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

// tab is a tab of a browser. Tabs of one browser share their cookies.
type tab struct {
	t       *testing.T
	driver  *driver
	id      int
	browser int
	quiet   []string // what the console may complain about
}

// newTab opens a browser. When the test ends it has complained about nothing,
// and asked for nothing but this machine.
func newTab(t *testing.T) *tab {
	t.Helper()
	b := openTab(t, -1)
	t.Cleanup(b.close)
	return b
}

func openTab(t *testing.T, browser int) *tab {
	t.Helper()
	b := &tab{t: t, driver: needChromium(t)}
	var opened struct{ Tab, Context int }
	if err := b.driver.ask(map[string]any{"do": "tab", "context": browser}, &opened); err != nil {
		t.Fatal(err)
	}
	b.id, b.browser = opened.Tab, opened.Context
	return b
}

func (b *tab) close() {
	var log struct{ Requests, Complaints []string }
	b.do("log", nil, &log)
	b.do("close", nil, &struct{}{})
	for _, c := range log.Complaints {
		if !b.mayComplain(c) {
			b.t.Errorf("the console complains: %s", c)
		}
	}
	for _, r := range log.Requests {
		_, target, _ := strings.Cut(r, " ")
		u, err := url.Parse(target)
		if err != nil || u.Scheme != "data" && u.Scheme != "blob" && u.Hostname() != "localhost" {
			b.t.Errorf("the browser asked for %s, which is not this machine", target)
		}
	}
	if len(log.Requests) == 0 {
		b.t.Error("the browser asked for nothing at all")
	}
}

// mayComplain tells what a refused call leaves in the console, where the test
// expects refusals.
func (b *tab) mayComplain(complaint string) bool {
	for _, q := range b.quiet {
		if strings.Contains(complaint, q) {
			return true
		}
	}
	return false
}

func (b *tab) do(what string, with map[string]any, answer any) {
	b.t.Helper()
	if err := b.try(what, with, answer); err != nil {
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

// screenshot keeps what the window shows, where SCREENSHOTS names a folder.
func (b *tab) screenshot(name string) {
	b.t.Helper()
	if dir := os.Getenv("SCREENSHOTS"); dir != "" {
		b.do("screenshot", map[string]any{"path": dir + "/" + name + ".png"}, &struct{}{})
	}
}
