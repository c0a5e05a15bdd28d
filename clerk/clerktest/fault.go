package clerktest

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

// Fault makes requests fail. Of the fields that say how, Delay comes first, then
// the first that is set of Hang, CutConnection, and Status with Header and Body;
// a Fault with a Delay alone only slows down.
type Fault struct {
	// Method limits the fault to one method. Empty means all.
	Method string
	// Path is the path that fails, /v1/jwks. A * at the end stands for anything,
	// and an empty Path for all paths.
	Path string
	// Times is how many requests fail. Zero means all, until it is undone.
	Times int

	// Delay holds the answer back, in real time.
	Delay time.Duration
	// Hang never answers: until the caller gives up, the fault is undone or the
	// emulator is closed.
	Hang bool
	// CutConnection closes the connection without an answer.
	CutConnection bool
	// Status is the status of the answer, 500 if only Header or Body are given.
	// Without a Body the answer is an error in Clerk's envelope.
	Status int
	// Header is added to the answer: Retry-After, say.
	Header http.Header
	// Body is sent as it is, malformed or not.
	Body string
}

type fault struct {
	Fault
	id      string
	left    int // what remains of Times
	release chan struct{}
}

type faultList struct {
	mu   sync.Mutex
	list []*fault
	last uint64 // number of the last one
}

// Fault makes requests fail from now on. Of several faults for one path the
// oldest counts until it is used up. The returned function undoes the fault and
// lets go of what hangs in it; calling it twice is fine. A Status other than 200
// to 599 is refused. The control API never fails.
func (e *Emulator) Fault(f Fault) (undo func()) {
	e.helper()
	added, err := e.faults.add(f)
	if err != nil {
		e.fail("Fault: %v", err)
		return func() {}
	}
	var once sync.Once
	return func() { once.Do(func() { e.faults.remove(added) }) }
}

// maxFaults bounds the list.
const maxFaults = 1000

func (l *faultList) add(f Fault) (*fault, error) {
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
	added := &fault{Fault: f, id: "fault_" + strconv.FormatUint(l.last, 10), left: f.Times, release: make(chan struct{})}
	l.list = append(l.list, added)
	return added, nil
}

// faultState is a fault that is in force, with what remains of it.
type faultState struct {
	Fault
	id   string
	left int
}

// inForce returns the faults that can still happen.
func (l *faultList) inForce() []faultState {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := []faultState{}
	for _, f := range l.list {
		if f.Times == 0 || f.left > 0 {
			out = append(out, faultState{f.Fault, f.id, f.left})
		}
	}
	return out
}

// byID finds a fault, nil if there is none.
func (l *faultList) byID(id string) *fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.list {
		if f.id == id {
			return f
		}
	}
	return nil
}

func (l *faultList) remove(f *fault) {
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

// clear undoes all faults.
func (l *faultList) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.releaseLocked()
	l.list = nil
}

// ClearFaults undoes all faults, and lets go of what hangs in them.
func (e *Emulator) ClearFaults() { e.faults.clear() }

// release lets go of everything that hangs.
func (l *faultList) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.releaseLocked()
}

func (l *faultList) releaseLocked() {
	for _, f := range l.list {
		select {
		case <-f.release:
		default:
			close(f.release)
		}
	}
}

// take returns the fault for a request, nil if it has none, and counts it.
func (l *faultList) take(method, path string) *fault {
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
