package verify_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

// The public key of an instance, from the API keys page of the Clerk Dashboard.
// This one is of no instance.
var publicKeyPEM = examplePEM()

// To verify without network access, only the instance's public key is needed.
func ExampleNew() {
	keys, err := verify.PEM(publicKeyPEM)
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := verify.New(verify.Config{
		Keys:              keys,
		AuthorizedParties: []string{"https://app.example.com"},
		Issuers:           []string{"https://clerk.example.com"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = v.Verify(context.Background(), "not a token")
	fmt.Println(err)
	// Output: verify: token-invalid: the token is not three base64url parts separated by dots
}

// With CLERK_JWT_KEY in the environment, no other source of keys is needed.
func ExampleFromConfig() {
	cfg := clerk.Config{JWTKey: publicKeyPEM, AuthorizedParties: []string{"https://app.example.com"}} // cfg, err := clerk.ConfigFromEnv()
	v, err := verify.FromConfig(cfg, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = v.Verify(context.Background(), exampleExpired)
	fmt.Println(err != nil)
	// Output: true
}

// A worker, a gRPC interceptor or a WebSocket handler has the token as a string.
func ExampleVerifier_Verify() {
	keys, err := verify.PEM(publicKeyPEM)
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := verify.New(verify.Config{
		Keys:              keys,
		AuthorizedParties: []string{"https://app.example.com"},
		Now:               func() time.Time { return time.Unix(1750000000, 0) }, // only for this example
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	for _, token := range []string{exampleToken, exampleExpired} {
		claims, err := v.Verify(ctx, token)
		switch {
		case errors.Is(err, clerk.ErrUnavailable):
			fmt.Println("ask again later: the token could not be verified")
		case err != nil:
			fmt.Println("refused:", err)
		default:
			auth := claims.Auth()
			fmt.Println(auth.SignedIn(), auth.UserID, auth.ExpiresAt.Sub(auth.IssuedAt))
		}
	}
	// Output:
	// true user_1 1m0s
	// refused: verify: token-expired: expired by 5m0s
}

// The tokens of the examples, signed by the key above.
var (
	exampleToken   = token(header(nil), session(nil))
	exampleExpired = token(header(nil), session(obj{"exp": nowSec - 300}))
)
