package schemacheck

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/clerkkit/clerkkit/internal/recording"
)

// finding is one way in which an answer is not as described.
type finding struct {
	api       string
	operation string
	status    int
	// field is the place in the body, /response/sessions/*/user; empty for what is
	// not in the body.
	field string
	// problem says what is wrong, without any value of the answer.
	problem string
}

func (f finding) String() string {
	return fmt.Sprintf("%s %s %d %s: %s", f.api, f.operation, f.status, f.field, f.problem)
}

// judge says what is wrong with an answer.
func (all descriptions) judge(x recording.Exchange) []finding {
	bad := func(problem string) []finding {
		return []finding{{x.API, x.Operation, x.Status, "", problem}}
	}
	d := all[operationKey(x.API, x.Method, x.Pattern)]
	if d == nil {
		return bad("operation is not described")
	}
	response := d.operation.Responses.Status(x.Status)
	if response == nil {
		response = d.operation.Responses.Default()
	}
	if response == nil || response.Value == nil {
		return bad("status is not described")
	}
	content := response.Value.Content
	if len(content) == 0 {
		return nil // a redirect, or an error whose envelope is not described
	}
	kind, _, err := mime.ParseMediaType(x.AnswerType)
	if err != nil {
		return bad("content type is malformed")
	}
	media := content.Get(kind)
	if media == nil {
		return bad("content type " + kind + " is not described")
	}
	if media.Schema == nil || kind != "application/json" {
		return nil
	}
	var body any
	if err := json.Unmarshal([]byte(x.AnswerBody), &body); err != nil {
		return bad("body is no JSON")
	}
	var found []finding
	err = media.Schema.Value.VisitJSON(body, openapi3.MultiErrors(), openapi3.VisitAsResponse(), openapi3.EnableFormatValidation())
	for _, f := range flatten(err, "") {
		f.api, f.operation, f.status = x.API, x.Operation, x.Status
		if !slices.Contains(found, f) {
			found = append(found, f)
		}
	}
	return found
}

// flatten lists the problems in an error of the validator, which nests them.
func flatten(err error, at string) []finding {
	var many openapi3.MultiError
	var one *openapi3.SchemaError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &one) && !isMulti(err):
		at += pointer(one.JSONPointer())
		if one.Origin != nil && one.SchemaField != "oneOf" && one.SchemaField != "anyOf" {
			if inner := flatten(one.Origin, at); len(inner) > 0 {
				return inner
			}
		}
		problem := one.SchemaField + ": " + one.Reason
		return []finding{{field: at, problem: problem}}
	case errors.As(err, &many):
		var all []finding
		for _, e := range many {
			all = append(all, flatten(e, at)...)
		}
		return all
	}
	return []finding{{field: at, problem: err.Error()}}
}

func isMulti(err error) bool {
	_, ok := err.(openapi3.MultiError) //nolint:errorlint // its outermost type
	return ok
}

// pointer writes a place in a body, with * for the entries of lists.
func pointer(path []string) string {
	var b strings.Builder
	for _, p := range path {
		if _, err := strconv.Atoi(p); err == nil {
			p = "*"
		}
		b.WriteString("/" + p)
	}
	return b.String()
}
