package bapi

import (
	"slices"

	"github.com/clerkkit/clerkkit/internal/transport"
)

// answer is a type that can decode itself from JSON, such as every generated type of a
// response.
type answer interface{ decode(*decoder) }

// answerOf is *T as an answer.
type answerOf[T any] interface {
	*T
	answer
}

// promised is the response of an operation. Its method returns a field that the API
// description requires and the response lacks, or "".
type promised interface {
	answer
	lacks() string
}

// promisedOf is *T as the response of an operation.
type promisedOf[T any] interface {
	*T
	promised
}

// decodePromised decodes the response of an operation. null, {} and an object without
// its required fields are errors. A zero value would look like a user without a name.
func decodePromised(d *decoder, v promised) {
	v.decode(d)
	if d.err != nil {
		return
	}
	if what := v.lacks(); what != "" {
		d.err = transport.Lacks(what)
	}
}

func lacksID(id string) string {
	if id == "" {
		return `its "id"`
	}
	return ""
}

// lacksAll returns an error text if none of the fields has a value. null and an empty
// string do not count as values.
func (r Raw) lacksAll(names ...string) string {
	found := false
	eachField(r.raw, func(key, value string) {
		found = found || value != "null" && value != `""` && slices.Contains(names, key)
	})
	if found {
		return ""
	}
	return `its "` + names[0] + `"`
}
