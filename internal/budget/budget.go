// Package budget limits the calls to Clerk's Backend API that requests cause.
//
// Anyone can invent tokens, and each costs a call with the secret key. Clerk limits the
// calls of an instance. Package budget therefore limits calls, with a reserve for each
// purpose that other purposes cannot use. Callers with a token that was verified before
// keep their reserve when unknown senders flood the server. Among unknown senders, the
// one with the fewest calls is served first.
//
// It decides who may call; package transport's Limiter only spaces out the calls of a
// client that asked for it, loglimit drops log lines, and clerktest plays the limits of
// Clerk's own servers, which count requests and answer 429.
package budget

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Purpose is what a call is for.
type Purpose int

// The purposes.
const (
	// Nonce exchanges the nonce of a handshake. A nonce is always new.
	Nonce Purpose = iota
	// Refresh exchanges an expired session token with a good signature.
	Refresh
	// Known verifies an opaque token that was verified before.
	Known
	// Unknown verifies an opaque token that was not verified before.
	Unknown

	purposes = 4
)

// Window is the interval of the limits. It is the interval of Clerk's limits.
const Window = 10 * time.Second

// Shares divide a limit among the purposes.
type Shares [purposes]int

// Config has the limits of a [Budget]. All numbers must be positive.
type Config struct {
	// Calls is the maximum number of calls that begin in any Window. Parallel is the
	// maximum number of concurrent calls.
	Calls, Parallel int
	// Reserved are the calls in a Window that are reserved for each purpose. Their sum
	// must be at most Calls. For Nonce, Refresh and Unknown, at most two thirds can be
	// failed calls, so that failed calls cannot displace all successful ones. Successful
	// calls can also use the calls that are not reserved. For Known the reserve is its
	// recent use, and Reserved is the maximum.
	Reserved Shares
	// Slots are the concurrent calls that are reserved for each purpose. Their sum must be
	// at most Parallel. Nonce and Unknown cannot use more than their slots.
	Slots Shares
	// Wait is the maximum time that a call waits for admission.
	Wait time.Duration
	// Waiting is the maximum number of waiting calls for each purpose.
	Waiting int
}

// ErrSpent means that the budget does not allow the call.
var ErrSpent = errors.New("handshake: too many calls to the Backend API")

// Budget admits calls. It is safe for concurrent use. It uses the system clock, because
// Clerk's limits use real time.
type Budget struct {
	cfg Config

	mu      sync.Mutex
	calls   window
	busy    Shares
	allowed [purposes]bucket // failed calls
	lines   [purposes]line
	senders senders
	alarm   *time.Timer // fires when a waiting call can be admitted; nil if not set
	seq     uint64
}

// New returns a Budget.
func New(cfg Config) *Budget {
	b := &Budget{cfg: cfg, senders: newSenders()}
	for p, n := range cfg.Reserved {
		// Allow a third at once and the rest evenly, at least one in two seconds, so that a
		// new sender never waits long.
		failed := float64(n) * 2 / 3
		burst := max(1, failed/3)
		b.allowed[p] = bucket{burst: burst, left: burst, rate: max((failed-burst)/Window.Seconds(), 0.5)}
	}
	return b
}

// Call is a requested call. It is admitted, waiting or refused.
type Call struct {
	b       *Budget
	purpose Purpose
	sender  []string
	rank    int // earlier calls of the sender
	seq     uint64
	state   state
	ready   chan struct{} // closed when it is no longer waiting
}

type state int

const (
	waiting state = iota
	admitted
	refused
)

// Enter requests a call. sender identifies the sender: its network, then the larger
// networks that contain it. Enter counts the calls of all of them, so many small
// networks of one owner do not count as new senders. All calls without a sender count
// as one sender. The error is ErrSpent if the call cannot be admitted. Otherwise
// callers must call [Call.Wait] and, if that returns nil, [Call.Done].
func (b *Budget) Enter(p Purpose, sender ...string) (*Call, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.calls.advance(now)
	b.seq++
	c := &Call{b: b, purpose: p, sender: sender, seq: b.seq}
	if p != Known {
		c.rank = b.senders.count(now, sender)
	}
	l := &b.lines[p]
	if len(l.calls) == 0 && b.admit(now, p) {
		c.state = admitted
		return c, nil
	}
	if !l.push(c, b.cfg.Waiting) {
		return nil, ErrSpent
	}
	c.ready = make(chan struct{})
	b.setAlarm(now)
	return c, nil
}

// Wait waits until the call is admitted, but not longer than ctx and Config.Wait.
func (c *Call) Wait(ctx context.Context) error {
	if c.ready == nil {
		return nil // admitted at once
	}
	timer := time.NewTimer(c.b.cfg.Wait)
	defer timer.Stop()
	select {
	case <-c.ready:
	case <-timer.C:
	case <-ctx.Done():
	}
	c.b.mu.Lock()
	defer c.b.mu.Unlock()
	if c.state == admitted {
		return nil
	}
	c.b.lines[c.purpose].remove(c)
	c.state = refused
	return ErrSpent
}

// Done ends an admitted call. good must be true only if the response proves that the
// sender has a valid token, nonce or session.
func (c *Call) Done(good bool) {
	b := c.b
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.calls.advance(now)
	b.busy[c.purpose]--
	if good && c.purpose != Known {
		b.allowed[c.purpose].give(now)
		b.senders.forgive(c.sender)
		if c.purpose == Unknown {
			b.calls.add(learned)
		}
	}
	b.goOn(now)
}

// admit begins a call if the limits allow it.
func (b *Budget) admit(now time.Time, p Purpose) bool {
	if p != Known && !b.allowed[p].has(now) {
		return false
	}
	if !free(b.busy, b.cfg.Slots, b.cfg.Parallel, p) || (p == Nonce || p == Unknown) && b.busy[p] >= b.cfg.Slots[p] {
		return false
	}
	used := b.calls.sums(Window)
	if !free(Shares(used[:purposes]), b.reserved(&used), b.cfg.Calls, p) {
		return false
	}
	if p != Known {
		b.allowed[p].take()
	}
	b.calls.add(p)
	b.busy[p]++
	return true
}

// reserved returns the current reserve for each purpose. used are the calls of the last
// Window. Known tokens are verified again and again, so the reserve for Known follows
// from its recent calls, including the first call of each token. First calls beyond the
// reserve of Unknown were already made in this Window.
func (b *Budget) reserved(used *[counted]int) Shares {
	r := b.cfg.Reserved
	lately := b.calls.sums(windowSlots * slotLength)
	need := min(r[Known], max(lately[Known]+lately[learned], r[Known]/4))
	had := max(0, min(used[learned], used[Unknown]-r[Unknown]))
	r[Known] = max(0, need-had)
	return r
}

// free reports whether one more call fits into the reserve for p, or into the
// unreserved rest.
func free(used, kept Shares, most int, p Purpose) bool {
	all, taken := 0, 0
	for i, n := range used {
		all += n
		taken += max(n, kept[i])
	}
	return all < most && (used[p] < kept[p] || taken < most)
}

// goOn admits waiting calls in the order Known, Refresh, Nonce, Unknown, and sets the
// alarm for the rest.
func (b *Budget) goOn(now time.Time) {
	for _, p := range [...]Purpose{Known, Refresh, Nonce, Unknown} {
		l := &b.lines[p]
		for len(l.calls) > 0 && b.admit(now, p) {
			c := l.pop()
			c.state = admitted
			close(c.ready)
		}
	}
	b.setAlarm(now)
}

// setAlarm sets a timer for the time when a waiting call can be admitted. It is set
// only while calls wait.
func (b *Budget) setAlarm(now time.Time) {
	if b.alarm != nil {
		return
	}
	next := time.Duration(0)
	for p := range b.lines {
		if len(b.lines[p].calls) == 0 {
			continue
		}
		d := slotLength / 2
		if Purpose(p) != Known {
			d = b.allowed[p].until(now)
		}
		if d = max(d, 10*time.Millisecond); next == 0 || d < next {
			next = d
		}
	}
	if next == 0 {
		return
	}
	b.alarm = time.AfterFunc(next, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.alarm = nil
		now := time.Now()
		b.calls.advance(now)
		b.goOn(now)
	})
}
