package handshake

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strconv"
)

// The methods in this file keep tokens out of logs: every verb of fmt, both handlers of
// log/slog, and encoding/json show these descriptions. None of the types is sent over
// the network.

// String describes the Config as that of package clerk does.
func (c Config) String() string { return "handshake.Config{" + c.Clerk.String() + "}" }

// Format is String for every verb but %p and %w; see [clerk.Config] for what it covers.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue implements slog.LogValuer.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// String describes the request without its tokens.
func (r RefreshRequest) String() string {
	return "handshake.RefreshRequest{SessionID: " + strconv.QuoteToASCII(r.SessionID) + ", tokens: redacted}"
}

// Format is String for every verb.
func (r RefreshRequest) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }

// LogValue implements slog.LogValuer.
func (r RefreshRequest) LogValue() slog.Value { return slog.StringValue(r.String()) }

// MarshalJSON is String: a [Backend] that sends a RefreshRequest writes a body of its
// own, with the names of the Backend API.
func (r RefreshRequest) MarshalJSON() ([]byte, error) { return json.Marshal(r.String()) }

// String describes the request without query and header, which hold tokens.
func (r Request) String() string {
	return "handshake.Request{" + strconv.QuoteToASCII(r.Method) + " " + strconv.QuoteToASCII(r.Host) + "}"
}

// Format is String for every verb.
func (r Request) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }

// LogValue implements slog.LogValuer.
func (r Request) LogValue() slog.Value { return slog.StringValue(r.String()) }

// MarshalJSON is String.
func (r Request) MarshalJSON() ([]byte, error) { return json.Marshal(r.String()) }

// String describes the decision without Location and Cookies, which hold tokens.
func (d Decision) String() string {
	return "handshake.Decision{" + d.Status.String() + ", Reason: " + strconv.QuoteToASCII(string(d.Reason)) +
		", UserID: " + strconv.QuoteToASCII(d.Auth.UserID) + ", SessionID: " + strconv.QuoteToASCII(d.Auth.SessionID) + "}"
}

// Format is String for every verb.
func (d Decision) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, d.String()) }

// LogValue implements slog.LogValuer.
func (d Decision) LogValue() slog.Value { return slog.StringValue(d.String()) }

// MarshalJSON is String.
func (d Decision) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }
