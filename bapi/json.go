package bapi

import (
	"encoding/json"
	"errors"
	"fmt"
)

// JSON is JSON text whose shape is not the API's to say: claims, an actor, template data.
// Empty text is no value.
type JSON string

// JSONOf writes v as JSON.
func JSONOf(v any) (JSON, error) {
	b, err := json.Marshal(v)
	return JSON(b), err
}

// Decode reads the JSON into v with encoding/json. Empty text leaves v as it is.
func (j JSON) Decode(v any) error {
	if j == "" {
		return nil
	}
	return json.Unmarshal([]byte(j), v)
}

// MarshalJSON returns the text; text that is not JSON is an error.
func (j JSON) MarshalJSON() ([]byte, error) {
	if j == "" {
		return []byte("null"), nil
	}
	if !json.Valid([]byte(j)) {
		return nil, errors.New("bapi: the text is not JSON")
	}
	return []byte(j), nil
}

// UnmarshalJSON keeps the text; null is no value.
func (j *JSON) UnmarshalJSON(b []byte) error {
	if *j = JSON(b); *j == "null" {
		*j = ""
	}
	return nil
}

// Metadata is the JSON object that an application keeps with a user, an organization and
// so on, at most 8 KB. Empty text is none.
//
//	m, err := bapi.MetadataOf(map[string]any{"plan": "pro"})
//	err = u.PublicMetadata.Decode(&mine)
type Metadata string

// MetadataOf writes v, a struct or a map, as metadata. What is not a JSON object is an
// error.
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

// Decode reads the metadata into v with encoding/json. Without metadata v stays as it is.
func (m Metadata) Decode(v any) error { return JSON(m).Decode(v) }

// Merge returns what the API makes of m when patch is merged into it (the MergeMetadata
// operations): objects are merged at every depth, null removes a key, everything else
// replaces. That is RFC 7396 for objects.
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
		_ = json.Unmarshal(out[k], &old) // what is no object is replaced
		b, err := json.Marshal(mergeObjects(old, sub, depth+1))
		if err != nil {
			b = v
		}
		out[k] = b
	}
	return out
}

// MarshalJSON returns the text; what is not a JSON object is an error.
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

// UnmarshalJSON keeps the text; null is none.
func (m *Metadata) UnmarshalJSON(b []byte) error { return (*JSON)(m).UnmarshalJSON(b) }

// Raw is part of every answer: the JSON it was read from. The zero value, of an answer
// that was built by hand or that was null or missing, has none. Answers cannot be compared
// with ==: two with the same fields may have been written differently.
type Raw struct {
	_   [0]func()
	raw string
}

// RawJSON returns the JSON as it came, nil when there is none.
func (r Raw) RawJSON() json.RawMessage {
	if r.raw == "" || r.raw == "null" {
		return nil
	}
	return json.RawMessage(r.raw)
}

// RawField returns the value of a field as it came, known to this package or not, and
// whether the answer has that field.
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

// Present reports whether the answer had this object at all: false when it was null or
// missing.
func (r Raw) Present() bool { return r.RawJSON() != nil }
