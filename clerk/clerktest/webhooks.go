package clerktest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/ids"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

// WebhookEndpoint is where webhooks are delivered: a URL, or a handler of the
// same process.
type WebhookEndpoint struct {
	// ID is the endpoint's id, ep_…. [Emulator.Webhooks] sets it; leave it empty.
	ID string `json:"id"`
	// URL gets the deliveries as POST requests. It is an absolute http or https URL
	// without user name and fragment.
	URL string `json:"url"`
	// Handler gets them without a network instead. The URL may then be empty, and is
	// what the requests say they are for.
	Handler http.Handler `json:"-"`
	// Secret signs them: whsec_ and base64 of at least 24 bytes. Empty means a new
	// one.
	Secret string `json:"secret"`
	// Events are the types that are delivered (user.created), all of them if empty.
	Events []string `json:"events"`
	// HTTPClient sends the requests, nil for one of the emulator's own. It follows
	// no redirects, and waits no longer than 15 seconds, whatever it says itself.
	HTTPClient *http.Client `json:"-"`
	// Disabled says that an answer had the header Webhook-Delivery: disable, since
	// when nothing is delivered there. [Emulator.Webhooks] sets it.
	Disabled bool `json:"disabled"`
}

// WebhookMessage is an event, and what became of it.
type WebhookMessage struct {
	// ID is the id of the message, msg_…: the svix-id of all its deliveries.
	ID string `json:"id"`
	// Type is the type of the event, user.created.
	Type string `json:"type"`
	// Time is the emulator's time when it happened.
	Time time.Time `json:"time"`
	// Payload is the body of the deliveries. It can hold private metadata and
	// one-time codes.
	Payload json.RawMessage `json:"payload"`
	// Deliveries says what became of it at each endpoint that wants such events.
	Deliveries []WebhookDelivery `json:"deliveries"`
}

// States of a [WebhookDelivery].
const (
	WebhookPending   = "pending"   // not delivered yet: NextAttempt says when it is tried
	WebhookDelivered = "delivered" // answered with 2xx
	WebhookFailed    = "failed"    // the last attempt failed, or there is no endpoint any more
	WebhookAborted   = "aborted"   // an answer said Webhook-Delivery: abort-message
)

// WebhookDelivery is a message on its way to one endpoint.
type WebhookDelivery struct {
	// Endpoint is the endpoint's id and URL where it is.
	Endpoint string `json:"endpoint"`
	URL      string `json:"url"`
	// State is one of [WebhookPending], [WebhookDelivered], [WebhookFailed] and
	// [WebhookAborted].
	State string `json:"state"`
	// NextAttempt is the emulator's time when it is tried next, zero if it is not.
	NextAttempt time.Time `json:"next_attempt,omitzero"`
	// Attempts are those that were made, oldest first. Of many replays the last
	// ones are remembered.
	Attempts []WebhookAttempt `json:"attempts"`
}

// WebhookAttempt is one request to an endpoint.
type WebhookAttempt struct {
	// Time is the emulator's time when it began: the svix-timestamp.
	Time time.Time `json:"time"`
	// Duration is how long it took.
	Duration time.Duration `json:"duration_ns"`
	// Status is the status of the answer, 0 if there was none.
	Status int `json:"status"`
	// Response is the beginning of the answer's body.
	Response string `json:"response,omitempty"`
	// Error says why there was no answer.
	Error string `json:"error,omitempty"`
}

// AddWebhook sends all further events to an endpoint, and returns its signing secret.
// [Emulator.Config] and [Emulator.Environ] have the secret of the first endpoint.
//
// Deliveries are signed and repeated as Clerk's are (docs.svix.com, "Retry Schedule"):
// anything but 2xx within 15 seconds is tried again after 5 seconds, 5 minutes, 30
// minutes, 2, 5, 10 and 10 hours by the emulator's clock, so that [Emulator.Advance]
// makes it due. An answer with Webhook-Delivery: abort-message stops the retries. An
// endpoint gets one message at a time, in the order of the events, except for retries.
// Messages that no endpoint accepts are dropped only after tens of thousands.
//
// The endpoints are served by goroutines that end with [Emulator.Close]: close
// the emulator, also one of [New].
func (e *Emulator) AddWebhook(endpoint WebhookEndpoint) (secret string) {
	e.helper()
	added, err := e.hooks.addEndpoint(endpoint)
	if err != nil {
		e.fail("AddWebhook: %v", err)
	}
	return added.Secret
}

// Webhooks returns the endpoints, with their secrets.
func (e *Emulator) Webhooks() []WebhookEndpoint { return e.hooks.list() }

// WebhookMessages returns the last events with their deliveries, oldest first, up to a
// few thousand. Events are recorded even without an endpoint.
func (e *Emulator) WebhookMessages() []WebhookMessage { return e.hooks.shown() }

// ReplayWebhook delivers a message again to all endpoints that subscribe to its type,
// including those that accepted it and new ones.
func (e *Emulator) ReplayWebhook(id string) {
	e.helper()
	if err := e.hooks.replay(id); err != nil {
		e.fail("ReplayWebhook: %v", err)
	}
}

// FlushWebhooks waits until no delivery is in progress or due at the emulator's time.
// It does not wait for failed messages whose retry is later. It returns an error if ctx
// ends first.
func (e *Emulator) FlushWebhooks(ctx context.Context) error { return e.hooks.flush(ctx) }

// maxWebhookURL bounds the URL of an endpoint.
const maxWebhookURL = 2048

// newEndpoint checks what somebody wants for an endpoint. Errors name no secret and
// no URL, which may hold one.
func newEndpoint(in WebhookEndpoint, ids *ids.Source) (*hookEndpoint, error) {
	switch {
	case in.Handler != nil && in.HTTPClient != nil:
		return nil, errors.New("the endpoint has a Handler and an HTTPClient: it needs one of them")
	case in.Handler != nil && in.URL == "":
		in.URL = "http://webhooks.test/"
	}
	if problem := webhookURLProblem(in.URL); problem != "" {
		return nil, errors.New("the endpoint's URL " + problem)
	}
	if in.Secret == "" {
		in.Secret = "whsec_" + base64.StdEncoding.EncodeToString([]byte(ids.Random(32)))
	}
	signer, err := webhook.NewSigner(in.Secret)
	if err != nil {
		return nil, errors.New("the endpoint's Secret is not whsec_ and base64 of at least 24 bytes")
	}
	for _, kind := range in.Events {
		if !state.WebhookTypes[kind] && !state.BillingTypes[kind] {
			return nil, errors.New("there is no event " + refusal.Quoted(kind))
		}
	}
	in.ID, in.Events, in.Disabled = ids.Next("ep"), slices.Clone(in.Events), false
	return &hookEndpoint{WebhookEndpoint: in, signer: signer, wake: make(chan struct{}, 1), client: hookClient(in.HTTPClient)}, nil
}

func webhookURLProblem(raw string) string {
	if len(raw) > maxWebhookURL {
		return "is longer than 2048 bytes"
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return "is no URL"
	case u.Scheme != "http" && u.Scheme != "https":
		return "is not http:// or https://"
	case u.Hostname() == "" || u.Opaque != "":
		return "has no host"
	case u.User != nil:
		return "has a user name"
	case u.Fragment != "":
		return "has a fragment"
	}
	return ""
}
