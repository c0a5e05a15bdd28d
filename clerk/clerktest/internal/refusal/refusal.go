// Package refusal holds the errors of the emulator: what is refused and why, in
// Clerk's words.
package refusal

// Kind says what is wrong in general. Its numbers are those of HTTP, which
// snapshots hold, too.
type Kind int

// What can be wrong.
const (
	KindBadRequest      Kind = 400 // what was sent does not fit the state, or is no request at all
	KindUnauthenticated Kind = 401 // nobody knows who asks
	KindNotAllowed      Kind = 403
	KindNotFound        Kind = 404
	KindConflict        Kind = 409
	KindTooLarge        Kind = 413
	KindMediaType       Kind = 415
	KindMisdirected     Kind = 421
	KindInvalid         Kind = 422 // a parameter has a value that it cannot have, or that is taken
	KindTooMany         Kind = 429
	KindInternal        Kind = 500
	KindNotImplemented  Kind = 501
)

// Error says why something is refused, in Clerk's words.
type Error struct {
	Kind    Kind `json:"Status"`
	Code    string
	Message string // short
	Long    string // for people; the short one if empty
	Param   string // the parameter at fault, for meta.param_name
	Meta    map[string]any
}

// Error implements the error interface.
func (e *Error) Error() string {
	if e.Long != "" {
		return e.Long
	}
	return e.Message
}

// NotFound is the answer where something does not exist, "user with id user_x", say.
func NotFound(what string) *Error {
	return &Error{KindNotFound, "resource_not_found", "not found", "No " + what + " was found.", "", nil}
}

// Param is the answer to a parameter with a value that it cannot have.
func Param(param, code, message string) *Error {
	return &Error{KindInvalid, code, message, "", param, nil}
}

// BadRequest is the answer to what does not fit the state.
func BadRequest(code, message string) *Error {
	return &Error{KindBadRequest, code, message, "", "", nil}
}

// Forbidden is the answer to what a user was not allowed.
func Forbidden() *Error {
	return &Error{
		KindNotAllowed, "authorization_invalid", "Unauthorized request", "You are not authorized to perform this request", "", nil,
	}
}

// SignedOut is what a session call gets whose session is over. It must be 401:
// with 404 clerk-js asks again for ever.
func SignedOut() *Error {
	return &Error{KindUnauthenticated, "authentication_invalid", "Signed out", "You are signed out", "", nil}
}
