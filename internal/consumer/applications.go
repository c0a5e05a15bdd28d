package main

import "strings"

// application is one row of the check.
type application struct {
	name string
	// imports are the packages of the kit that it uses, relative to the root. The
	// row waits until the tree has them.
	imports []string
	// pins are MODULE@VERSION that it had before it met the kit, and must have
	// afterwards. Its source imports them.
	pins []string
	// source is its main.go, prints what that writes.
	source, prints string
	// requires and sums are the most lines it may have in go.mod and go.sum: what
	// it had when this was written. Raising one is a decision, since every user
	// pays it.
	requires, sums int
}

var applications = []application{
	{
		name:     "verify alone",
		imports:  []string{"clerk", "verify"},
		source:   verifyAlone,
		prints:   "token-invalid",
		requires: 2,
		sums:     4,
	},
	{
		name:     "Backend API client and webhooks",
		imports:  []string{"bapi", "clerk/webhook"},
		source:   bapiAndWebhooks,
		prints:   "a client, and no verifier without a secret",
		requires: 1,
		sums:     2,
	},
	{
		name:     "net/http middleware",
		imports:  []string{"clerk", "middleware"},
		source:   netHTTP,
		prints:   "401 authentication_required",
		requires: 13,
		sums:     40,
	},
	{
		// One module for everything would raise both frameworks to what the
		// adapters ask for, although this application uses none of these.
		name:     "net/http middleware beside pinned frameworks",
		imports:  []string{"clerk", "middleware"},
		pins:     []string{"github.com/gin-gonic/gin@v1.9.1", "github.com/labstack/echo/v4@v4.11.0"},
		source:   strings.Replace(netHTTP, "import (", "import (\n\t_ \"github.com/gin-gonic/gin\"\n\t_ \"github.com/labstack/echo/v4\"\n", 1),
		prints:   "401 authentication_required",
		requires: 40,  // 30 without the kit
		sums:     127, // 105 without the kit
	},
}

const verifyAlone = `package main

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

type noKeys struct{}

func (noKeys) Key(context.Context, string) (*rsa.PublicKey, error) { return nil, clerk.ErrKeyUnknown }

func main() {
	v, err := verify.New(verify.Config{Keys: noKeys{}, AuthorizedParties: []string{"https://app.example.com"}})
	if err != nil {
		panic(err)
	}
	_, err = v.Verify(context.Background(), "not.a.token")
	var refused *verify.Error
	if errors.As(err, &refused) {
		fmt.Println(refused.Reason)
	}
}
`

const bapiAndWebhooks = `package main

import (
	"fmt"

	"github.com/clerkkit/clerkkit/bapi"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

func main() {
	_, err := bapi.New("sk_test_consumer")
	if err != nil {
		panic(err)
	}
	if _, err := webhook.New(""); err == nil {
		panic("a webhook verifier without a secret")
	}
	fmt.Println("a client, and no verifier without a secret")
}
`

const netHTTP = `package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
)

func main() {
	auth, err := middleware.New(clerk.Config{
		SecretKey:         "sk_test_consumer",
		AuthorizedParties: []string{"https://app.example.com"},
	})
	if err != nil {
		panic(err)
	}
	defer auth.Close()
	app := auth.Handler(auth.Require()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, clerk.FromContext(r.Context()).UserID)
	})))
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	var body struct{ Errors []struct{ Code string } }
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || len(body.Errors) != 1 {
		panic(fmt.Sprint(err, w.Body))
	}
	fmt.Println(w.Code, body.Errors[0].Code)
}
`

// frameworks must not reach an application that did not ask for them.
var frameworks = []string{
	"github.com/gin-gonic/gin",
	"github.com/go-chi/chi",
	"github.com/gofiber/fiber",
	"github.com/gorilla/mux",
	"github.com/labstack/echo",
}

// uninvited says whether a module is a framework that the application did not
// bring itself, in this major version.
func (a application) uninvited(modulePath string) bool {
	for _, p := range a.pins {
		if name, _, _ := strings.Cut(p, "@"); name == modulePath {
			return false
		}
	}
	for _, f := range frameworks {
		if modulePath == f || strings.HasPrefix(modulePath, f+"/") {
			return true
		}
	}
	return false
}

// modules are the releases that hold the application's imports, each once; or
// the import that the tree does not have yet.
func (a application) modules(published []release) (uses []release, missing string) {
	seen := make(map[string]bool)
	for _, imp := range a.imports {
		var best *release
		for i, r := range published {
			if r.packages[imp] {
				best = &published[i]
			}
		}
		if best == nil {
			return nil, imp
		}
		if !seen[best.path] {
			seen[best.path] = true
			uses = append(uses, *best)
		}
	}
	return uses, ""
}
