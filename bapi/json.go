package bapi

import (
	"encoding/json"
	"errors"
	"fmt"
)

// JSON is JSON text without a schema: claims, an actor, template data. An empty string
// means no value.
type JSON string

// JSONOf encodes v as JSON.
func JSONOf(v any) (JSON, error) {
	b, err := json.Marshal(v)
	return JSON(b), err
}

// Decode decodes the JSON into v with encoding/json. If j is empty, v is not changed.
func (j JSON) Decode(v any) error {
	if j == "" {
		return nil
	}
	return json.Unmarshal([]byte(j), v)
}

// MarshalJSON returns the text. If it is not JSON, MarshalJSON returns an error.
func (j JSON) MarshalJSON() ([]byte, error) {
	if j == "" {
		return []byte("null"), nil
	}
	if !json.Valid([]byte(j)) {
		return nil, errors.New("bapi: the text is not JSON")
	}
	return []byte(j), nil
}

// UnmarshalJSON stores the text, or "" for null.
func (j *JSON) UnmarshalJSON(b []byte) error {
	if *j = JSON(b); *j == "null" {
		*j = ""
	}
	return nil
}

// Metadata is the JSON object that an application stores with a user, an organization
// and so on, at most 8 KB. An empty string means no metadata.
//
//	m, err := bapi.MetadataOf(map[string]any{"plan": "pro"})
//	err = u.PublicMetadata.Decode(&mine)
type Metadata string

// MetadataOf encodes v, a struct or a map, as metadata. If v is not a JSON object,
// MetadataOf returns an error.
func MetadataOf(v any) (Metadata, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	if len(b) == 0 || b[0] != '{' {
		return "", fmt.Errorf("bapi: %T is not a JSON object", v)
	}
	return Metadata(b), nil
}

// Decode decodes the metadata into v with encoding/json. If m is empty, v is not
// changed.
func (m Metadata) Decode(v any) error { return JSON(m).Decode(v) }

// Merge merges patch into m like the MergeMetadata operations of the API: objects are
// merged at every depth, null removes a key, and other values replace the old one (RFC
// 7396 for objects).
func (m Metadata) Merge(patch Metadata) (Metadata, error) {
	var have, change map[string]json.RawMessage
	if err := m.Decode(&have); err != nil {
		return "", fmt.Errorf("bapi: metadata: %w", err)
	}
	if err := patch.Decode(&change); err != nil {
		return "", fmt.Errorf("bapi: metadata patch: %w", err)
	}
	b, err := json.Marshal(mergeObjects(have, change, 0))
	return Metadata(b), err
}

func mergeObjects(have, change map[string]json.RawMessage, depth int) map[string]json.RawMessage {
	out := make(map[string]json.RawMessage, len(have)+len(change))
	for k, v := range have {
		out[k] = v
	}
	for k, v := range change {
		if string(v) == "null" {
			delete(out, k)
			continue
		}
		var sub map[string]json.RawMessage
		if depth > maxDepth || json.Unmarshal(v, &sub) != nil {
			out[k] = v
			continue
		}
		var old map[string]json.RawMessage
		_ = json.Unmarshal(out[k], &old) // a value that is not an object is replaced
		b, err := json.Marshal(mergeObjects(old, sub, depth+1))
		if err != nil {
			b = v
		}
		out[k] = b
	}
	return out
}

// MarshalJSON returns the text. If it is not a JSON object, MarshalJSON returns an
// error.
func (m Metadata) MarshalJSON() ([]byte, error) {
	var o map[string]json.RawMessage
	if m == "" {
		return []byte("null"), nil
	}
	if err := json.Unmarshal([]byte(m), &o); err != nil || o == nil {
		return nil, errors.New("bapi: metadata is not a JSON object")
	}
	return []byte(m), nil
}

// UnmarshalJSON stores the text, or "" for null.
func (m *Metadata) UnmarshalJSON(b []byte) error { return (*JSON)(m).UnmarshalJSON(b) }

// Raw is embedded in every type of a response and holds the JSON it was decoded from.
// It is empty in a value that was built by hand, null or missing. Do not compare such
// values with ==: values with the same fields can have different JSON.
type Raw struct {
	_   [0]func()
	raw string
}

// RawJSON returns the unchanged JSON, or nil if there is none.
func (r Raw) RawJSON() json.RawMessage {
	if r.raw == "" || r.raw == "null" {
		return nil
	}
	return json.RawMessage(r.raw)
}

// RawField returns the unchanged JSON of a field, also of one that this package does
// not know, and whether the field exists.
func (r Raw) RawField(name string) (JSON, bool) {
	var value JSON
	var found bool
	eachField(r.raw, func(key, v string) {
		if key == name {
			value, found = JSON(v), true
		}
	})
	return value, found
}

// Present reports whether the response had this object: false if it was null or
// missing.
func (r Raw) Present() bool { return r.RawJSON() != nil }
