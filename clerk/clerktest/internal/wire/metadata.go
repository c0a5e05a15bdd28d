package wire

import (
	"encoding/json"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// MetadataBody is the metadata in a body: all of it in some operations.
type MetadataBody struct {
	Public  Field[json.RawMessage] `json:"public_metadata"`
	Private Field[json.RawMessage] `json:"private_metadata"`
}

func (c *Call) Metadata() (in MetadataBody, err error) { return in, c.Decode(&in) }

// Combination makes metadata of what is there and what was sent.
type Combination func(param string, old json.RawMessage, sent Field[json.RawMessage]) (json.RawMessage, error)

func ReplaceMetadata(param string, _ json.RawMessage, sent Field[json.RawMessage]) (json.RawMessage, error) {
	return MetadataField(param, sent)
}

// Apply changes both kinds of metadata, or none. What was not sent stays, or is
// empty if there is none yet.
func (in *MetadataBody) Apply(combine Combination, public, private *json.RawMessage) error {
	next := [2]json.RawMessage{state.OrEmpty(*public), state.OrEmpty(*private)}
	for n, f := range []Field[json.RawMessage]{in.Public, in.Private} {
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

// Given reports whether a member is there and not null.
func Given[T any](f Field[T]) bool { return f.Set && !f.Null }

// MetadataField reads metadata of a JSON body: an object of at most 8 KB. Null is
// an empty one.
func MetadataField(param string, f Field[json.RawMessage]) (json.RawMessage, error) {
	if f.Null || len(f.Value) == 0 {
		return json.RawMessage("{}"), nil
	}
	object, err := decodeObject(f.Value)
	if err != nil || object == nil {
		return nil, refusal.Param(param, "form_param_value_invalid", param+" must be a valid key-value object.")
	}
	return state.EncodeLimited(param, object)
}

// MergeField merges metadata of a JSON body into what is there; null deletes a key.
func MergeField(param string, into json.RawMessage, f Field[json.RawMessage]) (json.RawMessage, error) {
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

// MetadataParam reads metadata: a JSON object.
func MetadataParam(param, text string) (json.RawMessage, error) {
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil || object == nil {
		return nil, refusal.Param(param, "form_param_format_invalid", param+" must be a valid JSON object.")
	}
	if len(text) > state.MaxMetadata {
		return nil, refusal.Param(param, "form_param_max_length_exceeded", param+" is larger than 8 KB.")
	}
	return json.RawMessage(text), nil
}
