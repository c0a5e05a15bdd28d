package clerkkit_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"net/http"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/bapi"
	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/clerk/webhook"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/jwks"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/verify"
)

// marker stands in every secret, token and claim of the values below.
const marker = "SuperSecret"

// printable says what may be printed of a type.
type printable struct {
	value any
	// made are what New returns: nothing leads from them to a secret, also not from
	// an unexported field of a caller's struct.
	made bool
	// pointer are those that a caller's unexported field shows nothing of, although a
	// printer that follows pointers would.
	pointer bool
	// open says why a type shows what it holds.
	open string
}

// printables has a row for each exported struct type of the public packages, so that
// a new type is a decision. Those of bapi that are generated are records, which show
// what the Backend API answered.
func printables(t *testing.T) map[string]printable {
	must := func(v any, err error) any {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	quiet := slog.New(slog.DiscardHandler)
	em, err := clerktest.New(clerktest.Config{SecretKey: "sk_test_emulator" + marker})
	if err != nil {
		t.Fatal(err)
	}
	cfg := em.Config()
	cfg.Logger, cfg.MachineSecretKey, cfg.WebhookSigningSecret = quiet, "ak_"+marker, "whsec_"+marker
	cfg.ProxyURL = "https://app.example.com/__clerk"
	cfg.HTTPClient = nil // the one of the emulator holds the emulator
	source := jwks.Config{URL: "https://api.example.com/v1/jwks", SecretKey: "sk_test_" + marker, Logger: quiet}
	hook := webhook.Config{Secrets: []string{"whsec_U3VwZXJTZWNyZXRTdXBlclNlY3JldFN1cGVyU2VjcmV0"}, Logger: quiet}
	claims, err := clerk.ParseClaims(`{"sub":"user_1","sid":"sess_1","email":"` + marker + `","azp":"https://` + marker + `","act":{"sub":"` + marker + `"}}`)
	if err != nil {
		t.Fatal(err)
	}
	verifier := must(verify.New(verify.Config{Keys: must(jwks.New(source)).(*jwks.Source), Logger: quiet})).(*verify.Verifier)
	header := http.Header{"Authorization": {"Bearer " + marker}, "Cookie": {"__session=" + marker}}
	machine := must(handshake.New(handshake.Config{Clerk: cfg, Verifier: verifier})).(*handshake.Authenticator)
	auth := must(middleware.New(cfg)).(*middleware.Middleware)
	public := func(why string) printable { return printable{open: why} }
	return map[string]printable{
		"clerk.Actor":                public("ids"),
		"clerk.Auth":                 {value: claims.Auth()},
		"clerk.ClaimError":           public("the name of a claim"),
		"clerk.Claims":               {value: *claims},
		"clerk.Config":               {value: cfg},
		"clerk.ConfigError":          public("names settings, not values"),
		"clerk.DeniedError":          public("a requirement of the application"),
		"clerk.MachineInfo":          public("what a handler asked for by Auth.Machine"),
		"clerk.Observer":             public("functions of the application"),
		"clerk.DecisionEvent":        public("times and closed sets of words"),
		"clerk.KeyFetchEvent":        public("times and closed sets of words"),
		"clerk.BackendCallEvent":     public("times and closed sets of words"),
		"clerk.WebhookEvent":         public("times and closed sets of words"),
		"clerk.OrganizationSync":     public("patterns of the application"),
		"clerk.PublishableKey":       public("public"),
		"clerk.ReverificationPolicy": public("a requirement of the application"),
		"webhook.Config":             {value: hook},
		"webhook.Error":              public("its own tests hold that it shows nothing"),
		"webhook.Event":              public("what a handler gets to read"),
		"webhook.Signer":             {value: must(webhook.NewSigner(hook.Secrets...)), made: true},
		"webhook.Verifier":           {value: must(webhook.New(hook)), made: true},
		"jwks.Config":                {value: source},
		"jwks.Error":                 public("its own tests hold that it shows nothing"),
		"jwks.Stats":                 public("numbers"),
		"jwks.Source":                {value: must(jwks.New(source)), made: true},
		"verify.CacheStats":          public("numbers"),
		"verify.Config":              {value: verify.Config{Keys: must(jwks.New(source)).(*jwks.Source)}},
		"verify.Error":               public("its own tests hold that it shows nothing"),
		"verify.Mismatch":            public("values that stood behind a good signature"),
		"verify.Unverified":          {value: verify.Unverified{Claims: claims}},
		"verify.Verifier":            {value: verifier, made: true},
		"handshake.BackendError":     public("its own tests hold that it shows nothing"),
		"handshake.Config":           {value: handshake.Config{Clerk: cfg}},
		"handshake.Decision":         {value: handshake.Decision{Location: "https://x/?__session=" + marker, Cookies: []string{"__session=" + marker}}},
		"handshake.Authenticator":    {value: machine, made: true},
		"handshake.MachineToken":     public("an answer of the Backend API, for writers of a Backend"),
		"handshake.Stats":            public("numbers"),
		"handshake.RefreshRequest":   {value: handshake.RefreshRequest{ExpiredToken: marker, RefreshToken: marker, RequestHeaders: map[string][]string{"x": {marker}}}},
		"handshake.Request":          {value: handshake.Request{Target: "/?__clerk_handshake=" + marker, Header: header}},
		"handshake.ResolveError":     public("its own tests hold that it shows nothing"),
		"middleware.Choice":          {value: middleware.Choose(func(handshake.Request) *middleware.Middleware { return auth }), made: true},
		"middleware.Failure":         {value: &middleware.Failure{Err: clerk.ErrNotSignedIn, Auth: claims.Auth()}},
		"middleware.Middleware":      {value: auth, made: true},
		"middleware.Stats":           public("numbers"),
		"middleware.Proxy":           {value: must(middleware.NewProxy(cfg)), made: true},
		"bapi.Client":                {value: must(bapi.FromConfig(cfg)), made: true},
		"bapi.Config":                {value: bapi.Config{SecretKey: cfg.SecretKey}},
		"bapi.File":                  public("what an application uploads"),
		"bapi.UserCache":             public("records behind a pointer"),
		"bapi.OrganizationCache":     public("records behind a pointer"),
		"bapi.CacheConfig":           public("numbers, a logger"),
		"bapi.CacheStats":            public("numbers"),
		"bapi.Error":                 public("redacted by internal/transport"),
		"bapi.ErrorDetail":           public("redacted by internal/transport"),
		"bapi.Response":              public("an answer that the application asked for as it came"),
		"clerk.Limits":               public("numbers"),
		"bapi.Opt":                   public("a value of the application"),
		"bapi.Page":                  public("records"),
		"bapi.Raw":                   public("a record as the Backend API answered it"),
		"clerktest.Config":           {value: clerktest.Config{SecretKey: "sk_test_emulator" + marker, Webhooks: []clerktest.WebhookEndpoint{{Secret: marker}}}},
		"clerktest.Emulator":         {value: em, pointer: true},
		"clerktest.Fault":            public(forTests),
		"clerktest.Identity":         public(forTests),
		"clerktest.JWTTemplate":      public(forTests),
		"clerktest.Machine":          public(forTests),
		"clerktest.MachineToken":     public(forTests),
		"clerktest.Message":          public(forTests),
		"clerktest.OAuthApplication": public(forTests),
		"clerktest.Organization":     public(forTests),
		"clerktest.Request":          public(forTests),
		"clerktest.Seed":             public(forTests),
		"clerktest.SeedAPIKey":       public(forTests),
		"clerktest.SeedMember":       public(forTests),
		"clerktest.SeedOrganization": public(forTests),
		"clerktest.SeedRole":         public(forTests),
		"clerktest.Session":          public(forTests),
		"clerktest.Settings":         public(forTests),
		"clerktest.User":             public(forTests),
		"clerktest.WebhookAttempt":   public(forTests),
		"clerktest.WebhookDelivery":  public(forTests),
		"clerktest.WebhookEndpoint":  public(forTests),
		"clerktest.WebhookMessage":   public(forTests),
	}
}

const forTests = "made-up data of a test, which wants to read it"

// publicPackages are the folders that an application imports.
var publicPackages = []string{"clerk", "clerk/webhook", "clerk/clerktest", "jwks", "verify", "handshake", "middleware", "middleware/adapter", "bapi"}

// TestPrintHasARowForEachType reads the sources.
func TestPrintHasARowForEachType(t *testing.T) {
	rows := printables(t)
	seen := map[string]bool{}
	for _, dir := range publicPackages {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(dir, err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(filepath.Base(name), "zz_") && dir == "bapi" {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range file.Decls {
				g, ok := d.(*ast.GenDecl)
				if !ok {
					continue
				}
				for _, s := range g.Specs {
					if spec, ok := s.(*ast.TypeSpec); ok && spec.Name.IsExported() {
						if _, ok := spec.Type.(*ast.StructType); ok {
							seen[file.Name.Name+"."+spec.Name.Name] = true
						}
					}
				}
			}
		}
	}
	seen["bapi.Client"] = true // generated, and no record
	for name := range seen {
		if _, ok := rows[name]; !ok {
			t.Errorf("%s has no row: can it show a secret, a token or claims?", name)
		}
	}
	for name := range rows {
		if !seen[name] {
			t.Errorf("%s has a row and does not exist", name)
		}
	}
}

// TestNothingPrintsASecret prints each type with every verb and both handlers of
// log/slog, in all that can hold it.
func TestNothingPrintsASecret(t *testing.T) {
	for name, row := range printables(t) {
		if row.open != "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			for what, v := range holders(row) {
				for _, text := range append(printed(v, row.made || row.pointer), logged(v)...) {
					if i := strings.Index(text, marker); i >= 0 {
						t.Errorf("%s: a secret shows: %s", what, text[max(0, i-60):i])
						break
					}
				}
			}
			if row.made {
				if path := reachable(reflect.ValueOf(row.value), map[uintptr]bool{}, 0); path != "" {
					t.Errorf("a secret is reachable by reflection: %s", path)
				}
			}
		})
	}
}

// holders are v in everything that a program may print.
func holders(row printable) map[string]any {
	v := row.value
	type public struct{ V any }
	type deep struct{ Inner public }
	m := map[string]any{
		"itself":         v,
		"slice":          []any{v},
		"map":            map[string]any{"k": v},
		"exported field": public{v},
		"two structs":    deep{public{v}},
		"pointer":        &public{v},
		"slice of maps":  []map[string]any{{"k": []any{v}}},
	}
	queue := make(chan any, 1)
	queue <- v
	m["channel"] = queue
	m["array"] = [1]any{v}
	m["generic"] = box[box[map[string][]any]]{box[map[string][]any]{map[string][]any{"k": {v}}}}
	m["function"] = func() any { return v }
	rv := reflect.ValueOf(v)
	list := reflect.MakeSlice(reflect.SliceOf(rv.Type()), 1, 1) // typed, without an interface between
	list.Index(0).Set(rv)
	m["typed slice"] = list.Interface()
	if rv.Kind() != reflect.Pointer {
		p := reflect.New(rv.Type())
		p.Elem().Set(rv)
		m["pointer to it"] = p.Interface()
		m["slice of pointers"] = []any{p.Interface()}
		m["field of a pointer"] = public{p.Interface()}
	}
	if row.made || row.pointer {
		type hidden struct{ v any }
		type hiddenDeep struct {
			h hidden
			l []any
			m map[string]any
		}
		m["unexported field"] = hidden{v}
		m["unexported field, pointer"] = &hidden{v}
		m["unexported, in depth"] = hiddenDeep{hidden{v}, []any{v}, map[string]any{"k": v}}
		if row.made {
			m["unexported, itself"] = hidden{rv.Elem().Interface()} // a copy, which vet would refuse
		}
	}
	return m
}

// printed is v with every verb. %p and %w, which are for pointers and errors, are left
// out for what is
// printed by a method: fmt does not call it then, and go vet refuses it.
func printed(v any, pointers bool) (texts []string) {
	for _, flags := range []string{"", "+", "#", " ", "0", "-"} {
		for _, verb := range "vTtbcdoOqxXUeEfFgGswp" {
			if strings.ContainsRune("pw", verb) && !pointers {
				continue
			}
			texts = append(texts, unhex(fmt.Sprintf("%"+flags+string(verb), v)))
		}
	}
	return append(texts, fmt.Sprint(v), fmt.Sprintln(v))
}

// unhex adds the text that hexadecimal, as of %x, stands for.
func unhex(s string) string {
	lower := strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(s), " ", ""), "0x", "")
	if strings.Contains(lower, fmt.Sprintf("%x", marker)) || strings.Contains(lower, fmt.Sprintf("%x", []byte(marker))) {
		return s + marker
	}
	if strings.Contains(s, strings.Trim(fmt.Sprint([]byte(marker)), "[]")) { // %d of bytes
		return s + marker
	}
	return s
}

func logged(v any) []string {
	var text, js bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&text, nil), slog.NewJSONHandler(&js, nil)} {
		log := slog.New(h)
		log.Info("x", "v", v, slog.Group("g", "v", v))
		log.With("v", v).WithGroup("g").Info("x", slog.Any("v", v))
	}
	raw, _ := json.Marshal(v) // an error is fine: many hold functions
	return []string{text.String(), js.String(), string(raw)}
}

// reachable walks everything that a printer which follows pointers can reach, and
// returns the way to the marker, "" if there is none. Functions end it.
func reachable(v reflect.Value, seen map[uintptr]bool, depth int) string {
	if depth > 40 || !v.IsValid() {
		return ""
	}
	switch v.Kind() {
	case reflect.String:
		if strings.Contains(v.String(), marker) {
			return " = a string"
		}
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] {
			return ""
		}
		seen[v.Pointer()] = true
		return reachable(v.Elem(), seen, depth+1)
	case reflect.Interface:
		return reachable(v.Elem(), seen, depth+1)
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return ""
		}
		for i := range v.Len() {
			if way := reachable(v.Index(i), seen, depth+1); way != "" {
				return fmt.Sprintf("[%d]%s", i, way)
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if way := reachable(it.Value(), seen, depth+1) + reachable(it.Key(), seen, depth+1); way != "" {
				return "[…]" + way
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if way := reachable(v.Field(i), seen, depth+1); way != "" {
				return "." + v.Type().Field(i).Name + way
			}
		}
	}
	return ""
}

// TestPrintFindsSecrets: the tests above can fail.
func TestPrintFindsSecrets(t *testing.T) {
	type leaky struct{ key string }
	texts := append(printed(&leaky{marker}, true), logged(&leaky{marker})...)
	if !slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, marker) }) {
		t.Error("nothing found in print")
	}
	if reachable(reflect.ValueOf(&leaky{marker}), map[uintptr]bool{}, 0) == "" {
		t.Error("nothing found by reflection")
	}
}
