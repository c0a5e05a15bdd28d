package schemacheck

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/clerkkit/clerkkit/internal/recording"
)

// finding is a difference between a response and its description.
type finding struct {
	api       string
	operation string
	status    int
	// field is the place in the body, such as /response/sessions/*/user. It is empty for
	// the response as a whole.
	field string
	// problem says what is wrong, without values of the response.
	problem string
}

func (f finding) String() string {
	return fmt.Sprintf("%s %s %d %s: %s", f.api, f.operation, f.status, f.field, f.problem)
}

// judge returns the findings for a response.
func (all descriptions) judge(x recording.Exchange) []finding {
	d := all[operationKey(x.API, x.Method, x.Pattern)]
	if d == nil {
		return whole(x, "operation is not described")
	}
	response := d.operation.Responses.Status(x.Status)
	if response == nil {
		response = d.operation.Responses.Default()
	}
	switch {
	case response == nil || response.Value == nil:
		found := whole(x, "status is not described")
		if x.Status >= 400 {
			found = append(found, against(x, d.envelope)...)
		}
		return found
	case len(response.Value.Content) == 0: // a redirect, an answer without a body, or an error, which has the envelope
		if x.Status >= 400 && x.AnswerBody != "" && strings.HasPrefix(x.Pattern, "/v1/") {
			return against(x, d.envelope)
		}
		return nil
	}
	kind, _, err := mime.ParseMediaType(x.AnswerType)
	if err != nil {
		return whole(x, "content type is malformed")
	}
	media := response.Value.Content.Get(kind)
	switch {
	case media == nil:
		return whole(x, "content type "+kind+" is not described")
	case media.Schema == nil || kind != "application/json":
		return nil
	}
	return against(x, media.Schema.Value)
}

// whole returns a finding about the response as a whole.
func whole(x recording.Exchange, problem string) []finding {
	return []finding{{x.API, x.Operation, x.Status, "", problem}}
}

// against compares the body of a response with a schema.
func against(x recording.Exchange, schema *openapi3.Schema) []finding {
	var body any
	if err := json.Unmarshal([]byte(x.AnswerBody), &body); err != nil {
		return whole(x, "body is not JSON")
	}
	err := schema.VisitJSON(body, openapi3.MultiErrors(), openapi3.VisitAsResponse(), openapi3.EnableFormatValidation())
	if err == nil {
		return nil
	}
	var found []finding
	for _, f := range flatten(err) {
		f.api, f.operation, f.status = x.API, x.Operation, x.Status
		if !slices.Contains(found, f) {
			found = append(found, f)
		}
	}
	return found
}

// flatten lists the problems in an error of the validator, which nests them.
func flatten(err error) []finding {
	if many := branches(err); many != nil {
		var all []finding
		for _, e := range many {
			all = append(all, flatten(e)...)
		}
		return all
	}
	var one *openapi3.SchemaError
	if !errors.As(err, &one) {
		return []finding{{problem: err.Error()}}
	}
	at := pointer(one.JSONPointer())
	inner := branches(errors.Unwrap(one.Origin))
	switch {
	case one.SchemaField == "allOf" && len(inner) > 0:
		return flatten(openapi3.MultiError(inner))
	case one.SchemaField == "oneOf" && len(inner) > 0:
		return nearest(at, inner)
	}
	return []finding{{field: at, problem: one.Reason}}
}

// nearest returns the problems of the best alternative: the one with the right kind of
// object and the fewest problems.
func nearest(at string, alternatives []error) (best []finding) {
	weight := func(found []finding) (n int) {
		for _, f := range found {
			n++
			if f.field == at+"/object" || f.field == at+"/strategy" {
				n += 10
			}
		}
		return n
	}
	for i, err := range alternatives {
		if found := flatten(err); i == 0 || weight(found) < weight(best) {
			best = found
		}
	}
	return best
}

// branches returns the errors in a list of errors. The validator has several unexported
// list types.
func branches(err error) []error {
	if err == nil {
		return nil
	}
	v := reflect.ValueOf(err)
	if !v.CanConvert(reflect.TypeFor[openapi3.MultiError]()) {
		return nil
	}
	many, _ := v.Convert(reflect.TypeFor[openapi3.MultiError]()).Interface().(openapi3.MultiError)
	return many
}

// pointer formats a place in a body, with * for the entries of lists.
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
