package clerktest

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/keys"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

//go:embed inspector.html
var inspectorHTML string

//go:embed inspector.css
var inspectorCSS []byte

//go:embed inspector.js
var inspectorJS []byte

var inspectorTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("inspector").Parse(inspectorHTML))
})

// How much the inspector shows.
const (
	shownRequests = 80
	shownRecords  = 25
)

// inspectorData is what the inspector shows.
type inspectorData struct {
	Instance, Issuer, URL string
	App                   string // the application's first origin
	PublishableKey        string
	Now                   string
	Offset                string // "" where the clock was not moved
	Did                   string
	Count                 uint64
	Requests              []inspectorRequest
	Handshake             *sequence
	Users                 []inspectorUser
	Sessions              []inspectorSession
	Organizations         []inspectorOrganization
	Messages              []inspectorMessage
	Endpoints             []inspectorEndpoint
	Webhooks              []inspectorWebhook
	Faults                []inspectorFault
	Keys                  []string // kids, the one that signs first
	Published             bool     // the key that signs is the published one
	RateLimits            bool
	Steps                 []inspectorStep // of the clock
	Totals                inspectorTotals
	More                  inspectorTotals // that are not shown
}

type inspectorTotals struct{ Users, Sessions, Live, Organizations, Messages, Webhooks int }

type inspectorStep struct {
	Name    string
	Seconds int
}

type inspectorRequest struct {
	Time, API, Method, Path, Operation, Meaning string
	Status, Class, Duration                     string
}

type inspectorUser struct {
	ID, Name, Note string
	Banned         bool
}

type inspectorSession struct {
	ID, User, Organization, Status, Expires string
	Live                                    bool
}

type inspectorOrganization struct {
	ID, Name, Slug string
	Members        int
}

type inspectorMessage struct{ Time, To, Template, Code, URL string }

type inspectorEndpoint struct {
	URL      string
	Disabled bool
}

type inspectorWebhook struct {
	ID, Time, Type string
	Deliveries     []inspectorDelivery
}

type inspectorDelivery struct{ State, URL, Note string }

type inspectorFault struct{ ID, Where, What, Left string }

func (e *Emulator) inspectorRedirect(c *wire.Call) error {
	c.Redirect(http.StatusSeeOther, "/_emulator/")
	return nil
}

func (e *Emulator) inspectorStyle(c *wire.Call) error {
	return asset(c, "text/css; charset=utf-8", inspectorCSS)
}

func (e *Emulator) inspectorScript(c *wire.Call) error {
	return asset(c, "text/javascript; charset=utf-8", inspectorJS)
}

func asset(c *wire.Call, kind string, content []byte) error {
	c.W.Header().Set("Content-Type", kind)
	_, _ = c.W.Write(content) // the client may have gone
	return nil
}

func (e *Emulator) inspector(c *wire.Call) error {
	data := e.inspectorData()
	data.Did = inspectorActions[c.R.URL.Query().Get("did")].did
	var b bytes.Buffer
	if err := inspectorTemplate().ExecuteTemplate(&b, "inspector", data); err != nil {
		return err
	}
	h := c.W.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	// form-action names the application, where signing in leads.
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "+
		"frame-ancestors 'none'; form-action 'self' "+strings.Join(e.server.Config.Origins, " "))
	h.Set("Referrer-Policy", "same-origin")
	_, _ = c.W.Write(b.Bytes()) // the client may have gone
	return nil
}

func (e *Emulator) inspectorData() *inspectorData {
	now := e.server.Now()
	data := &inspectorData{
		Instance: string(e.server.Config.Instance), Issuer: e.server.Issuer(), URL: e.server.URL, App: e.server.Config.Origins[0], PublishableKey: e.PublishableKey(),
		Now: now.UTC().Format("2006-01-02 15:04:05"), RateLimits: e.server.Limits.IsOn(),
		Steps: []inspectorStep{{"1 min", 60}, {"1 h", 3600}, {"1 day", 86400}, {"7 days", 604800}},
	}
	if d := time.Duration(e.server.Offset.Load()); d > 0 {
		data.Offset = "+" + short(d)
	}
	requests, last, shake := e.server.Log.All()
	data.Count = last
	data.Handshake = newSequence(requests, last, shake)
	for i := len(requests) - 1; i >= 0 && len(data.Requests) < shownRequests; i-- {
		data.Requests = append(data.Requests, newInspectorRequest(&requests[i]))
	}
	for _, key := range e.server.Keys.All() {
		data.Keys = append(data.Keys, key.ID)
	}
	if published, err := keys.ParsePublishedKey(); err == nil {
		data.Published = e.server.Keys.Current().ID == keys.NewKey(published).ID
	}
	for _, f := range e.server.Faults.InForce() {
		data.Faults = append(data.Faults, newInspectorFault(&f))
	}
	e.inspectRecords(data, now)
	e.hooks.inspect(data)
	return data
}

func newInspectorRequest(r *wire.LoggedRequest) inspectorRequest {
	out := inspectorRequest{
		Time: r.Time.UTC().Format("15:04:05"), API: r.API, Method: r.Method, Path: r.Path, Operation: r.Operation, Meaning: r.Meaning,
		Status: strconv.Itoa(r.Status), Class: "s" + strconv.Itoa(r.Status/100),
		Duration: strconv.FormatFloat(float64(r.Duration.Microseconds())/1000, 'f', 1, 64),
	}
	if r.Status == 0 {
		out.Status = "cut"
	}
	return out
}

// safeLink lets only URLs of the web be links.
func safeLink(s string) string {
	if u, err := url.Parse(s); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
		return s
	}
	return ""
}

func newInspectorFault(f *wire.FaultState) inspectorFault {
	out := inspectorFault{ID: f.ID, Where: strings.TrimSpace(f.Method + " " + f.Path), Left: "until cleared"}
	if out.Where == "" {
		out.Where = "every path"
	}
	if f.Times > 0 {
		out.Left = fmt.Sprintf("%d of %d left", f.Left, f.Times)
	}
	var what []string
	if f.Delay > 0 {
		what = append(what, "after "+f.Delay.String())
	}
	switch {
	case f.Hang:
		what = append(what, "hangs")
	case f.CutConnection:
		what = append(what, "connection cut")
	case f.Status > 0:
		what = append(what, "status "+strconv.Itoa(f.Status))
	case f.Body != "" || len(f.Header) > 0:
		what = append(what, "another answer")
	}
	out.What = strings.Join(what, ", ")
	return out
}

// short says a duration in its two largest units.
func short(d time.Duration) string {
	d = d.Round(time.Second)
	days, hours, minutes := d/(24*time.Hour), d%(24*time.Hour)/time.Hour, d%time.Hour/time.Minute
	switch {
	case days > 0 && hours > 0:
		return fmt.Sprintf("%d d %d h", days, hours)
	case days > 0:
		return fmt.Sprintf("%d d", days)
	case hours > 0 && minutes > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case hours > 0:
		return fmt.Sprintf("%d h", hours)
	case minutes > 0:
		return fmt.Sprintf("%d min", minutes)
	}
	return fmt.Sprintf("%d s", d/time.Second)
}
