package clerktest

import (
	"encoding/json"
)

// mergeJSON merges an object into another as Clerk merges metadata: objects key
// by key, null deletes, everything else replaces (RFC 7396).
func mergeJSON(into, patch json.RawMessage) (json.RawMessage, error) {
	var a, b map[string]any
	if err := json.Unmarshal(into, &a); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(patch, &b); err != nil {
		return nil, err
	}
	return json.Marshal(mergeObjects(a, b))
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
