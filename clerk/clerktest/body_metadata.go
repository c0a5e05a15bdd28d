package clerktest

import (
	"encoding/json"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// metadataBody is the metadata in a body: all of it in some operations.
type metadataBody struct {
	Public  field[json.RawMessage] `json:"public_metadata"`
	Private field[json.RawMessage] `json:"private_metadata"`
}

func (c *call) metadata() (in metadataBody, err error) { return in, c.decode(&in) }

// combination makes metadata of what is there and what was sent.
type combination func(param string, old json.RawMessage, sent field[json.RawMessage]) (json.RawMessage, error)

func replaceMetadata(param string, _ json.RawMessage, sent field[json.RawMessage]) (json.RawMessage, error) {
	return metadataField(param, sent)
}

// apply changes both kinds of metadata, or none. What was not sent stays, or is
// empty if there is none yet.
func (in *metadataBody) apply(combine combination, public, private *json.RawMessage) error {
	next := [2]json.RawMessage{state.OrEmpty(*public), state.OrEmpty(*private)}
	for n, f := range []field[json.RawMessage]{in.Public, in.Private} {
		if !f.Set {
			continue
		}
		var err error
		if next[n], err = combine([]string{"public_metadata", "private_metadata"}[n], next[n], f); err != nil {
			return err
		}
	}
	*public, *private = next[0], next[1]
	return nil
}

// given reports whether a member is there and not null.
func given[T any](f field[T]) bool { return f.Set && !f.Null }

// metadataField reads metadata of a JSON body: an object of at most 8 KB. Null is
// an empty one.
func metadataField(param string, f field[json.RawMessage]) (json.RawMessage, error) {
	if f.Null || len(f.Value) == 0 {
		return json.RawMessage("{}"), nil
	}
	object, err := decodeObject(f.Value)
	if err != nil || object == nil {
		return nil, refusal.Param(param, "form_param_value_invalid", param+" must be a valid key-value object.")
	}
	return state.EncodeLimited(param, object)
}

// mergeField merges metadata of a JSON body into what is there; null deletes a key.
func mergeField(param string, into json.RawMessage, f field[json.RawMessage]) (json.RawMessage, error) {
	if f.Null {
		return into, nil
	}
	patch, err := decodeObject(f.Value)
	if err != nil || patch == nil {
		return nil, refusal.Param(param, "form_param_value_invalid", param+" must be a valid key-value object.")
	}
	old, err := decodeObject(into)
	if err != nil {
		return nil, err
	}
	return state.EncodeLimited(param, mergeObjects(old, patch))
}
