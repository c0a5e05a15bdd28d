package jwks_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/clerkkit/clerkkit/clerk"
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

const keySet = `{"keys":[{"use":"sig","kty":"RSA","kid":"ins_2example","alg":"RS256","e":"AQAB","n":"` +
	"oJuPHPTOrtID3rg53SBdfG5f5LnfydX33Y9ZfglOVfwii0ilbbwuzxA5MiesnJ3JQ4gf16VUUuEqCRB0dr7ysl" +
	"-xZ54IZ0BZty4nHYkCwRoSe7UwGwVdx3-gOTKtpWpWyuumEiY8oD40Uo5_FCkzYj_ELArGV5C6CeGk43qtFcFe" +
	"e7W40ao4dcT_vyVEM72fdLT6PteZ9j4nFCCB9GMciwwYQoVrUFqMx8ReNDlJdyTXz7zEo8GMs9T7XIOaoB_4-C" +
	"xkjfL7IQ8gW_vr__mlOMrZ9FslijAAuEkhdesHW4YN653Y7py5KfKsbD69rXwwAO930IZEsV5hzVbWfILweQ" + `"}]}`
