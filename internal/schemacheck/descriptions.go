// Package schemacheck compares the emulator's responses with the descriptions that
// Clerk publishes of its APIs. Every status must be documented, and every body must
// match the schema of its operation. DEVIATIONS.md lists intended differences with
// their reasons.
//
// The descriptions are not part of this project. Without CLERKKIT_OPENAPI_DIR, a
// folder with bapi-2026-05-12.yml and fapi-2026-05-12.yml, the tests skip.
package schemacheck

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// The APIs, as recordings name them.
const (
	backendAPI  = "BAPI"
	frontendAPI = "FAPI"
)

// descriptions are the operations of both APIs by API, method and pattern.
type descriptions map[string]*described

// described is an operation of a description.
type described struct {
	api, method, pattern string
	operation            *openapi3.Operation
	// envelope is the schema of the API's errors.
	envelope *openapi3.Schema
}

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// operationKey normalizes a pattern: names of placeholders differ between places, and
// some patterns end in a slash.
func operationKey(api, method, pattern string) string {
	return api + " " + method + " " + strings.TrimSuffix(placeholder.ReplaceAllString(pattern, "{}"), "/")
}

// readDescriptions reads the descriptions in a folder.
func readDescriptions(dir string) (descriptions, error) {
	all := make(descriptions)
	for _, file := range []struct{ api, name, prefix string }{
		{backendAPI, "bapi-2026-05-12.yml", "/v1"},
		{frontendAPI, "fapi-2026-05-12.yml", ""},
	} {
		doc, err := openapi3.NewLoader().LoadFromFile(filepath.Join(dir, file.name))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file.name, err)
		}
		envelope := doc.Components.Schemas["ClerkErrors"]
		if envelope == nil || envelope.Value == nil {
			return nil, fmt.Errorf("%s: has no schema ClerkErrors", file.name)
		}
		for path, item := range doc.Paths.Map() {
			for method, operation := range item.Operations() {
				d := &described{file.api, method, file.prefix + path, operation, envelope.Value}
				all[operationKey(d.api, d.method, d.pattern)] = d
			}
		}
	}
	return all, nil
}
