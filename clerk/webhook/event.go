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

// Event is a verified event: the WebhookEventPayload of Clerk's OpenAPI description of
// webhooks (2025-04-15), and the signed headers.
type Event struct {
	// ID is the id of the message (svix-id). It is the same for every delivery of the
	// message, so use it to recognize events that were handled already.
	ID string
	// SentAt is the time when this delivery was signed (svix-timestamp), in UTC. It
	// differs between redeliveries.
	SentAt time.Time

	// Type is one of the constants of this package, or a newer type. Ignore types that you
	// do not know.
	Type string
	// Timestamp is the time of the event in UTC, or zero if the event has none. Clerk
	// sends milliseconds although its description says seconds; both are accepted.
	Timestamp time.Time
	// InstanceID is the Clerk instance of the event (ins_…).
	InstanceID string
	// ClientIP is the IP address of the client whose HTTP request caused the event, not of
	// the sender of the webhook. It is empty if no request caused the event, as for
	// changes made by Clerk.
	ClientIP string
	// UserAgent is the User-Agent header of that request.
	UserAgent string

	// Data is the object of the event as JSON, see [Decode]. It can contain private
	// metadata and one-time codes, so String and LogValue leave it out.
	Data json.RawMessage
}

// String returns the ID and the type, without the data.
func (e Event) String() string { return fmt.Sprintf("webhook.Event{ID: %q, Type: %q}", e.ID, e.Type) }

// GoString returns String, so that %#v does not show the data.
func (e Event) GoString() string { return e.String() }

// LogValue implements slog.LogValuer. It leaves out the data.
func (e Event) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", e.ID), slog.String("type", e.Type), slog.String("instance", e.InstanceID))
}

// maxSeconds separates seconds from milliseconds. It is the year 5138 in seconds and
// March 1973 in milliseconds.
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
		ID:         strings.Clone(d.id), // some routers reuse the memory of header values
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

// Decode decodes the data of an event into a T with encoding/json. T is a type of
// package bapi, such as bapi.User for [UserCreated], or your own struct with the fields
// you need. The comments of the event type constants name the type of package bapi.
//
// If the event has no data, or the data cannot be decoded, the error is an
// [ErrMalformedEvent]. It names the field but not the value.
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

// place returns where decoding failed, without the value there.
func place(err error) string {
	if typ := (*json.UnmarshalTypeError)(nil); errors.As(err, &typ) && typ.Field != "" {
		return " at " + typ.Field
	}
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		return fmt.Sprintf(" at byte %d", syntax.Offset)
	}
	return ""
}
