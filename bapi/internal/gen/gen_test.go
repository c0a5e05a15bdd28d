package main

import (
	"bytes"
	"flag"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

var update = flag.Bool("update", false, "write the golden files")

func generate(t *testing.T, api string) map[string][]byte {
	t.Helper()
	spec, err := load(os.DirFS(api), "openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	m, err := build(spec)
	if err != nil {
		t.Fatal(err)
	}
	files, err := emit(m)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestGolden generates from a small description that uses every feature.
func TestGolden(t *testing.T) {
	files := generate(t, "testdata/mini")
	var all bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(files)) {
		all.WriteString("-- " + name + " --\n")
		all.Write(files[name])
	}
	const golden = "testdata/mini.golden"
	if *update {
		if err := os.WriteFile(golden, all.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(all.Bytes(), want) {
		got, old := strings.Split(all.String(), "\n"), strings.Split(string(want), "\n")
		for i := range min(len(got), len(old)) {
			if got[i] != old[i] {
				t.Fatalf("%s:%d (go test -update writes it)\ngot  %s\nwant %s", golden, i+1, got[i], old[i])
			}
		}
		t.Fatalf("%s: %d lines, want %d", golden, len(got), len(old))
	}
}

// TestUpToDate: the committed files are what the generator writes.
func TestUpToDate(t *testing.T) {
	if err := run("../../api", "../..", true, io.Discard); err != nil {
		t.Error(err)
	}
}

// TestSameTwice: the output does not depend on the order of maps.
func TestSameTwice(t *testing.T) {
	first := generate(t, "../../api")
	for range 3 {
		for name, b := range generate(t, "../../api") {
			if !bytes.Equal(b, first[name]) {
				t.Fatalf("%s came out different", name)
			}
		}
	}
}

func TestCheckAndStaleFiles(t *testing.T) {
	out := t.TempDir()
	if err := run("testdata/mini", out, true, io.Discard); err == nil || !strings.Contains(err.Error(), "zz_books_gen.go differs") {
		t.Errorf("an empty folder passed: %v", err)
	}
	stale := filepath.Join(out, "zz_old_gen.go")
	own := filepath.Join(out, "hand.go")
	for _, name := range []string{stale, own} {
		if err := os.WriteFile(name, []byte("package bapi\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := run("testdata/mini", out, false, io.Discard); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(stale); !os.IsNotExist(err) {
		t.Error("a file that is not generated any more was kept")
	}
	if _, err := os.Stat(own); err != nil {
		t.Error("a file written by hand was removed")
	}
	if err := run("testdata/mini", out, true, io.Discard); err != nil {
		t.Errorf("the files just written fail the check: %v", err)
	}
	name := filepath.Join(out, "zz_books_gen.go")
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, append(b, "// edited\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run("testdata/mini", out, true, io.Discard); err == nil || !strings.Contains(err.Error(), "zz_books_gen.go differs") {
		t.Errorf("an edited file passed: %v", err)
	}
}

// TestBadDescriptions breaks a description in one place at a time. Each break must be
// an error.
func TestBadDescriptions(t *testing.T) {
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join("testdata/mini", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	tests := map[string]struct{ old, change, want string }{
		"unknown keyword":     {"type: integer}\n    Media:", "type: integer, multipleOf: 2}\n    Media:", "multipleOf"},
		"missing schema":      {"items: {$ref: '#/components/schemas/Book'}}\n                  total", "items: {$ref: '#/components/schemas/Boek'}}\n                  total", `no schema "Boek"`},
		"reference elsewhere": {"$ref: '#/components/schemas/Paper'\n        - $ref", "$ref: '#/components/responses/Paper'\n        - $ref", "is not to components/schemas"},
		"missing file":        {"common.yaml#/components/parameters/Limit", "comon.yaml#/components/parameters/Limit", "comon.yaml"},
		"missing parameter":   {"common.yaml#/components/parameters/Limit", "common.yaml#/components/parameters/Limits", `no parameter "Limits"`},
		"missing response":    {"common.yaml#/components/responses/Invalid", "common.yaml#/components/responses/Nope", `no response "Nope"`},
		"unknown tag":         {"tags: [Books]\n      summary: Adds", "tags: [Boeks]\n      summary: Adds", "tags [Boeks]"},
		"same method":         {"x-go-method: Create", "x-go-method: List", "is taken"},
		"no method":           {"      x-go-method: Create\n", "", "x-go-method and summary"},
		"path without arg":    {"name: book_id, in: path, required: true, schema: {type: string}}\n      responses:\n        '204'", "name: other_id, in: path, required: true, schema: {type: string}}\n      responses:\n        '204'", "no parameter for {book_id}"},
		"inline object":       {"weight: {type: number}", "weight: {type: object, properties: {kg: {type: number}}}", "needs a name"},
		"contains itself":     {"parts: {type: array, items: {$ref: '#/components/schemas/Book'}}", "parts: {$ref: '#/components/schemas/Book'}", "contains itself"},
		"unknown type":        {"weight: {type: number}", "weight: {type: decimal}", "decimal"},
		"union disagrees":     {"minutes: {type: integer}", "size: {type: integer}", "disagree on size"},
		"two answers":         {"'204': {description: Done.}", "'204': {description: Done.}\n        '200': {description: Done.}", "two answers"},
		"key twice":           {"size: {type: string}", "size: {type: string}\n        size: {type: string}", "size"},
		"old OpenAPI":         {"openapi: 3.1.0", "openapi: 3.0.3", "want 3.1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			fsys := fstest.MapFS{}
			changed := false
			for _, file := range []string{"openapi.yaml", "books.yaml", "common.yaml"} {
				text := read(file)
				if strings.Contains(text, tt.old) {
					changed = true
					text = strings.Replace(text, tt.old, tt.change, 1)
				}
				fsys[file] = &fstest.MapFile{Data: []byte(text)}
			}
			if !changed {
				t.Fatal("nothing was changed")
			}
			spec, err := load(fsys, "openapi.yaml")
			if err == nil {
				_, err = build(spec)
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestNames(t *testing.T) {
	for in, want := range map[string]string{
		"email_address_id": "EmailAddressID", "jwt": "JWT", "x5t#S256": "X5TS256", "frontendApi": "FrontendAPI", "redirect_uris": "RedirectURIs",
		"apiKeyID": "APIKeyID", "is_mobile": "IsMobile", "*": "", "oidc_github_enterprise": "OIDCGitHubEnterprise", "payer-credits": "PayerCredits",
	} {
		if got := goName(in); got != want {
			t.Errorf("goName(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"user_id": "userID", "adminPortalLinkTokenID": "adminPortalLinkTokenID", "type": "typeValue", "url": "url"} {
		if got := argName(in); got != want {
			t.Errorf("argName(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"Users": "User", "Directories": "Directory", "EmailAddresses": "EmailAddress", "JWKS": "JWKS", "WaitlistEntries": "WaitlistEntry", "ProxyChecks": "ProxyCheck", "Billing": "Billing"} {
		if got := singular(in); got != want {
			t.Errorf("singular(%q) = %q, want %q", in, got, want)
		}
	}
}
