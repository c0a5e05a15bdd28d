package bapi

import (
	"bytes"
	"encoding/json"
)

// Opt is a value that may be absent or null. Its zero value is absent: an argument that is
// not sent, a field that the answer does not have.
type Opt[T any] struct {
	value T
	state state
}

type state uint8

const (
	absent state = iota
	null
	present
)

// Set returns an Opt that holds v.
func Set[T any](v T) Opt[T] { return Opt[T]{value: v, state: present} }

// Null returns an Opt that is null. As an argument it clears what the API has stored.
func Null[T any]() Opt[T] { return Opt[T]{state: null} }

// Get returns the value, and whether there is one.
func (o Opt[T]) Get() (T, bool) { return o.value, o.state == present }

// Or returns the value, or def when there is none.
func (o Opt[T]) Or(def T) T {
	if o.state != present {
		return def
	}
	return o.value
}

// IsNull reports whether it is null.
func (o Opt[T]) IsNull() bool { return o.state == null }

// IsZero reports whether it is absent; encoding/json leaves it out then, with omitzero.
func (o Opt[T]) IsZero() bool { return o.state == absent }

// MarshalJSON writes the value, or null.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if o.state != present {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON reads the value, or null.
func (o *Opt[T]) UnmarshalJSON(b []byte) error {
	if string(bytes.TrimSpace(b)) == "null" {
		*o = Null[T]()
		return nil
	}
	o.state = present
	return json.Unmarshal(b, &o.value)
}
