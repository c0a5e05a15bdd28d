package webhook

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"time"
)

// Event is a verified event: the envelope WebhookEventPayload of Clerk's
// description of webhooks (2025-04-15), together with the signed headers.
type Event struct {
	// ID is the id of the message (svix-id), the same for every delivery of it:
	// the key to remember what has been handled.
	ID string
	// SentAt is when this delivery was signed (svix-timestamp), in UTC. Each
	// redelivery has its own.
	SentAt time.Time

	// Type is one of the constants of this package, or a type that is newer than
	// it: pass over what you do not know.
	Type string
	// Timestamp is when the thing happened, in UTC; zero when the event does not
	// say. Clerk sends milliseconds, its description says seconds: both are read.
	Timestamp time.Time
	// InstanceID is the Clerk instance it happened in (ins_…).
	InstanceID string
	// ClientIP is that of the HTTP request which caused the event, not of who sent
	// the webhook. Empty where no request did, as for changes made by Clerk.
	ClientIP string
	// UserAgent is what the client of that request called itself.
	UserAgent string

	// Data is what it happened to, for [Decode]. It can hold private metadata
	// and one-time codes, so String and LogValue leave it out.
	Data json.RawMessage
}

// String names the event without its data.
func (e Event) String() string { return fmt.Sprintf("webhook.Event{ID: %q, Type: %q}", e.ID, e.Type) }

// GoString is String, so that %#v does not show data either.
func (e Event) GoString() string { return e.String() }

// LogValue implements slog.LogValuer. It names the event without its data.
func (e Event) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", e.ID), slog.String("type", e.Type), slog.String("instance", e.InstanceID))
}

// maxSeconds tells seconds from milliseconds: the year 5138 in the one unit,
// March 1973 in the other.
const maxSeconds = 100_000_000_000

func parseEvent(d delivery, body []byte) (*Event, error) {
	var in struct {
		Object     *string         `json:"object"`
		Type       string          `json:"type"`
		Timestamp  int64           `json:"timestamp"`
		InstanceID string          `json:"instance_id"`
		Data       json.RawMessage `json:"data"`
		Attributes struct {
			HTTPRequest struct {
				ClientIP  string `json:"client_ip"`
				UserAgent string `json:"user_agent"`
			} `json:"http_request"`
		} `json:"event_attributes"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, &Error{Reason: ErrMalformedEvent.Reason, problem: "the body is not an event in JSON" + place(err), Err: err}
	}
	switch {
	case in.Object != nil && *in.Object != "event":
		return nil, refuse(ErrMalformedEvent, "the object is not an event")
	case in.Type == "":
		return nil, refuse(ErrMalformedEvent, "the event has no type")
	case in.Timestamp < 0:
		return nil, refuse(ErrMalformedEvent, "the timestamp is negative")
	}
	ev := &Event{
		ID:         strings.Clone(d.id), // some routers reuse the memory of headers
		SentAt:     d.sentAt,
		Type:       in.Type,
		InstanceID: in.InstanceID,
		ClientIP:   in.Attributes.HTTPRequest.ClientIP,
		UserAgent:  in.Attributes.HTTPRequest.UserAgent,
		Data:       in.Data,
	}
	switch {
	case in.Timestamp >= maxSeconds:
		ev.Timestamp = time.UnixMilli(in.Timestamp).UTC()
	case in.Timestamp > 0:
		ev.Timestamp = time.Unix(in.Timestamp, 0).UTC()
	}
	return ev, nil
}

// Decode reads the data of an event into a T, with the rules of encoding/json:
// bapi.User for [UserCreated], or a struct of yours with the fields you need.
// Which type belongs to an event stands at the constant of its type.
//
// An event without data, and data that does not fit, is an [ErrMalformedEvent]
// that names the place and not the value.
func Decode[T any](ev *Event) (T, error) {
	var data, none T
	if ev == nil || len(ev.Data) == 0 || string(ev.Data) == "null" {
		return none, refuse(ErrMalformedEvent, "the event has no data")
	}
	if err := json.Unmarshal(ev.Data, &data); err != nil {
		return none, &Error{Reason: ErrMalformedEvent.Reason, problem: "the data is not a " + reflect.TypeFor[T]().String() + place(err), Err: err}
	}
	return data, nil
}

// place says where a decoder stumbled, without what stood there.
func place(err error) string {
	if typ := (*json.UnmarshalTypeError)(nil); errors.As(err, &typ) && typ.Field != "" {
		return " at " + typ.Field
	}
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		return fmt.Sprintf(" at byte %d", syntax.Offset)
	}
	return ""
}
