package clerktest

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Where Clerk's published descriptions lie. They are no part of the project.
const openAPIDir = "CLERKKIT_OPENAPI_DIR"

var (
	pathLine   = regexp.MustCompile(`^  ['"]?(/[^'"]*?)['"]?:\s*$`)
	methodLine = regexp.MustCompile(`^    (get|put|post|delete|patch|head|options|trace):\s*$`)
	anyParam   = regexp.MustCompile(`\{[^}]*\}`)
)

// operations lists "METHOD /path" of a description, with the names of
// parameters left out. It reads the two levels below paths of YAML in the block
// style of those files.
func operations(t *testing.T, file string) []string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []string
	path, inside := "", false
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if line != "" && line[0] != ' ' && line[0] != '#' {
			inside = line == "paths:"
		}
		if !inside {
			continue
		}
		if m := pathLine.FindStringSubmatch(line); m != nil {
			path = anyParam.ReplaceAllString(m[1], "{}")
		} else if m := methodLine.FindStringSubmatch(line); m != nil {
			out = append(out, strings.ToUpper(m[1])+" "+path)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// The tables have a row for every operation of the published descriptions, and
// for no others but those that clerk-js and the SDKs use all the same.
func TestDescriptions(t *testing.T) {
	dir := os.Getenv(openAPIDir)
	if dir == "" {
		t.Skip(openAPIDir + " is not set")
	}
	for _, api := range []struct {
		file, prefix string
		table        []operation
		least        int
		alsoServed   []string
	}{
		{"bapi-2026-05-12.yml", "/v1", backendRoutes, 240, []string{
			"GET /v1/clients/handshake_payload",
			// Ahead of the description: @clerk/backend 3.25.0 has them.
			"DELETE /v1/invitations/{}", "POST /v1/email", "POST /v1/email/batch", "GET /v1/email/{}",
		}},
		{"fapi-2026-05-12.yml", "", frontendRoutes, 190, []string{"GET /v1/client/touch"}},
	} {
		rows := map[string]bool{}
		for i := range api.table {
			rows[api.table[i].Method+" "+anyParam.ReplaceAllString(api.table[i].Pattern, "{}")] = true
		}
		found := operations(t, filepath.Join(dir, api.file))
		if len(found) < api.least {
			t.Errorf("%s: %d operations were read", api.file, len(found))
		}
		for _, operation := range found {
			method, path, _ := strings.Cut(operation, " ")
			key := method + " " + api.prefix + path
			if !rows[key] {
				t.Errorf("%s: no row for %s", api.file, key)
			}
			delete(rows, key)
		}
		for _, key := range api.alsoServed {
			if !rows[key] {
				t.Errorf("%s has %s now, or the table lost it", api.file, key)
			}
			delete(rows, key)
		}
		for key := range rows {
			t.Errorf("%s does not have %s", api.file, key)
		}
	}
}
