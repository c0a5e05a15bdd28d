package clerktest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

func TestWebhookHandlersThatMisbehave(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"waits for the end": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"waits too long":    func(http.ResponseWriter, *http.Request) { time.Sleep(time.Minute) },
		"panics":            func(http.ResponseWriter, *http.Request) { panic("at the disco") },
		"cuts":              func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"redirects":         func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/else", http.StatusFound) },
		"says nothing":      func(http.ResponseWriter, *http.Request) {},
		"says much": func(w http.ResponseWriter, _ *http.Request) {
			for range 1 << 10 {
				_, _ = w.Write(make([]byte, 1<<16))
			}
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			em := newHooked(t, h)
			start := time.Now()
			em.happen("user.created", "user_1")
			d := em.settle(t)[0].Deliveries[0]
			a := d.Attempts[0]
			if ok := strings.HasPrefix(name, "says"); ok != (d.State == WebhookDelivered) || (a.Error == "") != (a.Status != 0) {
				t.Errorf("%s: %+v", name, d)
			}
			if took := time.Since(start); took > webhookTimeout || a.Duration != took || len(a.Response) > 3*maxResponse {
				t.Errorf("%s: %v, %d bytes of the answer", name, took, len(a.Response))
			}
			if strings.HasPrefix(name, "waits") && a.Error != "no answer within 15s" {
				t.Errorf("%s: %s", name, a.Error)
			}
			_ = em.Close()
			time.Sleep(time.Minute) // for the one who waits too long
		})
	}
}

// TestWebhookBacklog: an endpoint that is down does not fill the memory, and
// nothing is lost that could be kept.
func TestWebhookBacklog(t *testing.T) {
	em := newHooked(t, answer(500))
	em.hooks.mu.Lock() // the worker waits
	ep := em.hooks.endpoints[0]
	em.hooks.mu.Unlock()
	synced := make(chan struct{})
	ep.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { <-synced; w.WriteHeader(200) })
	const maxQueued = maxMessages
	em.hooks.maxQueued = maxQueued
	const total = 3 * maxQueued
	for i := range total {
		em.happen("user.created", fmt.Sprint("user_", i))
	}
	em.hooks.mu.Lock()
	queued, remembered := len(ep.queue), len(em.hooks.messages)
	em.hooks.mu.Unlock()
	if queued > maxQueued+maxMessages || queued < maxQueued-maxMessages || remembered > maxQueued+2*maxMessages {
		t.Errorf("%d queued, %d remembered", queued, remembered)
	}
	close(synced)
	em.settle(t)
	for range 2 * maxMessages {
		em.happen("user.updated", "user_1")
	}
	em.settle(t)
	em.happen("user.deleted", "user_1")
	if m := em.settle(t); len(m) > 2*maxMessages || m[len(m)-1].Type != "user.deleted" || m[len(m)-1].Deliveries[0].State != WebhookDelivered {
		t.Errorf("%d remembered", len(m))
	}
}

func TestWebhookClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		em := newHooked(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		em.happen("user.created", "user_1")
		em.happen("user.created", "user_2")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := em.FlushWebhooks(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("flushed: %v", err)
		}
		if err := errors.Join(em.Close(), em.Close()); err != nil {
			t.Error(err)
		}
		em.happen("user.created", "user_3")
		for i, m := range em.WebhookMessages() {
			if d := m.Deliveries[0]; d.State != WebhookPending || len(d.Attempts) != 0 {
				t.Errorf("%d: %+v", i, d)
			}
		}
		if em.FlushWebhooks(t.Context()) == nil {
			t.Error("flushed after Close")
		}
		if _, err := em.hooks.addEndpoint(WebhookEndpoint{Handler: answer(200)}); err == nil {
			t.Error("an endpoint after Close")
		}
		if em.hooks.replay(em.WebhookMessages()[0].ID) == nil {
			t.Error("replayed after Close")
		}
	})
}

func TestWebhookRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		em := newHooked(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		em.happen("user.created", "user_1")
		em.happen("user.created", "user_2")
		synctest.Wait()
		if err := em.hooks.removeEndpoint(em.Webhooks()[0].ID); err != nil {
			t.Fatal(err)
		}
		em.happen("user.created", "user_3")
		synctest.Wait()
		m := em.settle(t)
		if len(m[2].Deliveries) != 0 || m[0].Deliveries[0].State != WebhookFailed || m[1].Deliveries[0].State != WebhookFailed || em.hooks.watched.Load() {
			t.Errorf("%+v", m)
		}
		if em.hooks.removeEndpoint("ep_unknown") == nil {
			t.Error("removed what is not there")
		}
	})
}

// TestCauses: an event is said to come from a request only where that is certain.
func TestCauses(t *testing.T) {
	request := func(ip, agent string) *http.Request {
		return &http.Request{RemoteAddr: ip + ":1", Header: http.Header{"User-Agent": {agent}}}
	}
	var c causes
	check := func(want state.Cause) {
		t.Helper()
		if got := c.one(); got != want {
			t.Errorf("%v, want %v", got, want)
		}
	}
	check(state.Cause{})
	leaveA := c.enter(request("192.0.2.1", "a"))
	check(state.Cause{IP: "192.0.2.1", UserAgent: "a"})
	leaveB := c.enter(request("192.0.2.1", "b"))
	check(state.Cause{})
	leaveSame := c.enter(request("192.0.2.1", "a"))
	leaveB()
	check(state.Cause{IP: "192.0.2.1", UserAgent: "a"})
	leaveA()
	check(state.Cause{IP: "192.0.2.1", UserAgent: "a"})
	leaveSame()
	check(state.Cause{})
	if len(c.count) != 0 {
		t.Errorf("%d are remembered", len(c.count))
	}
}
