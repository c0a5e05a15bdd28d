package clerktest

import (
	"fmt"
	"io"
	"log/slog"
)

// String describes the Config without its keys.
func (c Config) String() string {
	return fmt.Sprintf("clerktest.Config{Instance: %s, FrontendAPI: %s}", c.Instance, c.FrontendAPI)
}

// Format is String for every verb.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue implements slog.LogValuer.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// String names the emulator by its URL.
func (e *Emulator) String() string { return "clerktest.Emulator(" + e.server.URL + ")" }

// Format is String for every verb.
func (e *Emulator) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.String()) }

// LogValue implements slog.LogValuer.
func (e *Emulator) LogValue() slog.Value { return slog.StringValue(e.String()) }

// Format describes the endpoint without its secret, whatever the verb.
func (w WebhookEndpoint) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "clerktest.WebhookEndpoint{ID: %s, URL: %s, Events: %q}", w.ID, w.URL, w.Events)
}

// LogValue implements slog.LogValuer.
func (w WebhookEndpoint) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(w)) }
