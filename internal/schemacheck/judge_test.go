package schemacheck

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/internal/recording"
)

// things describes one operation in each API, so that tests do not need the real
// descriptions.
const things = `openapi: 3.0.3
info: {title: Things, version: v1}
paths:
  PREFIX/things/{thing_id}/:
    get:
      operationId: GetThing
      responses:
        '200':
          description: A thing.
          content:
            application/json:
              schema:
                type: object
                additionalProperties: false
                required: [id, list]
                properties:
                  id: {type: string}
                  note: {type: string, nullable: true}
                  list:
                    type: array
                    items:
                      oneOf:
                        - {type: object, required: [object, n], properties: {object: {type: string, enum: [a]}, n: {type: integer}}}
                        - {type: object, required: [object, s], properties: {object: {type: string, enum: [b]}, s: {type: string}}}
        '204': {description: Nothing.}
        '404': {description: Not found.}
components:
  schemas:
    ClerkErrors:
      type: object
      required: [errors]
      properties:
        errors: {type: array, items: {type: object, required: [code], properties: {code: {type: string}}}}
`

func thingsDescriptions(t *testing.T) descriptions {
	t.Helper()
	dir := t.TempDir()
	for name, prefix := range map[string]string{"bapi-2026-05-12.yml": "", "fapi-2026-05-12.yml": "/v1"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Replace(things, "PREFIX", prefix, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all, err := readDescriptions(dir)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestJudge(t *testing.T) {
	all := thingsDescriptions(t)
	for _, tc := range []struct {
		name   string
		status int
		body   string
		want   string // field: problem
	}{
		{"right", 200, `{"id":"x","note":null,"list":[{"object":"a","n":1},{"object":"b","s":""}]}`, ""},
		{"no body", 204, "", ""},
		{"missing", 200, `{"list":[]}`, `/id: property "id" is missing`},
		{"null", 200, `{"id":null,"list":[]}`, `/id: Value is not nullable`},
		{"type", 200, `{"id":1,"list":[]}`, `/id: value must be a string`},
		{"unknown", 200, `{"id":"x","list":[],"more":1}`, `: property "more" is unsupported`},
		{"alternative", 200, `{"id":"x","list":[{"object":"b","s":""},{"object":"b","s":5}]}`, `/list/*/s: value must be a string`},
		{"no JSON", 200, `{`, `: body is not JSON`},
		{"error", 404, `{"errors":[{"code":"x"}]}`, ""},
		{"no envelope", 404, `{"errors":[{}]}`, `/errors/*/code: property "code" is missing`},
		{"other status", 418, `{"errors":[]}`, `: status is not described`},
	} {
		for _, api := range []string{backendAPI, frontendAPI} {
			got := all.judge(recording.Exchange{
				API: api, Operation: "GetThing", Method: "GET", Pattern: "/v1/things/{id}", Status: tc.status, AnswerType: "application/json; charset=utf-8", AnswerBody: tc.body,
			})
			var text []string
			for _, f := range got {
				text = append(text, f.field+": "+f.problem)
			}
			if strings.Join(text, "\n") != tc.want {
				t.Errorf("%s: %q, want %q", tc.name, text, tc.want)
			}
		}
	}
	for name, x := range map[string]recording.Exchange{
		"operation is not described":               {Method: "POST", Status: 200},
		"content type text/plain is not described": {Method: "GET", Status: 200, AnswerType: "text/plain"},
		"content type is malformed":                {Method: "GET", Status: 200},
	} {
		x.API, x.Pattern = backendAPI, "/v1/things/{id}"
		if got := all.judge(x); len(got) != 1 || got[0].problem != name {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestDeviations(t *testing.T) {
	d, err := parseDeviation("| FAPI | a, b | 200 | …/x | `one of \"p|q\"` | because |")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		f    finding
		want bool
	}{
		{finding{"FAPI", "a", 200, "/y/x", `one of "p|q" or r`}, true},
		{finding{"FAPI", "b", 200, "/x", `one of "p|q"`}, true},
		{finding{"FAPI", "c", 200, "/x", `one of "p|q"`}, false},
		{finding{"BAPI", "a", 200, "/x", `one of "p|q"`}, false},
		{finding{"FAPI", "a", 201, "/x", `one of "p|q"`}, false},
		{finding{"FAPI", "a", 200, "/x/y", `one of "p|q"`}, false},
		{finding{"FAPI", "a", 200, "/x", `one`}, false},
	} {
		if d.covers(tc.f) != tc.want {
			t.Errorf("covers %v: %v", tc.f, !tc.want)
		}
	}
	for _, bad := range []string{"| FAPI | a | 200 | | |", "| FAPI | a | x | | `p` | r |", "| FAPI | a | 200 | | | r |", "| FAPI | a | 200 | | `p` | |"} {
		if d, err := parseDeviation(bad); err == nil {
			t.Errorf("%s: %+v", bad, d)
		}
	}
	if all, err := readDeviations("DEVIATIONS.md"); err != nil || len(all) < 10 {
		t.Errorf("%d rows, %v", len(all), err)
	}
}

// implemented finds exactly the operations that the emulator has.
func TestImplemented(t *testing.T) {
	all := descriptions{}
	for _, d := range []*described{
		{api: backendAPI, method: "GET", pattern: "/v1/users/{user_id}"},
		{api: frontendAPI, method: "GET", pattern: "/v1/environment"},
		{api: backendAPI, method: "GET", pattern: "/v1/nothing/{id}"},
		{api: frontendAPI, method: "GET", pattern: "/.well-known/nothing"},
	} {
		all[d.String()] = d
	}
	have, err := all.implemented()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range have {
		got = append(got, d.String())
	}
	if want := []string{"BAPI GET /v1/users/{user_id}", "FAPI GET /v1/environment"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
