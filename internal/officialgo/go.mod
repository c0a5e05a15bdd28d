module github.com/clerkkit/clerkkit/internal/officialgo

go 1.25.0

require (
	github.com/clerk/clerk-sdk-go/v2 v2.7.0
	github.com/clerkkit/clerkkit v0.1.0
	github.com/coreos/go-oidc/v3 v3.21.0
	golang.org/x/oauth2 v0.36.0
)

require (
	github.com/go-jose/go-jose/v3 v3.0.4 // indirect
	github.com/go-jose/go-jose/v4 v4.1.8 // indirect
	golang.org/x/crypto v0.53.0 // indirect
)

replace github.com/clerkkit/clerkkit => ../..
