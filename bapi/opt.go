package bapi

import (
	"bytes"
	"encoding/json"
)

// Opt is a value that can be absent or null. The zero value is absent: an argument that
// is not sent, or a field that the response does not have.
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

// Set returns an Opt with the value v.
func Set[T any](v T) Opt[T] { return Opt[T]{value: v, state: present} }

// Null returns an Opt that is null. As an argument it clears the stored value.
func Null[T any]() Opt[T] { return Opt[T]{state: null} }

// Get returns the value, and whether there is one.
func (o Opt[T]) Get() (T, bool) { return o.value, o.state == present }

// Or returns the value, or def if there is none.
func (o Opt[T]) Or(def T) T {
	if o.state != present {
		return def
	}
	return o.value
}

// IsNull reports whether o is null.
func (o Opt[T]) IsNull() bool { return o.state == null }

// IsZero reports whether o is absent. encoding/json then omits it if it has the tag
// omitzero.
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
