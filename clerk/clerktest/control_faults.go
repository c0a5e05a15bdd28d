package clerktest

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// controlFault is a Fault as JSON.
type controlFault struct {
	ID            string            `json:"id,omitempty"`
	Method        string            `json:"method,omitempty"`
	Path          string            `json:"path,omitempty"`
	Times         int               `json:"times,omitempty"`
	Left          int               `json:"left,omitempty"`
	DelayMillis   int64             `json:"delay_ms,omitempty"`
	Hang          bool              `json:"hang,omitempty"`
	CutConnection bool              `json:"cut_connection,omitempty"`
	Status        int               `json:"status,omitempty"`
	Header        map[string]string `json:"header,omitempty"`
	Body          string            `json:"body,omitempty"`
}

func newControlFault(f *wire.FaultState) controlFault {
	out := controlFault{
		ID: f.ID, Method: f.Method, Path: f.Path, Times: f.Times, Left: f.Left, DelayMillis: f.Delay.Milliseconds(), Hang: f.Hang,
		CutConnection: f.CutConnection, Status: f.Status, Body: f.Body,
	}
	for name, values := range f.Header {
		if out.Header == nil {
			out.Header = map[string]string{}
		}
		out.Header[name] = strings.Join(values, ", ")
	}
	return out
}

func (e *Emulator) controlFaults(c *wire.Call) error {
	out := []controlFault{}
	for _, f := range e.server.Faults.InForce() {
		out = append(out, newControlFault(&f))
	}
	return c.OK(map[string]any{"faults": out})
}

func (e *Emulator) controlAddFault(c *wire.Call) error {
	var in controlFault
	if err := c.Decode(&in); err != nil {
		return err
	}
	switch {
	case in.ID != "" || in.Left != 0:
		return refusal.Param("id", "form_param_unknown", "id and left are the emulator's to say")
	case in.DelayMillis > math.MaxInt64/int64(time.Millisecond):
		return refusal.Param("delay_ms", "form_param_value_invalid", "delay_ms is too long")
	}
	f := Fault{
		Method: in.Method, Path: in.Path, Times: in.Times, Delay: time.Duration(in.DelayMillis) * time.Millisecond,
		Hang: in.Hang, CutConnection: in.CutConnection, Status: in.Status, Body: in.Body,
	}
	for name, value := range in.Header {
		if f.Header == nil {
			f.Header = http.Header{}
		}
		f.Header.Set(name, value)
	}
	added, err := e.server.Faults.Add(wire.FaultSpec(f))
	if err != nil {
		return err
	}
	c.Note("fault added")
	return c.OK(newControlFault(&wire.FaultState{FaultSpec: added.FaultSpec, ID: added.ID, Left: added.Times}))
}

func (e *Emulator) controlClearFaults(c *wire.Call) error {
	e.ClearFaults()
	c.Note("faults cleared")
	return c.OK(map[string]bool{"cleared": true})
}

func (e *Emulator) controlRemoveFault(c *wire.Call) error {
	f := e.server.Faults.ByID(c.Param(0))
	if f == nil {
		return refusal.NotFound("fault " + refusal.Quoted(c.Param(0)))
	}
	e.server.Faults.Remove(f)
	c.Note("fault removed")
	return c.OK(map[string]bool{"cleared": true})
}

// controlMessage is a Message as JSON.
type controlMessage struct {
	ID       string    `json:"id"`
	Time     time.Time `json:"time"`
	Channel  string    `json:"channel"`
	To       string    `json:"to"`
	Template string    `json:"template"`
	Code     string    `json:"code,omitempty"`
	URL      string    `json:"url,omitempty"`
}

func (e *Emulator) controlOutbox(c *wire.Call) error {
	to := c.R.URL.Query().Get("to")
	out := []controlMessage{}
	for _, m := range e.Outbox() {
		if to == "" || m.To == to {
			out = append(out, controlMessage{m.ID, m.Time.UTC(), m.Channel, m.To, m.Template, m.Code, m.URL})
		}
	}
	return c.OK(map[string]any{"messages": out})
}

// controlRequest is a Request as JSON. Number counts all requests, so that a
// caller can ask for those after the last that it knows.
type controlRequest struct {
	Number    uint64    `json:"number"`
	Time      time.Time `json:"time"`
	Millis    float64   `json:"duration_ms"`
	Method    string    `json:"method"`
	Path      string    `json:"path"`
	API       string    `json:"api"`
	Operation string    `json:"operation,omitempty"`
	Status    int       `json:"status"`
	Meaning   string    `json:"meaning,omitempty"`
}

func (e *Emulator) controlRequests(c *wire.Call) error {
	var after uint64
	if s := c.R.URL.Query().Get("after"); s != "" {
		var err error
		if after, err = strconv.ParseUint(s, 10, 64); err != nil {
			return refusal.Param("after", "form_param_value_invalid", "after is no number")
		}
	}
	all, last, _ := e.server.Log.All()
	out := []controlRequest{}
	for i := range all {
		r := &all[i]
		n := last - uint64(len(all)-1-i) //nolint:gosec // not negative: i is an index
		if n > after {
			out = append(out, controlRequest{
				n, r.Time.UTC(), float64(r.Duration.Microseconds()) / 1000, r.Method, r.Path, r.API, r.Operation, r.Status, r.Meaning,
			})
		}
	}
	return c.OK(map[string]any{"requests": out, "last": last})
}

func (e *Emulator) controlSnapshot(c *wire.Call) error {
	data, err := e.snapshot()
	if err != nil {
		return err
	}
	h := c.W.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="clerk-emulator.json"`)
	_, _ = c.W.Write(data) // the client may have gone
	return nil
}

func (e *Emulator) controlRestore(c *wire.Call) error {
	data, err := io.ReadAll(http.MaxBytesReader(c.W, c.R.Body, maxSnapshot))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return &refusal.Error{Kind: refusal.KindTooLarge, Code: "request_body_too_large", Message: "Request body too large", Long: "", Param: "", Meta: nil}
		}
		return refusal.BadRequest("request_body_invalid", "The request body could not be read.")
	}
	if err := e.restore(data); err != nil {
		return refusal.Param("", "snapshot_invalid", fmt.Sprint("The snapshot was refused: ", err))
	}
	c.Note("snapshot restored")
	return e.controlState(c)
}

func (e *Emulator) controlReset(c *wire.Call) error {
	if err := c.Decode(&struct{}{}); err != nil {
		return err
	}
	if err := e.reset(); err != nil {
		return err
	}
	c.Note("reset")
	return e.controlState(c)
}
