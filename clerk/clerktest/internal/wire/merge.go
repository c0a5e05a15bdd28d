package wire

import (
	"bytes"
	"encoding/json"
)

// MergeJSON merges an object into another as Clerk merges metadata: objects key
// by key, null deletes, everything else replaces (RFC 7396).
func MergeJSON(into, patch json.RawMessage) (json.RawMessage, error) {
	a, err := decodeObject(into)
	if err != nil {
		return nil, err
	}
	b, err := decodeObject(patch)
	if err != nil {
		return nil, err
	}
	return json.Marshal(mergeObjects(a, b))
}

// decodeObject keeps numbers as they are written: large ids are no floats.
func decodeObject(text json.RawMessage) (object map[string]any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&object)
	return object, err
}

func mergeObjects(into, patch map[string]any) map[string]any {
	if into == nil {
		into = map[string]any{}
	}
	for k, v := range patch {
		switch v := v.(type) {
		case nil:
			delete(into, k)
		case map[string]any:
			inner, _ := into[k].(map[string]any)
			into[k] = mergeObjects(inner, v)
		default:
			into[k] = v
		}
	}
	return into
}
