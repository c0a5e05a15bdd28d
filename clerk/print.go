package clerk

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
)

// LogValue shows the ids of the identity, and the reason why there is none: no name,
// no claims. It implements slog.LogValuer.
func (a Auth) LogValue() slog.Value {
	return ids("type", string(a.TokenType), "user", a.UserID, "session", a.SessionID, "org", a.OrgID,
		"subject", a.Subject, "token", a.TokenID, "reason", string(a.Reason))
}

// String describes the identity as LogValue does.
func (a Auth) String() string { return describe("clerk.Auth", a.LogValue()) }

// Format is String for every verb.
func (a Auth) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, a.String()) }

// String describes the claims by their ids.
func (c Claims) String() string { return describe("clerk.Claims", c.LogValue()) }

func describe(name string, ids slog.Value) string {
	var b strings.Builder
	b.WriteString(name + "{")
	for i, a := range ids.Group() {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(a.Key + ": " + strconv.QuoteToASCII(a.Value.String()))
	}
	b.WriteByte('}')
	return b.String()
}

// Format is String for every verb but %p and %w. An unexported field of a caller's struct
// is not covered: fmt reads such fields without calling methods.
func (c Claims) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue shows the ids in the claims, and nothing else. It implements
// slog.LogValuer.
func (c Claims) LogValue() slog.Value {
	return ids("subject", c.subject, "session", c.sessionID, "org", c.orgID, "token", c.jti)
}

// ids is a group of what is not empty.
func ids(pairs ...string) slog.Value {
	var attrs []slog.Attr
	for pair := range slices.Chunk(pairs, 2) {
		if len(pair) == 2 && pair[1] != "" {
			attrs = append(attrs, slog.String(pair[0], pair[1]))
		}
	}
	return slog.GroupValue(attrs...)
}
