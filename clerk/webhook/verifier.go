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

// Config configures a [Verifier]. Only Secrets is required.
type Config struct {
	// Secrets are the signing secrets of the endpoint: whsec_ and base64 of at least 24
	// bytes, as the Clerk Dashboard shows them. A delivery signed with any of them is
	// accepted. During a rotation set the new and the old secret, and remove the old one
	// afterwards. There must be 1 to 16.
	Secrets []string

	// Tolerance is the maximum difference between the signed timestamp and Now, in both
	// directions. 0 means 5 minutes, as in the official libraries. It prevents replays of
	// recorded deliveries, so it cannot be turned off: negative values and values over an
	// hour are errors. Each redelivery has a new timestamp, so it needs no larger value.
	Tolerance time.Duration

	// MaxBodyBytes is the maximum size of a body. 0 means 1 MiB. Negative values and
	// values over 1 GiB are errors.
	MaxBodyBytes int64

	// InsecureEmulator accepts the default secret of clerk-emulator. That secret is
	// published, so anyone can sign with it. Without this setting it is an error. Set it
	// from clerk.Config.InsecureEmulator.
	InsecureEmulator bool

	// Logger gets the refusals of [Verifier.Handler], at most one line in two seconds with
	// the number of lines left out, and the errors of its function. No line contains a
	// secret or a body. nil means slog.Default().
	Logger *slog.Logger

	// Observer is called for each verification. Only its Webhook is used. The zero value
	// observes nothing.
	Observer clerk.Observer

	// Now is the clock. nil means time.Now.
	Now func() time.Time
}

// Format describes the Config without its secrets, for every verb.
func (c Config) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "webhook.Config{Secrets: %d redacted, Tolerance: %s, MaxBodyBytes: %d}", len(c.Secrets), c.Tolerance, c.MaxBodyBytes)
}

// LogValue implements slog.LogValuer.
func (c Config) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(c)) }

// Verifier verifies deliveries. It is immutable and safe for concurrent use.
type Verifier struct {
	keys         []key
	tolerance    time.Duration
	maxBodyBytes int64
	logger       *slog.Logger
	now          func() time.Time
	observer     *observe.Observer // nil for none
}

// New returns a Verifier for one endpoint. The error is a *[clerk.ConfigError] if a
// secret is missing, malformed, or the emulator's published one without
// InsecureEmulator, or if a setting is out of range. [FromConfig] takes the secret from
// a clerk.Config.
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

// Format describes the Verifier without its secrets, for every verb.
func (v Verifier) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "webhook.Verifier{secrets: %d redacted, tolerance: %s}", len(v.keys), v.tolerance)
}

// Verify verifies one delivery. body must be exactly the bytes received: a body that
// was decoded and encoded again is refused. Verify neither keeps nor changes its
// arguments.
//
// header must have canonical names, as from net/http and http.Header.Set. The values
// are in svix-id, svix-timestamp and svix-signature, or in the same names with the
// prefix webhook-. If both are present, they must be equal.
//
// The error is an *[Error].
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

// VerifyRequest is [Verifier.Verify] for a request. It reads the body only if the
// headers are valid, and at most Config.MaxBodyBytes of it. It then restores the body,
// also after a refusal, so that later handlers can read it from the start. Middleware
// that reads the body earlier must restore it too.
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

// readDelivery does the checks that do not need the body, so that invalid requests cost
// little.
func (v *Verifier) readDelivery(h http.Header) (delivery, error) {
	if v == nil || len(v.keys) == 0 {
		return delivery{}, refuse(ErrNoMatchingSignature, "the Verifier has no secret: make it with New")
	}
	d, err := readHeader(h)
	if err != nil {
		return delivery{}, err
	}
	now := v.now()
	if age := now.Sub(d.sentAt); age > v.tolerance {
		return delivery{}, &Error{Reason: ErrTooOld.Reason, problem: "signed before the tolerance of " + v.tolerance.String(), off: age - v.tolerance}
	}
	if ahead := d.sentAt.Sub(now); ahead > v.tolerance { // not -age, which can overflow
		return delivery{}, &Error{Reason: ErrTooNew.Reason, problem: "signed after the tolerance of " + v.tolerance.String(), off: ahead - v.tolerance}
	}
	return d, nil
}

func (v *Verifier) check(d delivery, body []byte) (*Event, error) {
	if !d.matches(v.keys, body) {
		if len(body) == 0 {
			return nil, refuse(ErrNoMatchingSignature, "the body is empty: did earlier code read it?")
		}
		return nil, refuse(ErrNoMatchingSignature, "the secret is not that of the endpoint, or headers or body were changed in transit")
	}
	return parseEvent(d, body)
}

func (v *Verifier) tooLarge() *Error {
	return refuse(ErrTooLarge, "the body is larger than "+strconv.FormatInt(v.maxBodyBytes, 10)+" bytes")
}
