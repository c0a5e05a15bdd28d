package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/observe"
)

const (
	defaultTolerance    = 5 * time.Minute
	maxTolerance        = time.Hour
	defaultMaxBodyBytes = 1 << 20
	maxMaxBodyBytes     = 1 << 30
)

// Config is what a [Verifier] works with. Only Secrets must be set.
type Config struct {
	// Secrets are the signing secrets of the endpoint: whsec_ and base64 of at
	// least 24 bytes, as the Clerk Dashboard shows them. A delivery signed with
	// any of them is accepted: while a secret is rotated, give the new and the
	// old one, and take the old one out when the rotation is over. 1 to 16.
	Secrets []string

	// Tolerance is how far the time of signing may be from Now, before and
	// after. 0 means 5 minutes, as in the official libraries. It is what stops
	// replays of recorded deliveries, so it cannot be switched off: negative
	// values and more than an hour are errors. Redeliveries are signed anew and
	// need no larger value.
	Tolerance time.Duration

	// MaxBodyBytes is the size of the largest body that is read. 0 means 1 MiB;
	// negative values and more than 1 GiB are errors.
	MaxBodyBytes int64

	// InsecureEmulator accepts the secret that clerk-emulator signs with unless it is
	// told another one. The secret is published, so anyone can sign with it; without
	// this setting it is an error. Set it from clerk.Config.InsecureEmulator.
	InsecureEmulator bool

	// Logger gets what [Verifier.Handler] refuses, at most one line in two seconds with
	// the number of those left out, and what fails in it, never with a secret or a body.
	// nil means slog.Default().
	Logger *slog.Logger

	// Observer is told of each verification. Only its Webhook is used. The zero value
	// observes nothing.
	Observer clerk.Observer

	// Now is the clock. nil means time.Now.
	Now func() time.Time
}

// Format describes the Config without its secrets, whatever the verb.
func (c Config) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "webhook.Config{Secrets: %d redacted, Tolerance: %s, MaxBodyBytes: %d}", len(c.Secrets), c.Tolerance, c.MaxBodyBytes)
}

// LogValue implements slog.LogValuer.
func (c Config) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(c)) }

// Verifier checks deliveries. It is safe for concurrent use, and never changes.
type Verifier struct {
	keys         []key
	tolerance    time.Duration
	maxBodyBytes int64
	logger       *slog.Logger
	now          func() time.Time
	observer     *observe.Observer // nil for none
}

// New returns a Verifier for one endpoint. No secret, an empty or malformed one, the
// emulator's published one without InsecureEmulator, and a setting out of its range
// are a *[clerk.ConfigError]. [FromConfig] takes the secret from the shared
// configuration.
func New(cfg Config) (*Verifier, error) {
	keys, err := parseSecrets(cfg.Secrets, cfg.InsecureEmulator)
	if err != nil {
		return nil, err
	}
	v := &Verifier{keys: keys, tolerance: cfg.Tolerance, maxBodyBytes: cfg.MaxBodyBytes, logger: cfg.Logger, now: cfg.Now, observer: observe.New(cfg.Observer, cfg.Logger)}
	if v.tolerance < 0 || v.tolerance > maxTolerance {
		return nil, &clerk.ConfigError{Field: "webhook.Config.Tolerance", Problem: "is not between 0, which means 5 minutes, and an hour"}
	}
	if v.maxBodyBytes < 0 || v.maxBodyBytes > maxMaxBodyBytes {
		return nil, &clerk.ConfigError{Field: "webhook.Config.MaxBodyBytes", Problem: "is not between 0, which means 1 MiB, and 1 GiB"}
	}
	if v.tolerance == 0 {
		v.tolerance = defaultTolerance
	}
	if v.maxBodyBytes == 0 {
		v.maxBodyBytes = defaultMaxBodyBytes
	}
	if v.logger == nil {
		v.logger = slog.Default()
	}
	if v.now == nil {
		v.now = time.Now
	}
	return v, nil
}

// Format describes the Verifier without its secrets, whatever the verb.
func (v Verifier) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "webhook.Verifier{secrets: %d redacted, tolerance: %s}", len(v.keys), v.tolerance)
}

// Verify checks one delivery: its header and its body, byte for byte as they
// came. A body that was decoded and encoded again does not verify. Neither is
// kept or changed.
//
// The header has canonical names, as net/http makes them and http.Header.Set
// does. The three values are svix-id, svix-timestamp and svix-signature, or the
// same with webhook- in front; where both are there they must be equal.
//
// Every refusal is an *[Error].
func (v *Verifier) Verify(header http.Header, body []byte) (*Event, error) {
	return v.observed(context.Background(), func() (*Event, error) {
		d, err := v.readDelivery(header)
		if err != nil {
			return nil, err
		}
		if int64(len(body)) > v.maxBodyBytes {
			return nil, v.tooLarge()
		}
		return v.check(d, body)
	})
}

// VerifyRequest is [Verifier.Verify] for a request. It reads the body, no more
// than Config.MaxBodyBytes of it, and only if the headers are in order; then it
// puts it back, so that whoever comes later reads it from its beginning, after
// refusals too. Whatever reads the body before must put it back as well.
func (v *Verifier) VerifyRequest(r *http.Request) (*Event, error) {
	if r == nil {
		return nil, refuse(ErrNotSigned, "there is no request")
	}
	return v.observed(r.Context(), func() (*Event, error) {
		d, err := v.readDelivery(r.Header)
		if err != nil {
			return nil, err
		}
		body, err := v.readBody(r)
		if err != nil {
			return nil, err
		}
		return v.check(d, body)
	})
}

// observed tells the Observer how verify ends.
func (v *Verifier) observed(ctx context.Context, verify func() (*Event, error)) (*Event, error) {
	if v == nil || !v.observer.Webhooks() {
		return verify()
	}
	e := clerk.WebhookEvent{Start: time.Now(), Outcome: clerk.OutcomeOK}
	ev, err := verify()
	if refusal := (*Error)(nil); errors.As(err, &refusal) {
		e.Outcome = refusal.Reason
	} else if ev != nil {
		e.Type = ev.Type
	}
	v.observer.Webhook(ctx, e)
	return ev, err
}

// readDelivery does what needs no body: cheap, so that noise costs little.
func (v *Verifier) readDelivery(h http.Header) (delivery, error) {
	if v == nil || len(v.keys) == 0 {
		return delivery{}, refuse(ErrNoMatchingSignature, "there is no secret: a Verifier comes from New")
	}
	d, err := readHeader(h)
	if err != nil {
		return delivery{}, err
	}
	now := v.now()
	if age := now.Sub(d.sentAt); age > v.tolerance {
		return delivery{}, &Error{Reason: ErrTooOld.Reason, problem: "signed before the tolerance of " + v.tolerance.String(), off: age - v.tolerance}
	}
	if ahead := d.sentAt.Sub(now); ahead > v.tolerance { // not -age, which need not exist
		return delivery{}, &Error{Reason: ErrTooNew.Reason, problem: "signed after the tolerance of " + v.tolerance.String(), off: ahead - v.tolerance}
	}
	return d, nil
}

func (v *Verifier) check(d delivery, body []byte) (*Event, error) {
	if !d.matches(v.keys, body) {
		if len(body) == 0 {
			return nil, refuse(ErrNoMatchingSignature, "the body is empty: was it read before?")
		}
		return nil, refuse(ErrNoMatchingSignature, "the secret is not that of the endpoint, or headers or body were changed on the way")
	}
	return parseEvent(d, body)
}

func (v *Verifier) tooLarge() *Error {
	return refuse(ErrTooLarge, "the body is larger than "+strconv.FormatInt(v.maxBodyBytes, 10)+" bytes")
}
