package wire

import (
	"encoding/json"
	"maps"
	"net/http"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// The envelope (schema ClerkErrors of both APIs).
type ErrorEnvelope struct {
	Errors  []ErrorItem `json:"errors"`
	TraceID string      `json:"clerk_trace_id,omitempty"`
}

type ErrorItem struct {
	Message     string         `json:"message"`
	LongMessage string         `json:"long_message"`
	Code        string         `json:"code"`
	Meta        map[string]any `json:"meta"`
}

// Item is the error as an entry of the envelope.
func Item(e *refusal.Error) ErrorItem {
	item := ErrorItem{Message: e.Message, LongMessage: e.Error(), Code: e.Code, Meta: map[string]any{}}
	maps.Copy(item.Meta, e.Meta)
	if e.Param != "" {
		item.Meta["param_name"] = e.Param
	}
	return item
}

func write(e *refusal.Error, w http.ResponseWriter, traceID string) {
	WriteJSON(w, int(e.Kind), ErrorEnvelope{Errors: []ErrorItem{Item(e)}, TraceID: traceID})
}

func WriteJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil { // only metadata that AddUser should have refused
		http.Error(w, "clerktest: answer cannot be encoded", http.StatusInternalServerError)
		return
	}
	// Without a charset: @clerk/backend reads anything longer as text.
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have gone
}
