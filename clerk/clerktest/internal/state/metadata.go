package state

import (
	"encoding/json"
)

// OrEmpty is an empty object for metadata that nobody gave.
func OrEmpty(m json.RawMessage) json.RawMessage {
	if len(m) == 0 {
		return json.RawMessage("{}")
	}
	return m
}
