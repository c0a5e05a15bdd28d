package clerktest

import "encoding/json"

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
	next := [2]json.RawMessage{orEmpty(*public), orEmpty(*private)}
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

// orEmpty is an empty object for metadata that nobody gave.
func orEmpty(m json.RawMessage) json.RawMessage {
	if len(m) == 0 {
		return json.RawMessage("{}")
	}
	return m
}

// given reports whether a member is there and not null.
func given[T any](f field[T]) bool { return f.Set && !f.Null }
