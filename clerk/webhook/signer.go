package webhook

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Signer signs deliveries like Clerk does through Svix. The emulator in clerk/clerktest
// uses it. Applications that only receive webhooks do not need it. It is immutable and
// safe for concurrent use.
type Signer struct{ keys []key }

// NewSigner returns a Signer. With several secrets, each delivery has a signature by
// each secret in the given order, as during the rotation of a secret. The rules for
// secrets are those of [New].
func NewSigner(secrets ...string) (*Signer, error) {
	keys, err := parseSecrets(secrets, true) // a Signer may use the emulator's secret
	if err != nil {
		return nil, err
	}
	return &Signer{keys}, nil
}

// Format describes the Signer without its secrets, for every verb.
func (s Signer) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "webhook.Signer{secrets: %d redacted}", len(s.keys))
}

// Sign sets the headers svix-id, svix-timestamp and svix-signature for a body. id
// identifies the message and must stay the same when it is sent again. It must be
// visible ASCII without a dot. at is the time of this attempt; fractions of a second
// are dropped.
func (s *Signer) Sign(header http.Header, id string, at time.Time, body []byte) error {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	if s == nil || len(s.keys) == 0 {
		return errors.New("webhook: the Signer has no secret: make it with NewSigner")
	}
	if header == nil {
		return errors.New("webhook: the header is nil")
	}
	if !validID(id) {
		return errors.New("webhook: the id is not 1 to 255 visible ASCII characters without a dot")
	}
	if _, ok := parseTimestamp(timestamp); !ok {
		return errors.New("webhook: the time is out of range")
	}
	list := make([]byte, 0, len(s.keys)*(len("v1,")+signatureLen+1))
	for i, sign := range s.keys {
		if i > 0 {
			list = append(list, ' ')
		}
		signature := sign(id, timestamp, body)
		list = append(list, "v1,"...)
		list = append(list, signature[:]...)
	}
	header.Set(svixNames[0], id)
	header.Set(svixNames[1], timestamp)
	header.Set(svixNames[2], string(list))
	return nil
}
