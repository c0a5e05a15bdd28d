package clerkkit_test

import (
	"strings"
	"testing"
	"text/template"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/webhook"
	"github.com/clerkkit/clerkkit/middleware"
)

type box[T any] struct{ V T }

// TestNothingPrintsASecretEmbedded: a struct that embeds one of the types has its
// methods, or two of them and so none, and prints as little.
func TestNothingPrintsASecretEmbedded(t *testing.T) {
	rows := printables(t)
	config, auth := rows["clerk.Config"].value.(clerk.Config), rows["clerk.Auth"].value.(clerk.Auth)
	mw, hook := rows["middleware.Middleware"].value.(*middleware.Middleware), rows["webhook.Config"].value.(webhook.Config)
	type one struct {
		clerk.Config
		Name string
	}
	type two struct {
		clerk.Config
		clerk.Auth
	}
	type three struct {
		*middleware.Middleware
		webhook.Config
		Auth clerk.Auth
	}
	for _, v := range []any{one{config, "x"}, &one{config, "x"}, two{config, auth}, &two{config, auth}, three{mw, hook, auth}, box[two]{two{config, auth}}} {
		texts := append(printed(v, false), logged(v)...)
		for _, escape := range []string{`{{.}}`, `{{printf "%#v" .}}`, `{{js .}}`} {
			var b strings.Builder
			if err := template.Must(template.New("").Parse(escape)).Execute(&b, v); err != nil {
				t.Fatal(err)
			}
			texts = append(texts, b.String())
		}
		for _, text := range texts {
			if strings.Contains(text, marker) {
				t.Errorf("%T shows a secret: %s", v, text)
			}
		}
	}
}
