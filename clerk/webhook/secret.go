package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
)

const (
	secretPrefix   = "whsec_"
	minSecretBytes = 24 // Standard Webhooks, "Signature scheme"
	maxSecrets     = 16
	signatureLen   = 44 // base64 of a SHA-256
)

// key is one decoded secret. Verifier and Signer hold pointers to it, which fmt
// prints as addresses when they are part of something else.
type key struct{ secret []byte }

func parseSecrets(secrets []string) ([]*key, error) {
	if len(secrets) == 0 {
		return nil, &clerk.ConfigError{Field: "webhook.Config.Secrets", Problem: "is empty: the signing secret (whsec_…) of the endpoint is in the Clerk Dashboard under Webhooks"}
	}
	if len(secrets) > maxSecrets {
		return nil, &clerk.ConfigError{Field: "webhook.Config.Secrets", Problem: "holds more than " + strconv.Itoa(maxSecrets)}
	}
	keys := make([]*key, len(secrets))
	for i, s := range secrets {
		raw, problem := parseSecret(s)
		if problem != "" {
			return nil, &clerk.ConfigError{Field: "webhook.Config.Secrets[" + strconv.Itoa(i) + "]", Problem: problem}
		}
		keys[i] = &key{raw}
	}
	return keys, nil
}

func parseSecret(s string) (raw []byte, problem string) {
	encoded, ok := strings.CutPrefix(s, secretPrefix)
	switch {
	case s == "":
		return nil, "is empty: the signing secret (whsec_…) of the endpoint is in the Clerk Dashboard under Webhooks"
	case strings.ContainsAny(s, " \t\r\n"): // encoding/base64 would skip the last two
		return nil, "has white space in it"
	case !ok:
		return nil, "does not begin with " + secretPrefix
	case encoded == "":
		return nil, "has nothing after " + secretPrefix
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(encoded)
	switch {
	case err != nil:
		return nil, "is not base64 after " + secretPrefix
	case len(raw) < minSecretBytes:
		return nil, "is shorter than " + strconv.Itoa(minSecretBytes) + " bytes"
	}
	return raw, ""
}

// sign makes the text of a v1 signature (Standard Webhooks, "Signature scheme").
func (k *key) sign(id, timestamp string, body []byte) [signatureLen]byte {
	mac := hmac.New(sha256.New, k.secret)
	head := make([]byte, 0, 128)
	head = append(head, id...)
	head = append(head, '.')
	head = append(head, timestamp...)
	head = append(head, '.')
	mac.Write(head)
	mac.Write(body)
	var out [signatureLen]byte
	base64.StdEncoding.Encode(out[:], mac.Sum(head[:0]))
	return out
}
