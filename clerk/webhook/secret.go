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

// key signs with one decoded secret. It is a function because fmt prints only the
// address of a function, so printing any value that contains a Verifier does not show
// the secret.
type key func(id, timestamp string, body []byte) [signatureLen]byte

// parseSecrets decodes and checks secrets. emulator allows the emulator's published
// secret.
func parseSecrets(secrets []string, emulator bool) ([]key, error) {
	if len(secrets) == 0 {
		return nil, &clerk.ConfigError{Field: "webhook.Config.Secrets", Problem: "is empty; copy the endpoint's signing secret (whsec_…) from the Clerk Dashboard, Webhooks"}
	}
	if len(secrets) > maxSecrets {
		return nil, &clerk.ConfigError{Field: "webhook.Config.Secrets", Problem: "holds more than " + strconv.Itoa(maxSecrets)}
	}
	keys := make([]key, len(secrets))
	for i, s := range secrets {
		raw, problem := parseSecret(s)
		if problem == "" && !emulator && isEmulatorSecret(raw) {
			problem = "is the emulator's published secret, which anyone can sign with. Copy the endpoint's own secret from the Clerk Dashboard. Only InsecureEmulator (CLERK_INSECURE_EMULATOR) accepts this one"
		}
		if problem != "" {
			return nil, &clerk.ConfigError{Field: "webhook.Config.Secrets[" + strconv.Itoa(i) + "]", Problem: problem + " (CLERK_WEBHOOK_SIGNING_SECRET)"}
		}
		keys[i] = newKey(raw)
	}
	return keys, nil
}

func parseSecret(s string) (raw []byte, problem string) {
	encoded, ok := strings.CutPrefix(s, secretPrefix)
	switch {
	case s == "":
		return nil, "is empty; copy the endpoint's signing secret (whsec_…) from the Clerk Dashboard, Webhooks"
	case strings.ContainsAny(s, " \t\r\n"): // encoding/base64 would skip line breaks
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

// newKey returns a function that computes a v1 signature (Standard Webhooks, "Signature
// scheme").
func newKey(secret []byte) key {
	return func(id, timestamp string, body []byte) (signature [signatureLen]byte) {
		mac := hmac.New(sha256.New, secret)
		head := make([]byte, 0, 128)
		head = append(head, id...)
		head = append(head, '.')
		head = append(head, timestamp...)
		head = append(head, '.')
		mac.Write(head)
		mac.Write(body)
		base64.StdEncoding.Encode(signature[:], mac.Sum(head[:0]))
		return signature
	}
}
