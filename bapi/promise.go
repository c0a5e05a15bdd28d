package bapi

import (
	"slices"

	"github.com/clerkkit/clerkkit/internal/transport"
)

// answer is a type that reads itself from JSON; all generated ones do.
type answer interface{ decode(*decoder) }

// answerOf is the pointer to T, as an answer.
type answerOf[T any] interface {
	*T
	answer
}

// promised is an answer of an operation. It says which field the description promises and
// the answer lacks, "" when nothing is missing.
type promised interface {
	answer
	lacks() string
}

// promisedOf is the pointer to T, as an answer of an operation.
type promisedOf[T any] interface {
	*T
	promised
}

// decodePromised reads the answer of an operation. null, {} and an object without what the
// operation promises are errors: their zero value would look like a user without a name.
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

// lacksAll says that none of the fields has a value. null is none, and neither is an empty
// secret.
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
