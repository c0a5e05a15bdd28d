package webhook

import (
	"bytes"
	"crypto/subtle"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/internal/ascii"
)

// Limits for input that is not authenticated yet.
const (
	maxIDBytes        = 255
	maxTimestampBytes = 12
	maxSignatureBytes = 4096 // about 80 signatures
)

// The canonical names of the three headers: those that Svix sends for Clerk, and those
// of Standard Webhooks.
var (
	svixNames     = [3]string{"Svix-Id", "Svix-Timestamp", "Svix-Signature"}
	standardNames = [3]string{"Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"}
)

// delivery has the values of the headers, not yet verified.
type delivery struct {
	id         string
	timestamp  string // as signed
	sentAt     time.Time
	signatures string
}

// readHeader reads the three values. It is strict: each name may occur at most once,
// one family of names must be complete, and headers of the other family must have equal
// values.
func readHeader(h http.Header) (delivery, error) {
	svix, err := readFamily(h, svixNames)
	if err != nil {
		return delivery{}, err
	}
	standard, err := readFamily(h, standardNames)
	if err != nil {
		return delivery{}, err
	}
	for i := range svix {
		if svix[i] != "" && standard[i] != "" && svix[i] != standard[i] {
			return delivery{}, refuse(ErrInvalidHeader, svixNames[i]+" and "+standardNames[i]+" differ")
		}
	}
	values, names := svix, svixNames
	if standard[0] != "" && standard[1] != "" && standard[2] != "" {
		values, names = standard, standardNames
	}
	for i, v := range values {
		if v == "" {
			return delivery{}, refuse(ErrNotSigned, "the header "+names[i]+" is missing")
		}
	}
	d := delivery{id: values[0], timestamp: values[1], signatures: values[2]}
	if !validID(d.id) {
		return delivery{}, refuse(ErrInvalidHeader, names[0]+" is not 1 to 255 visible ASCII characters without a dot")
	}
	seconds, ok := parseTimestamp(d.timestamp)
	if !ok {
		return delivery{}, refuse(ErrInvalidHeader, names[1]+" is not a Unix time in whole seconds")
	}
	d.sentAt = time.Unix(seconds, 0).UTC()
	if !validSignatures(d.signatures) {
		return delivery{}, refuse(ErrInvalidHeader, names[2]+" is not a list of signatures, or is longer than 4 KiB")
	}
	return d, nil
}

func readFamily(h http.Header, names [3]string) (values [3]string, err error) {
	for i, name := range names {
		switch v := h[name]; len(v) {
		case 0:
		case 1:
			values[i] = v[0]
		default:
			return values, refuse(ErrInvalidHeader, name+" occurs more than once")
		}
	}
	return values, nil
}

// validID refuses a dot, because the dot separates the parts of the signed content
// (Standard Webhooks, "Signature scheme").
func validID(s string) bool {
	return s != "" && len(s) <= maxIDBytes && ascii.Visible(s) && strings.IndexByte(s, '.') < 0
}

// parseTimestamp parses whole seconds in canonical decimal form: no sign, no fraction,
// no leading zero.
func parseTimestamp(s string) (int64, bool) {
	if s == "" || len(s) > maxTimestampBytes || s[0] == '0' {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

func validSignatures(s string) bool { return len(s) <= maxSignatureBytes && ascii.Printable(s) }

// matches reports whether any v1 signature in the list is valid for one of the keys.
// Signatures of other schemes (v1a) are ignored.
func (d delivery) matches(keys []key, body []byte) bool {
	list := []byte(d.signatures)
	found := 0
	for _, sign := range keys {
		want := sign(d.id, d.timestamp, body)
		for entry := range bytes.SplitSeq(list, []byte(" ")) {
			if len(entry) == len("v1,")+signatureLen && string(entry[:3]) == "v1," {
				found |= subtle.ConstantTimeCompare(entry[3:], want[:])
			}
		}
	}
	return found == 1
}
