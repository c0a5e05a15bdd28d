// Package budget shares out the calls to Clerk's Backend API that requests cause.
//
// Anyone can make up a token, and each costs a call with the secret key, of which
// Clerk allows an instance so many. So there are bounds, and they are kept apart by
// purpose: what one purpose spends is not missing in what is reserved for another.
// A caller that showed something good before is not turned away for strangers. Among
// strangers, the one that asked for the least goes first.
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
	// Nonce exchanges the nonce of a handshake. Nobody knows one before.
	Nonce Purpose = iota
	// Refresh exchanges an expired session token with a good signature.
	Refresh
	// Known verifies an opaque token that was verified before.
	Known
	// Unknown verifies an opaque token that was not.
	Unknown

	purposes = 4
)

// Window is the interval that limits of calls are about, as Clerk's are.
const Window = 10 * time.Second

// Shares are the parts of one bound, by purpose.
type Shares [purposes]int

// Config is what a [Budget] keeps to. All numbers are positive.
type Config struct {
	// Calls is how many calls may begin in any Window, and Parallel how many may be
	// under way at a time.
	Calls, Parallel int
	// Reserved are the calls in a Window that are kept for each purpose; their sum
	// is not above Calls. Of Nonce, Refresh and Unknown two thirds at most may go to
	// failed calls, so that these cannot take the place of all good ones; good ones
	// may also use what is kept for nobody. Known has what it used lately kept for
	// it, and this at most.
	Reserved Shares
	// Slots are the calls under way that are kept for each purpose; their sum is not
	// above Parallel. Nonce and Unknown get no more.
	Slots Shares
	// Wait is how long a request may wait for its turn.
	Wait time.Duration
	// Waiting is how many may wait for each purpose.
	Waiting int
}

// ErrSpent means that the budget has nothing left for the call.
var ErrSpent = errors.New("handshake: too many calls to the Backend API")

// Budget admits calls. It is safe for concurrent use. It goes by the machine's
// clock, as Clerk does.
type Budget struct {
	cfg Config

	mu      sync.Mutex
	calls   window
	busy    Shares
	allowed [purposes]bucket // failed calls
	lines   [purposes]line
	senders senders
	alarm   *time.Timer // rings when a line may go on; nil if none is set
	seq     uint64
}

// New makes a Budget.
func New(cfg Config) *Budget {
	b := &Budget{cfg: cfg, senders: newSenders()}
	for p, n := range cfg.Reserved {
		// A third at once and the rest evenly, at least one in two seconds: somebody
		// new then never waits long.
		failed := float64(n) * 2 / 3
		burst := max(1, failed/3)
		b.allowed[p] = bucket{burst: burst, left: burst, rate: max((failed-burst)/Window.Seconds(), 0.5)}
	}
	return b
}

// Call is a call that is asked for. It is either admitted, waiting or refused.
type Call struct {
	b       *Budget
	purpose Purpose
	sender  []string
	rank    int // calls that the sender asked for before
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

// Enter asks for a call. sender is who asks, for strangers to be told apart: its
// network, then larger ones that it is part of. Calls of all of them count against it,
// so that many small networks of one owner are no newcomers. All senders that are not
// known are alike. The error is ErrSpent where there is no hope. Else
// [Call.Wait] must be called, and after it, if it returns nil, [Call.Done].
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

// Wait waits for the call's turn: no longer than ctx and Config.Wait.
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

// Done ends an admitted call. good is for an answer that only somebody with a real
// token, nonce or session gets.
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

// admit begins a call, if the bounds allow it.
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

// reserved is what is kept for each purpose now, where used are the calls of the
// last Window. Known tokens are asked about again and again, so what they will need
// shows in what they needed, their first calls included. Of those, the ones that
// went beyond what is kept for Unknown have had their call in this Window.
func (b *Budget) reserved(used *[counted]int) Shares {
	r := b.cfg.Reserved
	lately := b.calls.sums(windowSlots * slotLength)
	need := min(r[Known], max(lately[Known]+lately[learned], r[Known]/4))
	had := max(0, min(used[learned], used[Unknown]-r[Unknown]))
	r[Known] = max(0, need-had)
	return r
}

// free reports whether one more is within what is kept for p, or within what is
// kept for nobody.
func free(used, kept Shares, most int, p Purpose) bool {
	all, taken := 0, 0
	for i, n := range used {
		all += n
		taken += max(n, kept[i])
	}
	return all < most && (used[p] < kept[p] || taken < most)
}

// goOn admits those that wait, the longest known purpose first, and sets the alarm
// for the rest.
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

// setAlarm sees to it that lines go on when time alone makes room. The alarm is
// set only while requests wait.
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
