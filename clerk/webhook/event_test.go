package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func verified(t *testing.T, body string) (*Event, error) {
	t.Helper()
	return newVerifier(t, Config{}).Verify(signed(t, body), []byte(body))
}

func TestEvent(t *testing.T) {
	ev, err := verified(t, goodBody)
	if err != nil {
		t.Fatal(err)
	}
	if ev.ID != "msg_1" || ev.Type != UserCreated || ev.InstanceID != "ins_1" || ev.ClientIP != "192.0.2.7" || ev.UserAgent != "curl/8" {
		t.Errorf("got %#v from %s with %s", ev, ev.ClientIP, ev.UserAgent)
	}
	if !ev.SentAt.Equal(testNow.Truncate(time.Second)) || ev.SentAt.Location() != time.UTC {
		t.Errorf("sent at %v", ev.SentAt)
	}
	if want := time.UnixMilli(1767225600123); !ev.Timestamp.Equal(want) || ev.Timestamp.Location() != time.UTC {
		t.Errorf("happened at %v, want %v", ev.Timestamp, want)
	}
	if string(ev.Data) != `{"id":"user_1","first_name":"Ada"}` {
		t.Errorf("data: %s", ev.Data)
	}
}

func TestEventEnvelope(t *testing.T) {
	for name, tc := range map[string]struct {
		body string
		want error
		at   time.Time
	}{
		"least":               {`{"type":"a"}`, nil, time.Time{}},
		"unknown type":        {`{"object":"event","type":"comet.sighted","data":{}}`, nil, time.Time{}},
		"unknown fields":      {`{"type":"a","new":[1],"event_attributes":{"new":{}}}`, nil, time.Time{}},
		"null attributes":     {`{"type":"a","event_attributes":null,"data":null}`, nil, time.Time{}},
		"null request":        {`{"type":"a","event_attributes":{"http_request":null}}`, nil, time.Time{}},
		"seconds":             {`{"type":"a","timestamp":1716883200}`, nil, time.Unix(1716883200, 0)},
		"milliseconds":        {`{"type":"a","timestamp":1716883200001}`, nil, time.UnixMilli(1716883200001)},
		"last second":         {`{"type":"a","timestamp":99999999999}`, nil, time.Unix(99999999999, 0)},
		"first millisecond":   {`{"type":"a","timestamp":100000000000}`, nil, time.UnixMilli(100000000000)},
		"timestamp zero":      {`{"type":"a","timestamp":0}`, nil, time.Time{}},
		"negative timestamp":  {`{"type":"a","timestamp":-1}`, ErrMalformedEvent, time.Time{}},
		"fraction":            {`{"type":"a","timestamp":1.5}`, ErrMalformedEvent, time.Time{}},
		"timestamp as text":   {`{"type":"a","timestamp":"1716883200"}`, ErrMalformedEvent, time.Time{}},
		"timestamp too large": {`{"type":"a","timestamp":1e30}`, ErrMalformedEvent, time.Time{}},
		"another object":      {`{"object":"user","type":"a"}`, ErrMalformedEvent, time.Time{}},
		"empty object":        {`{"object":"","type":"a"}`, ErrMalformedEvent, time.Time{}},
		"no type":             {`{"object":"event","data":{}}`, ErrMalformedEvent, time.Time{}},
		"empty type":          {`{"type":""}`, ErrMalformedEvent, time.Time{}},
		"type a number":       {`{"type":1}`, ErrMalformedEvent, time.Time{}},
		"instance a number":   {`{"type":"a","instance_id":1}`, ErrMalformedEvent, time.Time{}},
		"attributes a list":   {`{"type":"a","event_attributes":[]}`, ErrMalformedEvent, time.Time{}},
		"empty":               {``, ErrMalformedEvent, time.Time{}},
		"null":                {`null`, ErrMalformedEvent, time.Time{}},
		"list":                {`[{"type":"a"}]`, ErrMalformedEvent, time.Time{}},
		"text":                {`"user.created"`, ErrMalformedEvent, time.Time{}},
		"cut":                 {`{"type":"a"`, ErrMalformedEvent, time.Time{}},
		"two values":          {`{"type":"a"}{"type":"b"}`, ErrMalformedEvent, time.Time{}},
		"form":                {`type=a`, ErrMalformedEvent, time.Time{}},
		"deep":                {`{"type":"a","data":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`, ErrMalformedEvent, time.Time{}},
	} {
		ev, err := verified(t, tc.body)
		if !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", name, err, tc.want)
		}
		if err == nil && !ev.Timestamp.Equal(tc.at) {
			t.Errorf("%s: timestamp %v, want %v", name, ev.Timestamp, tc.at)
		}
	}
}

type person struct {
	ID        string `json:"id"`
	FirstName string `json:"first_name"`
	Address   struct {
		Number int `json:"number"`
	} `json:"address"`
}

// picky fails with an error that quotes its input, as decoders do.
type picky struct{}

func (*picky) UnmarshalJSON(b []byte) error { return fmt.Errorf("cannot read %s", b) }

func TestDecode(t *testing.T) {
	ev := &Event{Type: UserCreated, Data: json.RawMessage(`{"id":"user_1","first_name":"Ada","new":1}`)}
	p, err := Decode[person](ev)
	if err != nil || p.ID != "user_1" || p.FirstName != "Ada" {
		t.Errorf("got %+v, %v", p, err)
	}
	if q, err := Decode[*person](ev); err != nil || q.ID != "user_1" {
		t.Errorf("pointer: %+v, %v", q, err)
	}
	if m, err := Decode[map[string]any](ev); err != nil || m["id"] != "user_1" {
		t.Errorf("map: %v, %v", m, err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	const secret = "otp-123456"
	for name, tc := range map[string]struct {
		ev   *Event
		text string
	}{
		"no event":   {nil, "webhook: malformed-event: the event has no data"},
		"no data":    {&Event{}, "webhook: malformed-event: the event has no data"},
		"null":       {&Event{Data: json.RawMessage("null")}, "webhook: malformed-event: the event has no data"},
		"wrong type": {&Event{Data: json.RawMessage(`{"id":"` + secret + `","address":{"number":"` + secret + `"}}`)}, "webhook: malformed-event: the data is not a webhook.person at address.number"},
		"number":     {&Event{Data: json.RawMessage(`{"first_name":123456}`)}, "webhook: malformed-event: the data is not a webhook.person at first_name"},
		"a list":     {&Event{Data: json.RawMessage(`["` + secret + `"]`)}, "webhook: malformed-event: the data is not a webhook.person"},
		"no JSON":    {&Event{Data: json.RawMessage(`{` + secret)}, "webhook: malformed-event: the data is not a webhook.person at byte 2"},
	} {
		p, err := Decode[person](tc.ev)
		if !errors.Is(err, ErrMalformedEvent) || err.Error() != tc.text {
			t.Errorf("%s: %v", name, err)
		}
		if p != (person{}) {
			t.Errorf("%s: half a value came out: %+v", name, p)
		}
	}
	_, err := Decode[picky](&Event{Data: json.RawMessage(`"` + secret + `"`)})
	if !errors.Is(err, ErrMalformedEvent) || strings.Contains(err.Error(), secret) || errors.Unwrap(err) == nil {
		t.Errorf("a decoder of the app's own: %v", err)
	}
}

func TestEventsAreLoggedWithoutData(t *testing.T) {
	const code = "424242"
	ev := &Event{ID: "msg_1", Type: SMSCreated, InstanceID: "ins_1", Data: json.RawMessage(`{"message":"` + code + `"}`)}
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("got", "event", ev)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("got", "event", *ev)
	fmt.Fprintf(&out, "%v %+v %#v %s %v %#v", ev, ev, ev, ev, *ev, *ev)
	if s := out.String(); strings.Contains(s, code) || strings.Contains(s, "52 50 52") || strings.Contains(s, "0x34") || strings.Count(s, "sms.created") != 8 {
		t.Error(s)
	}
}

// TestTypes compares the constants with the published names, and with those that an
// official SDK has before publication.
func TestTypes(t *testing.T) {
	data, err := os.ReadFile("testdata/events.json")
	if err != nil {
		t.Fatal(err)
	}
	var published struct{ Events, Ahead []string }
	if err := json.Unmarshal(data, &published); err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), "types.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		literal, ok := spec.Values[0].(*ast.BasicLit)
		if !ok {
			t.Fatalf("%s is not a literal", spec.Names[0])
		}
		value, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		have = append(have, value)
		name := strings.ReplaceAll(value, ".", "")
		if got := spec.Names[0].Name; !strings.EqualFold(got, name) {
			t.Errorf("%s is %q", got, value)
		}
		return true
	})
	slices.Sort(have)
	published.Events = append(published.Events, published.Ahead...)
	slices.Sort(published.Events)
	if len(have) != 46 || !slices.Equal(have, published.Events) {
		t.Errorf("constants: %q\npublished: %q", have, published.Events)
	}
}

func TestErrors(t *testing.T) {
	all := []*Error{ErrNotSigned, ErrInvalidHeader, ErrTooOld, ErrTooNew, ErrNoMatchingSignature, ErrTooLarge, ErrUnreadableBody, ErrMalformedEvent}
	for i, a := range all {
		for j, b := range all {
			if errors.Is(fmt.Errorf("x: %w", refuse(a, "y")), b) != (i == j) {
				t.Errorf("%v is %v", a, b)
			}
		}
	}
	if errors.Is(ErrTooOld, errors.New("webhook: too-old")) {
		t.Error("compared by text")
	}
}
