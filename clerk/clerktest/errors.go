package clerktest

import (
	"encoding/json"
	"maps"
	"net/http"
)

// apiError is an answer that is an error, in Clerk's envelope.
type apiError struct {
	Status  int
	Code    string
	Message string // short
	Long    string // for people; the short one if empty
	Param   string // the parameter at fault, for meta.param_name
	Meta    map[string]any
}

// Error implements the error interface.
func (e *apiError) Error() string {
	if e.Long != "" {
		return e.Long
	}
	return e.Message
}

func errNotFound(what string) *apiError {
	return &apiError{http.StatusNotFound, "resource_not_found", "not found", "No " + what + " was found.", "", nil}
}

func errParam(param, code, message string) *apiError {
	return &apiError{http.StatusUnprocessableEntity, code, message, "", param, nil}
}

func errBadRequest(code, message string) *apiError {
	return &apiError{http.StatusBadRequest, code, message, "", "", nil}
}

// errForbidden is the answer to what a user was not allowed.
func errForbidden() *apiError {
	return &apiError{
		http.StatusForbidden, "authorization_invalid", "Unauthorized request", "You are not authorized to perform this request", "", nil,
	}
}

// errSignedOut is what a session call gets whose session is over. It must be 401:
// with 404 clerk-js asks again for ever.
func errSignedOut() *apiError {
	return &apiError{http.StatusUnauthorized, "authentication_invalid", "Signed out", "You are signed out", "", nil}
}

// The envelope (schema ClerkErrors of both APIs).
type errorEnvelope struct {
	Errors  []errorItem `json:"errors"`
	TraceID string      `json:"clerk_trace_id,omitempty"`
}

type errorItem struct {
	Message     string         `json:"message"`
	LongMessage string         `json:"long_message"`
	Code        string         `json:"code"`
	Meta        map[string]any `json:"meta"`
}

// item is the error as an entry of the envelope.
func (e *apiError) item() errorItem {
	item := errorItem{Message: e.Message, LongMessage: e.Error(), Code: e.Code, Meta: map[string]any{}}
	maps.Copy(item.Meta, e.Meta)
	if e.Param != "" {
		item.Meta["param_name"] = e.Param
	}
	return item
}

func (e *apiError) write(w http.ResponseWriter, traceID string) {
	writeJSON(w, e.Status, errorEnvelope{Errors: []errorItem{e.item()}, TraceID: traceID})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
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
