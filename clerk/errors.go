package clerk

import (
	"errors"
	"strings"
)

var (
	// ErrKeyUnknown means that the instance has no signing key with the id that
	// a token names: the token is refused.
	ErrKeyUnknown = errors.New("clerk: signing key unknown")

	// ErrUnavailable is the error of every outage: Clerk was unreachable or gave no
	// usable answer, so a token, a user or a key could not be checked. Servers answer
	// 503.
	ErrUnavailable = errors.New("clerk: unavailable")

	// ErrSecretKeyInvalid means that the Backend API refused the secret key. It is
	// joined with the error of the operation that needed the key.
	ErrSecretKeyInvalid = errors.New("clerk: secret key refused by the Backend API")
)

// ConfigError names a setting that cannot be used, and the problem. Its text never
// holds the value of a secret.
type ConfigError struct {
	// Field is the name of the setting: a field of [Config], or the environment
	// variable it was read from.
	Field string
	// Problem completes the sentence "the setting …": "is empty".
	Problem string
}

// Error names the setting, and its variable where there is one.
func (e *ConfigError) Error() string {
	name, index, _ := strings.Cut(e.Field, "[")
	if variable := fieldVariables[name]; variable != "" {
		if index != "" {
			variable += "[" + index
		}
		return "clerk: " + e.Field + " (" + variable + "): " + e.Problem
	}
	return "clerk: " + e.Field + ": " + e.Problem
}
