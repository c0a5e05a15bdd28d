package jwks_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/jwks"
)

// Pass a Source to package verify in place of a static PEM key. This example uses a
// test server. A real URL is jwks.FrontendURL("clerk.example.com"), or
// jwks.BackendURL("") together with Config.SecretKey.
func Example() {
	fapi := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, keySet)
	}))
	defer fapi.Close()

	keys, err := jwks.New(jwks.Config{URL: jwks.FrontendURL(fapi.URL)})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = keys.Close() }()

	ctx := context.Background()
	if err := keys.Warm(ctx); err != nil {
		log.Print(err) // the first token tries again
	}

	key, err := keys.Key(ctx, "ins_2example")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.N.BitLen(), "bits")

	_, err = keys.Key(ctx, "ins_2other")
	switch {
	case errors.Is(err, clerk.ErrKeyUnknown):
		fmt.Println("refuse the token")
	case errors.Is(err, clerk.ErrUnavailable):
		fmt.Println("an outage: respond with 503")
	}
	// Output:
	// 2048 bits
	// refuse the token
}

// Intervals are for operators who know why. Most programs use FromConfig.
func ExampleNew() {
	keys, err := jwks.New(jwks.Config{
		URL:             jwks.FrontendURL("clerk.example.com"),
		RefreshInterval: time.Minute,   // a withdrawn key is refused sooner
		MaxAge:          4 * time.Hour, // and an outage of Clerk may last longer
	})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = keys.Close() }()
	fmt.Println(keys.Stats().Fetches) // New asks nobody

	_, err = jwks.New(jwks.Config{URL: "http://clerk.example.com/.well-known/jwks.json"})
	fmt.Println(err)
	// Output:
	// 0
	// clerk: jwks.Config.URL: is http to a host that is not loopback
}

// A Source of the settings in the environment, for verify.FromConfig(cfg, keys) or
// middleware.WithKeySource(keys).
func ExampleFromConfig() {
	em, err := clerktest.Start(clerktest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = em.Close() }()
	cfg := em.Config() // cfg, err := clerk.ConfigFromEnv()

	keys, err := jwks.FromConfig(cfg)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = keys.Close() }()
	if err := keys.Warm(context.Background()); err != nil {
		log.Print(err) // the first token tries again
	}

	for range 1000 { // one fetch serves all tokens
		if _, err := keys.Key(context.Background(), em.KeyID()); err != nil {
			log.Fatal(err)
		}
	}
	stats := keys.Stats()
	fmt.Println(stats.Keys, "key,", stats.Fetches, "fetch,", stats.Failures, "failures")
	// Output: 1 key, 1 fetch, 0 failures
}

const keySet = `{"keys":[{"use":"sig","kty":"RSA","kid":"ins_2example","alg":"RS256","e":"AQAB","n":"` +
	"oJuPHPTOrtID3rg53SBdfG5f5LnfydX33Y9ZfglOVfwii0ilbbwuzxA5MiesnJ3JQ4gf16VUUuEqCRB0dr7ysl" +
	"-xZ54IZ0BZty4nHYkCwRoSe7UwGwVdx3-gOTKtpWpWyuumEiY8oD40Uo5_FCkzYj_ELArGV5C6CeGk43qtFcFe" +
	"e7W40ao4dcT_vyVEM72fdLT6PteZ9j4nFCCB9GMciwwYQoVrUFqMx8ReNDlJdyTXz7zEo8GMs9T7XIOaoB_4-C" +
	"xkjfL7IQ8gW_vr__mlOMrZ9FslijAAuEkhdesHW4YN653Y7py5KfKsbD69rXwwAO930IZEsV5hzVbWfILweQ" + `"}]}`
