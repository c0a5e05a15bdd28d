package verify_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"log"
	"sync"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/verify"
)

// newInstance stands for the Clerk instance of the application https://app.example.com.
func newInstance() *clerktest.Emulator {
	em, err := clerktest.New(clerktest.Config{
		Instance:    clerk.Production,
		FrontendAPI: "clerk.app.test",
		Origins:     []string{"https://app.example.com"},
		SigningKey:  signingKey(),
		Now:         func() time.Time { return time.Unix(1_800_000_000, 0) },
	})
	if err != nil {
		log.Fatal(err)
	}
	return em
}

var signingKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		log.Fatal(err)
	}
	return key
})

// To verify without network access, only the instance's public key is needed.
func ExampleNew() {
	instance := newInstance()
	keys, err := verify.PEM(instance.JWTKey()) // the API keys page of the Clerk Dashboard has it
	if err != nil {
		log.Fatal(err)
	}
	v, err := verify.New(verify.Config{
		Keys:              keys,
		AuthorizedParties: []string{"https://app.example.com"},
		Issuers:           []string{"https://clerk.app.test"},
	})
	if err != nil {
		log.Fatal(err)
	}
	_, err = v.Verify(context.Background(), "not a token")
	fmt.Println(err)
	// Output: verify: token-invalid: the token is not three base64url parts separated by dots
}

// With CLERK_JWT_KEY in the environment, no other source of keys is needed.
func ExampleFromConfig() {
	instance := newInstance()
	cfg := clerk.Config{ // cfg, err := clerk.ConfigFromEnv()
		PublishableKey:    instance.PublishableKey(),
		JWTKey:            instance.JWTKey(),
		AuthorizedParties: []string{"https://app.example.com"},
		Now:               instance.Now, // only for this example
	}
	// Without CLERK_JWT_KEY: keys, err := jwks.FromConfig(cfg); verify.FromConfig(cfg, keys)
	v, err := verify.FromConfig(cfg, nil)
	if err != nil {
		log.Fatal(err)
	}
	alice := instance.AddUser(clerktest.User{ID: "user_alice"})
	claims, err := v.Verify(context.Background(), instance.SignIn(alice).Token())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(claims.Subject(), claims.Issuer(), claims.AuthorizedParty())
	// Output: user_alice https://clerk.app.test https://app.example.com
}

// A worker, a gRPC interceptor or a WebSocket handler has the token as a string.
func ExampleVerifier_Verify() {
	instance := newInstance()
	keys, err := verify.PEM(instance.JWTKey())
	if err != nil {
		log.Fatal(err)
	}
	v, err := verify.New(verify.Config{
		Keys:              keys,
		AuthorizedParties: []string{"https://app.example.com"},
		Now:               instance.Now, // only for this example
	})
	if err != nil {
		log.Fatal(err)
	}
	receive := func(token string) {
		claims, err := v.Verify(context.Background(), token)
		switch {
		case errors.Is(err, clerk.ErrUnavailable):
			fmt.Println("try again later: the token could not be verified")
		case err != nil:
			fmt.Println("refused:", err)
		default:
			auth := claims.Auth()
			fmt.Println(auth.SignedIn(), auth.UserID, auth.ExpiresAt.Sub(auth.IssuedAt))
		}
	}

	token := instance.SignIn(instance.AddUser(clerktest.User{ID: "user_alice"})).Token()
	receive(token)
	instance.Advance(5 * time.Minute)
	receive(token)
	// Output:
	// true user_alice 1m0s
	// refused: verify: token-expired: expired by 4m0s
}

// Templates are made for one service: getToken({template: "reports"}). Where Audience is
// set, the token must name one of it.
func ExampleVerifier_VerifyTemplate() {
	instance := newInstance()
	keys, err := verify.PEM(instance.JWTKey())
	if err != nil {
		log.Fatal(err)
	}
	v, err := verify.New(verify.Config{
		Keys:              keys,
		AuthorizedParties: []string{"https://app.example.com"},
		Audience:          []string{"https://reports.example.com"},
		Now:               instance.Now, // only for this example
	})
	if err != nil {
		log.Fatal(err)
	}
	session := instance.SignIn(instance.AddUser(clerktest.User{ID: "user_alice"}))
	token := instance.Sign(map[string]any{"cat": clerktest.CategoryTemplate}, map[string]any{
		"sub": "user_alice", "azp": "https://app.example.com", "aud": "https://reports.example.com", "plan": "pro",
		"iss": instance.Issuer(), "iat": instance.Now().Unix(), "nbf": instance.Now().Unix(), "exp": instance.Now().Unix() + 60,
	})

	ctx := context.Background()
	claims, err := v.VerifyTemplate(ctx, token)
	if err != nil {
		log.Fatal(err)
	}
	var custom struct {
		Plan string `json:"plan"`
	}
	if err := claims.Decode(&custom); err != nil {
		log.Fatal(err)
	}
	fmt.Println(claims.Subject(), custom.Plan)

	// Neither kind of token passes for the other.
	_, err = v.VerifyTemplate(ctx, session.Token())
	fmt.Println(errors.Is(err, verify.ErrTokenType))
	_, err = v.Verify(ctx, token)
	fmt.Println(errors.Is(err, verify.ErrTokenType))
	// Output:
	// user_alice pro
	// true
	// true
}
