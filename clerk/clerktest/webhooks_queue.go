package clerktest

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/ids"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

// Bounds of what is remembered: an emulator may run for weeks, and an endpoint may
// be down for as long.
const (
	maxMessages  = 4096  // that are settled
	maxQueued    = 65536 // that are not
	maxAttempted = 32    // attempts of one delivery
)

// webhooks remembers events, and brings them to the endpoints. Its lock may be
// taken within that of the store, never the other way round.
type webhooks struct {
	e       *Emulator
	watched atomic.Bool // there is an endpoint
	causes  causes

	mu        sync.Mutex
	ids       *ids.Source // of its own: ids of other things do not change with it
	messages  []*hookMessage
	compactAt int
	maxQueued int
	endpoints []*hookEndpoint
	app       bool          // of Svix, see bapi_webhooks.go
	seq       uint64        // orders what is due at the same time
	settled   chan struct{} // closed when a delivery comes to an end; nil if nobody waits
	givenUp   int           // messages, since the log was told

	ctx     context.Context
	stop    context.CancelFunc
	workers sync.WaitGroup
	closed  bool
}

// hookMessage is an event in the log.
type hookMessage struct {
	state.Event
	id         string
	body       sync.Once
	payload    []byte
	deliveries []*delivery
}

func (m *hookMessage) pending() bool {
	return slices.ContainsFunc(m.deliveries, func(d *delivery) bool { return d.state == WebhookPending })
}

// delivery is a message on its way to one endpoint.
type delivery struct {
	m        *hookMessage
	endpoint *hookEndpoint
	state    string
	attempts []WebhookAttempt
	tries    int // since the event, or since it was replayed
	due      time.Time
	seq      uint64
	place    int // in the endpoint's queue, -1 if it is not there
	running  bool
	again    bool // replayed while it was running
}

// hookEndpoint is an endpoint with what is due there.
type hookEndpoint struct {
	WebhookEndpoint
	signer  *webhook.Signer
	client  *http.Client
	queue   deliveryQueue
	running *delivery
	wake    chan struct{}
	stop    context.CancelFunc
}

func (ep *hookEndpoint) wants(kind string) bool {
	return !ep.Disabled && (len(ep.Events) == 0 || slices.Contains(ep.Events, kind))
}

// poke lets the worker look at the queue again.
func (ep *hookEndpoint) poke() {
	select {
	case ep.wake <- struct{}{}:
	default:
	}
}

func newWebhooks(e *Emulator, deterministic bool) *webhooks {
	ctx, stop := context.WithCancel(context.Background())
	return &webhooks{e: e, ids: ids.New(deterministic), compactAt: maxMessages, maxQueued: maxQueued, ctx: ctx, stop: stop}
}

// Watched reports whether there is an endpoint.
func (h *webhooks) Watched() bool { return h.watched.Load() }

// Add remembers an event, and queues it for whoever wants it.
func (h *webhooks) Add(ev state.Event) {
	m := &hookMessage{Event: ev}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.endpoints) > 0 {
		m.Cause = h.causes.one()
		h.nameLocked(m)
		for _, ep := range h.endpoints {
			if ep.wants(m.Kind) {
				h.queueLocked(m, ep, m.At)
			}
		}
	}
	if len(h.messages) >= h.compactAt {
		h.compactLocked()
	}
	h.messages = append(h.messages, m)
}

// nameLocked gives a message its id, which costs nothing until somebody listens.
func (h *webhooks) nameLocked(m *hookMessage) {
	if m.id == "" {
		m.id = h.ids.Next("msg")
	}
}

func (h *webhooks) queueLocked(m *hookMessage, ep *hookEndpoint, due time.Time) {
	d := &delivery{m: m, endpoint: ep, state: WebhookPending}
	m.deliveries = append(m.deliveries, d)
	h.pushLocked(d, due)
}

func (h *webhooks) pushLocked(d *delivery, due time.Time) {
	h.seq++
	d.state, d.due, d.seq = WebhookPending, due, h.seq
	heap.Push(&d.endpoint.queue, d)
	d.endpoint.poke()
}

// compactLocked forgets the older half of what is settled, and gives up what too
// many wait behind.
func (h *webhooks) compactLocked() {
	waiting := 0
	for _, m := range h.messages {
		if m.pending() {
			waiting++
		}
	}
	drop, giveUp := len(h.messages)-waiting-maxMessages/2, waiting-h.maxQueued
	h.givenUp += max(0, giveUp)
	h.messages = slices.DeleteFunc(h.messages, func(m *hookMessage) bool {
		if m.pending() && giveUp > 0 {
			giveUp--
			for _, d := range m.deliveries {
				h.giveUpLocked(d)
			}
		}
		if m.pending() || drop <= 0 {
			return false
		}
		drop--
		return true
	})
	h.compactAt = len(h.messages) + maxMessages/2
}

// giveUpLocked ends a delivery that is not under way.
func (h *webhooks) giveUpLocked(d *delivery) {
	if d.state != WebhookPending || d.running {
		return
	}
	heap.Remove(&d.endpoint.queue, d.place)
	d.state = WebhookFailed
}

// addEndpoint adds an endpoint, and starts the goroutine that serves it.
func (h *webhooks) addEndpoint(in WebhookEndpoint) (WebhookEndpoint, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	ep, err := newEndpoint(in, h.ids)
	switch {
	case err != nil:
		return in, err
	case h.closed:
		return in, errors.New("the emulator is closed")
	}
	ctx, stop := context.WithCancel(h.ctx)
	ep.stop = stop
	h.endpoints, h.app = append(h.endpoints, ep), true
	h.watched.Store(true)
	h.workers.Go(func() { h.serve(ctx, ep) })
	return ep.WebhookEndpoint, nil
}

// removeEndpoint takes an endpoint away, with what it did not get.
func (h *webhooks) removeEndpoint(id string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := slices.IndexFunc(h.endpoints, func(ep *hookEndpoint) bool { return ep.ID == id })
	if n < 0 {
		return refusal.NotFound("webhook endpoint with id " + refusal.Quoted(id))
	}
	h.emptyLocked(h.endpoints[n])
	h.endpoints[n].stop()
	h.endpoints = slices.Delete(slices.Clone(h.endpoints), n, n+1)
	h.watched.Store(len(h.endpoints) > 0)
	h.tellLocked()
	return nil
}

// emptyLocked gives up what waits for an endpoint.
func (h *webhooks) emptyLocked(ep *hookEndpoint) {
	for len(ep.queue) > 0 {
		h.giveUpLocked(ep.queue[0])
	}
}

// clear forgets all messages; the endpoints stay.
func (h *webhooks) clear() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, ep := range h.endpoints {
		h.emptyLocked(ep)
		if d := ep.running; d != nil {
			d.tries, d.again = len(retryAfter), false // not another one
		}
	}
	h.messages, h.compactAt = nil, maxMessages
	h.tellLocked()
}

func (h *webhooks) list() []WebhookEndpoint {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]WebhookEndpoint, len(h.endpoints))
	for i, ep := range h.endpoints {
		out[i] = ep.WebhookEndpoint
		out[i].Events = slices.Clone(ep.Events)
	}
	return out
}

// replay queues a message again.
func (h *webhooks) replay(id string) error {
	now := h.e.server.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return errors.New("the emulator is closed")
	}
	n := slices.IndexFunc(h.messages, func(m *hookMessage) bool { return m.id == id && id != "" })
	if n < 0 {
		return refusal.NotFound("webhook message with id " + refusal.Quoted(id))
	}
	m, found := h.messages[n], false
	for _, ep := range h.endpoints {
		if !ep.wants(m.Kind) {
			continue
		}
		found = true
		i := slices.IndexFunc(m.deliveries, func(d *delivery) bool { return d.endpoint == ep })
		if i < 0 {
			h.queueLocked(m, ep, now)
			continue
		}
		d := m.deliveries[i]
		if d.running {
			d.again = true
			continue
		}
		h.giveUpLocked(d)
		d.tries = 0
		h.pushLocked(d, now)
	}
	if !found {
		return refusal.BadRequest("webhook_endpoint_missing", "No endpoint wants "+m.Kind+".")
	}
	return nil
}

// deliveryQueue is a heap, the next one first.
type deliveryQueue []*delivery

func (q deliveryQueue) Len() int { return len(q) }

func (q deliveryQueue) Less(i, j int) bool {
	return cmp.Or(q[i].due.Compare(q[j].due), cmp.Compare(q[i].seq, q[j].seq)) < 0
}

func (q deliveryQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i, j
}

func (q *deliveryQueue) Push(x any) {
	d, _ := x.(*delivery) // nothing else is pushed
	d.place = len(*q)
	*q = append(*q, d)
}

func (q *deliveryQueue) Pop() any {
	old := *q
	d := old[len(old)-1]
	old[len(old)-1], d.place = nil, -1
	*q = old[:len(old)-1]
	return d
}

// enterRequest notes a request that is being answered while somebody listens.
func (h *webhooks) enterRequest(r *http.Request) (leave func()) {
	if !h.watched.Load() {
		return func() {}
	}
	return h.causes.enter(r)
}

// causes are the requests that are being answered while somebody listens.
type causes struct {
	mu    sync.Mutex
	count map[state.Cause]int
}

// enter counts a request in, and leave out again.
func (c *causes) enter(r *http.Request) (leave func()) {
	from := state.Cause{IP: hosts.Name(r.RemoteAddr), UserAgent: r.UserAgent()}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count == nil {
		c.count = map[state.Cause]int{}
	}
	c.count[from]++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.count[from]--; c.count[from] == 0 {
			delete(c.count, from)
		}
	}
}

// one returns what is said of the requests under way if it is the same of all.
// Where different ones are, nothing is better than a guess: the store does not
// know for whom it works.
func (c *causes) one() (from state.Cause) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.count) == 1 {
		for from = range c.count {
		}
	}
	return from
}
