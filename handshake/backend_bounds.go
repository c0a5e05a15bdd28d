package handshake

import (
	"context"
	"sync"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// Anyone can make up a nonce, a refresh cookie or an opaque token, and each costs
// a call with the secret key, of which Clerk allows an instance so many: 100 per
// ten seconds in development, 1,000 in production
// (https://clerk.com/docs/guides/how-clerk-works/system-limits). So all such calls
// of a process share one budget. A request that finds it spent is an outage, not a
// sign-out.
const (
	budgetWindow          = 10 * time.Second
	defaultBudgetDev      = 50
	defaultBudgetProd     = 500
	defaultBudgetEmulator = 50_000 // which has no limit to run into
	defaultBudgetParallel = 64
)

// budget is a token bucket with a bound on what is under way.
type budget struct {
	now      func() time.Time
	perWin   float64
	parallel int

	mu     sync.Mutex
	left   float64
	filled time.Time
	busy   int
}

func newBudget(now func() time.Time, instance clerk.InstanceType, emulator bool, calls, parallel int) *budget {
	switch {
	case calls != 0:
	case emulator:
		calls = defaultBudgetEmulator
	case instance == clerk.Development:
		calls = defaultBudgetDev
	default:
		calls = defaultBudgetProd
	}
	if parallel == 0 {
		parallel = defaultBudgetParallel
	}
	return &budget{now: now, perWin: float64(calls), parallel: parallel, left: float64(calls)}
}

// take reports whether a call may be made now; release ends it.
func (b *budget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if since := now.Sub(b.filled); since > 0 {
		b.left = min(b.perWin, b.left+b.perWin*since.Seconds()/budgetWindow.Seconds())
	}
	b.filled = now
	if b.left < 1 || b.busy >= b.parallel {
		return false
	}
	b.left--
	b.busy++
	return true
}

func (b *budget) release() {
	b.mu.Lock()
	b.busy--
	b.mu.Unlock()
}

func (m *Machine) handshakePayload(ctx context.Context, nonce string) ([]string, error) {
	if m.backend == nil {
		return nil, nil
	}
	if !m.budget.take() {
		m.notices.busy()
		return nil, errBusy
	}
	defer m.budget.release()
	return m.backend.HandshakePayload(ctx, nonce)
}

func (m *Machine) refreshSession(ctx context.Context, r RefreshRequest) ([]string, error) {
	if !m.budget.take() {
		m.notices.busy()
		return nil, errBusy
	}
	defer m.budget.release()
	return m.backend.RefreshSession(ctx, r)
}
