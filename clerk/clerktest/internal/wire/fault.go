package wire

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// FaultSpec says how requests fail: clerktest.Fault, which says more of each field.
type FaultSpec struct {
	Method string
	Path   string
	Times  int

	Delay         time.Duration
	Hang          bool
	CutConnection bool
	Status        int
	Header        http.Header
	Body          string
}

type fault struct {
	FaultSpec
	ID      string
	left    int // what remains of Times
	release chan struct{}
}

type FaultList struct {
	mu   sync.Mutex
	list []*fault
	last uint64 // number of the last one
}

// maxFaults bounds the list.
const maxFaults = 1000

func (l *FaultList) Add(f FaultSpec) (*fault, error) {
	switch {
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return nil, refusal.Param("status", "form_param_value_invalid", "status must be 200 to 599")
	case f.Delay < 0 || f.Times < 0:
		return nil, refusal.Param("times", "form_param_value_invalid", "delay and times must not be negative")
	case !f.Hang && !f.CutConnection && f.Delay == 0 && f.Status == 0 && f.Body == "" && len(f.Header) == 0:
		return nil, refusal.Param("status", "form_param_missing", "a fault must say what fails: status, body, header, delay, hang or cut_connection")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = slices.DeleteFunc(l.list, func(f *fault) bool { return f.Times > 0 && f.left == 0 && !f.Hang && f.Delay == 0 })
	if len(l.list) >= maxFaults {
		return nil, refusal.BadRequest("too_many_faults", "There are too many faults. Clear some.")
	}
	l.last++
	added := &fault{FaultSpec: f, ID: "fault_" + strconv.FormatUint(l.last, 10), left: f.Times, release: make(chan struct{})}
	l.list = append(l.list, added)
	return added, nil
}

// FaultState is a fault that is in force, with what remains of it.
type FaultState struct {
	FaultSpec
	ID   string
	Left int
}

// InForce returns the faults that can still happen.
func (l *FaultList) InForce() []FaultState {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := []FaultState{}
	for _, f := range l.list {
		if f.Times == 0 || f.left > 0 {
			out = append(out, FaultState{f.FaultSpec, f.ID, f.left})
		}
	}
	return out
}

// ByID finds a fault, nil if there is none.
func (l *FaultList) ByID(id string) *fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.list {
		if f.ID == id {
			return f
		}
	}
	return nil
}

func (l *FaultList) Remove(f *fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, have := range l.list {
		if have == f {
			l.list = append(l.list[:i:i], l.list[i+1:]...)
			break
		}
	}
	select {
	case <-f.release:
	default:
		close(f.release)
	}
}

// Clear undoes all faults.
func (l *FaultList) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.releaseLocked()
	l.list = nil
}

// Release lets go of everything that hangs.
func (l *FaultList) Release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.releaseLocked()
}

func (l *FaultList) releaseLocked() {
	for _, f := range l.list {
		select {
		case <-f.release:
		default:
			close(f.release)
		}
	}
}

// take returns the fault for a request, nil if it has none, and counts it.
func (l *FaultList) take(method, path string) *fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.list {
		if !f.matches(method, path) || f.Times > 0 && f.left == 0 {
			continue
		}
		if f.Times > 0 {
			f.left--
		}
		return f
	}
	return nil
}

func (f *fault) matches(method, path string) bool {
	if f.Method != "" && f.Method != method {
		return false
	}
	if prefix, ok := strings.CutSuffix(f.Path, "*"); ok {
		return strings.HasPrefix(path, prefix)
	}
	return f.Path == "" || f.Path == path
}

// serve does what the fault says and reports whether the request is answered.
func (f *fault) serve(ctx context.Context, w http.ResponseWriter) (done bool) {
	if f.Delay > 0 {
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			panic(http.ErrAbortHandler)
		case <-f.release:
		}
	}
	switch {
	case f.Hang:
		select {
		case <-ctx.Done():
		case <-f.release:
		}
		panic(http.ErrAbortHandler)
	case f.CutConnection:
		panic(http.ErrAbortHandler)
	case f.Status == 0 && f.Body == "" && len(f.Header) == 0:
		return false
	}
	status := f.Status
	if status == 0 {
		status = http.StatusInternalServerError
	}
	for name, values := range f.Header {
		w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	if f.Body == "" {
		write((&refusal.Error{Kind: refusal.Kind(status), Code: "emulator_fault", Message: "injected fault", Long: "The emulator was told to fail this request.", Param: "", Meta: nil}), w, "")
		return true
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(f.Body)) // the client may have gone
	return true
}
