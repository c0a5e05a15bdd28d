package clerktest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

// newHooked returns an emulator, closed with the test, whose endpoint is h.
func newHooked(t *testing.T, h http.Handler) *Emulator {
	t.Helper()
	em, err := New(Config{Webhooks: []WebhookEndpoint{{Handler: h}}})
	if err != nil {
		t.Fatal(err)
	}
	em.tb = t
	t.Cleanup(func() { _ = em.Close() })
	return em
}

// happen lets the emulator emit an event about a user.
func (e *Emulator) happen(kind, userID string) {
	e.server.Store.Apply(func(tx *state.Tx) {
		state.Emit(tx, kind, blankUser(userID))
	})
}

func (e *Emulator) settle(t *testing.T) []WebhookMessage {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := e.FlushWebhooks(ctx); err != nil {
		t.Fatal(err)
	}
	return e.WebhookMessages()
}

func answer(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}

// receiver collects the events of genuine deliveries.
type receiver struct {
	mu     sync.Mutex
	events []webhook.Event
}

func (r *receiver) handler(t *testing.T, em *Emulator, secret string) http.Handler {
	t.Helper()
	v, err := webhook.New(webhook.Config{Secrets: []string{secret}, Now: em.server.Now})
	if err != nil {
		t.Fatal(err)
	}
	return v.Handler(func(_ context.Context, ev *webhook.Event) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.events = append(r.events, *ev)
		return nil
	})
}

func (r *receiver) ids() (ids []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, ev := range r.events {
		ids = append(ids, ev.ID)
	}
	return ids
}

const testSecret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

func TestWebhookDelivery(t *testing.T) {
	em := newHooked(t, answer(200))
	var all, some receiver
	if got := em.AddWebhook(WebhookEndpoint{Handler: all.handler(t, em, testSecret), Secret: testSecret}); got != testSecret {
		t.Errorf("the secret is %s", got)
	}
	em.AddWebhook(WebhookEndpoint{Handler: some.handler(t, em, testSecret), Secret: testSecret, Events: []string{"user.deleted", "paymentAttempt.created"}})
	for i := range 20 {
		em.happen("user.created", fmt.Sprint("user_", i))
		em.happen("user.deleted", fmt.Sprint("user_", i))
		em.happen("session.expired", "user_none") // Clerk has no such webhook
	}
	messages := em.settle(t)
	if len(messages) != 40 || len(all.events) != 40 || len(some.events) != 20 {
		t.Fatalf("%d messages, %d and %d delivered", len(messages), len(all.events), len(some.events))
	}
	for i, m := range messages {
		ev := all.events[i] // in order
		if m.ID != ev.ID || m.Type != ev.Type || !m.Time.Truncate(time.Millisecond).Equal(ev.Timestamp) || ev.InstanceID != em.server.Keys.Current().ID {
			t.Errorf("%d: sent %+v, received %v", i, m, ev)
		}
		if want := 2 + i%2; len(m.Deliveries) != want {
			t.Errorf("%d deliveries of %s, want %d", len(m.Deliveries), m.Type, want)
		}
		for _, d := range m.Deliveries {
			if d.State != WebhookDelivered || len(d.Attempts) != 1 || d.Attempts[0].Status != 200 || !d.NextAttempt.IsZero() {
				t.Errorf("%+v", d)
			}
		}
	}
	var gone deletedEvent
	if err := json.Unmarshal(some.events[3].Data, &gone); err != nil || gone.ID != "user_3" || !gone.Deleted || gone.Object != "user" {
		t.Errorf("%+v %v", gone, err)
	}
}

// TestWebhookSchedule: each attempt is as long after the failure as Svix says, by
// the emulator's clock, whether that is moved or time passes.
func TestWebhookSchedule(t *testing.T) {
	want := []time.Duration{0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 10 * time.Hour}
	for name, pass := range map[string]func(*Emulator, time.Duration){
		"advanced": (*Emulator).Advance,
		"slept":    func(_ *Emulator, d time.Duration) { time.Sleep(d); synctest.Wait() },
	} {
		synctest.Test(t, func(t *testing.T) {
			em := newHooked(t, answer(500))
			em.happen("user.created", "user_1")
			for i := range want {
				d := em.settle(t)[0].Deliveries[0]
				if len(d.Attempts) != i+1 || d.Attempts[i].Status != 500 {
					t.Fatalf("%s: %d attempts, want %d", name, len(d.Attempts), i+1)
				}
				if i == len(want)-1 {
					if d.State != WebhookFailed || !d.NextAttempt.IsZero() {
						t.Errorf("%s: after the last attempt: %+v", name, d)
					}
					break
				}
				wait := d.NextAttempt.Sub(em.server.Now())
				if d.State != WebhookPending || wait != want[i+1] {
					t.Fatalf("%s: %s, the next attempt comes after %v, want %v", name, d.State, wait, want[i+1])
				}
				pass(em, wait-time.Nanosecond)
				if n := len(em.settle(t)[0].Deliveries[0].Attempts); n != i+1 {
					t.Fatalf("%s: tried too early", name)
				}
				pass(em, time.Nanosecond)
			}
			pass(em, 1000*time.Hour)
			if n := len(em.settle(t)[0].Deliveries[0].Attempts); n != len(want) {
				t.Errorf("%s: %d attempts in the end", name, n)
			}
		})
	}
}

func TestWebhookFailsFirst(t *testing.T) {
	em := newHooked(t, answer(204))
	var down atomic.Bool
	down.Store(true)
	var got receiver
	inner := got.handler(t, em, testSecret)
	em.AddWebhook(WebhookEndpoint{Secret: testSecret, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			http.Error(w, "not yet", http.StatusServiceUnavailable)
			return
		}
		inner.ServeHTTP(w, r)
	})})
	em.happen("user.created", "user_1")
	em.settle(t)
	down.Store(false)
	em.happen("user.updated", "user_1") // not held up by the first one
	em.settle(t)
	em.Advance(5 * time.Second)
	m := em.settle(t)
	if ids := got.ids(); !slices.Equal(ids, []string{m[1].ID, m[0].ID}) {
		t.Errorf("received %v", ids)
	}
	d := m[0].Deliveries[1]
	if d.State != WebhookDelivered || len(d.Attempts) != 2 || d.Attempts[0].Status != 503 || d.Attempts[0].Response != "not yet\n" || d.Attempts[1].Status != 200 {
		t.Errorf("%+v", d)
	}
	if at := got.events[1].SentAt; !at.Equal(d.Attempts[1].Time.Truncate(time.Second)) {
		t.Errorf("signed for %v", at)
	}
}

func TestWebhookControl(t *testing.T) {
	header := ""
	em := newHooked(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("webhook-delivery", header)
		w.WriteHeader(422)
	}))
	header = "abort-message"
	em.happen("user.created", "user_1")
	if d := em.settle(t)[0].Deliveries[0]; d.State != WebhookAborted || len(d.Attempts) != 1 || !d.NextAttempt.IsZero() {
		t.Errorf("aborted: %+v", d)
	}
	header = ""
	em.happen("user.created", "user_2")
	em.settle(t)
	header = "Disable"
	em.happen("user.created", "user_3")
	em.settle(t)
	em.happen("user.created", "user_4")
	em.Advance(100 * time.Hour)
	m := em.settle(t)
	if len(m[3].Deliveries) != 0 || !em.Webhooks()[0].Disabled {
		t.Errorf("still delivered: %+v", m[3])
	}
	for _, i := range []int{1, 2} {
		if d := m[i].Deliveries[0]; d.State != WebhookFailed || len(d.Attempts) != 1 {
			t.Errorf("%d: %+v", i, d)
		}
	}
	if err := em.hooks.replay(m[2].ID); err == nil {
		t.Error("a disabled endpoint gets a replay")
	}
}

func TestWebhookReplay(t *testing.T) {
	em, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	em.tb = t
	defer func() { _ = em.Close() }()
	em.happen("user.created", "user_1") // nobody listens
	id := em.WebhookMessages()[0].ID
	if err := em.hooks.replay(id); err == nil {
		t.Error("replayed to nobody")
	}
	var got receiver
	em.AddWebhook(WebhookEndpoint{Handler: got.handler(t, em, testSecret), Secret: testSecret, Events: []string{"user.created"}})
	em.AddWebhook(WebhookEndpoint{Handler: answer(404), Events: []string{"user.created"}})
	em.ReplayWebhook(id)
	em.settle(t)
	for range len(retryAfter) {
		em.Advance(10 * time.Hour)
		em.settle(t)
	}
	if d := em.WebhookMessages()[0].Deliveries; len(d) != 2 || d[0].State != WebhookDelivered || d[1].State != WebhookFailed {
		t.Fatalf("%+v", d)
	}
	before := got.events[0].Data
	em.ReplayWebhook(id)
	m := em.settle(t)[0]
	if ids := got.ids(); !slices.Equal(ids, []string{id, id}) || string(got.events[1].Data) != string(before) {
		t.Errorf("received %v, %s and %s", ids, before, got.events[1].Data)
	}
	if d := m.Deliveries[1]; d.State != WebhookPending || len(d.Attempts) != 9 || d.NextAttempt.Sub(em.server.Now()) > 5*time.Second {
		t.Errorf("a replay begins anew: %+v", d)
	}
	for range 100 {
		em.ReplayWebhook(id)
		m = em.settle(t)[0]
	}
	if n := len(m.Deliveries[0].Attempts); n != maxAttempted {
		t.Errorf("%d attempts are remembered", n)
	}
	for _, unknown := range []string{"", "msg_unknown"} {
		if err := em.hooks.replay(unknown); err == nil {
			t.Errorf("replayed %q", unknown)
		}
	}
}

func TestWebhookReplayWhileRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		em := newHooked(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			n++
			time.Sleep(time.Second)
			w.WriteHeader(500)
		}))
		em.happen("user.created", "user_1")
		synctest.Wait()
		em.ReplayWebhook(em.WebhookMessages()[0].ID)
		em.hooks.clear() // of the message, no more attempts are made
		em.settle(t)
		em.happen("user.created", "user_2")
		synctest.Wait()
		em.ReplayWebhook(em.WebhookMessages()[0].ID)
		d := em.settle(t)[0].Deliveries[0]
		if n != 3 || len(d.Attempts) != 2 || d.State != WebhookPending || d.NextAttempt.Sub(em.server.Now()) != 5*time.Second {
			t.Errorf("%d requests, %+v", n, d)
		}
	})
}

// TestWebhookEventsWithoutEndpoint: what happened can be seen, as it was then.
func TestWebhookEventsWithoutEndpoint(t *testing.T) {
	em, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 * maxMessages {
		em.happen("user.created", fmt.Sprint("user_", i))
	}
	em.Advance(time.Hour)
	m := em.WebhookMessages()
	last := m[len(m)-1]
	var body struct {
		Data struct{ ID string }
	}
	if err := json.Unmarshal(last.Payload, &body); err != nil || body.Data.ID != fmt.Sprint("user_", 3*maxMessages-1) {
		t.Errorf("%s %v", last.Payload, err)
	}
	if len(m) > 2*maxMessages || len(m) < maxMessages/2 || last.Deliveries != nil {
		t.Errorf("%d messages", len(m))
	}
	if again := em.WebhookMessages(); again[0].ID != m[0].ID || !strings.HasPrefix(m[0].ID, "msg_") {
		t.Errorf("ids change: %s, %s", m[0].ID, again[0].ID)
	}
	if err := em.FlushWebhooks(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestWebhooksConcurrently(t *testing.T) {
	em := newHooked(t, answer(200))
	var got receiver
	em.AddWebhook(WebhookEndpoint{Handler: got.handler(t, em, testSecret), Secret: testSecret})
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 100 {
				em.happen("user.updated", fmt.Sprint("user_", w, "_", i))
				switch {
				case i%10 == 0:
					secret := em.AddWebhook(WebhookEndpoint{Handler: answer(503)})
					for _, ep := range em.Webhooks() {
						if ep.Secret == secret {
							_ = em.hooks.removeEndpoint(ep.ID)
						}
					}
				case i%10 == 3:
					em.Advance(time.Second)
				case i%10 == 5:
					_ = em.FlushWebhooks(t.Context())
				case i%10 == 7:
					m := em.WebhookMessages()
					em.ReplayWebhook(m[len(m)/2].ID)
				}
			}
		})
	}
	wg.Wait()
	em.settle(t)
	ids := got.ids()
	slices.Sort(ids)
	if n := len(slices.Compact(ids)); n != 400 {
		t.Errorf("%d of 400 messages arrived", n)
	}
}

// What an event costs while nobody listens.
func BenchmarkEvent(b *testing.B) {
	em, err := New(Config{})
	if err != nil {
		b.Fatal(err)
	}
	u := blankUser("user_1")
	b.ReportAllocs()
	for b.Loop() {
		em.server.Store.Apply(func(tx *state.Tx) {
			state.Emit(tx, "user.updated", u)
		})
	}
}
