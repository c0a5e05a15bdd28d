package webhook

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Signer signs deliveries as Clerk does through Svix: the sender's side, which
// the emulator in clerk/clerktest is built on. Apps that only receive webhooks
// need no Signer. It is safe for concurrent use, and never changes.
type Signer struct{ keys []key }

// NewSigner returns a Signer. With several secrets each delivery carries a
// signature by each, in their order, as endpoints see it while their secret is
// rotated. Secrets must be as for [New].
func NewSigner(secrets ...string) (*Signer, error) {
	keys, err := parseSecrets(secrets, true) // what it signs is for a receiver to judge
	if err != nil {
		return nil, err
	}
	return &Signer{keys}, nil
}

// Format describes the Signer without its secrets, whatever the verb.
func (s Signer) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "webhook.Signer{secrets: %d redacted}", len(s.keys))
}

// Sign sets the headers svix-id, svix-timestamp and svix-signature for a body.
// The id is that of the message, the same whenever it is sent again: visible
// ASCII without a dot. The time is that of this attempt; fractions of a second
// are cut off.
func (s *Signer) Sign(header http.Header, id string, at time.Time, body []byte) error {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	if len(s.keys) == 0 {
		return errors.New("webhook: there is no secret: a Signer comes from NewSigner")
	}
	if !validID(id) {
		return errors.New("webhook: the id is not 1 to 255 visible ASCII characters without a dot")
	}
	if _, ok := parseTimestamp(timestamp); !ok {
		return errors.New("webhook: the time cannot be sent")
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
