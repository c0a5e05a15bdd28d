package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/oauth"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/signin"
)

// pageRoutes are the pages that people see.
var pageRoutes = answered([]operation{
	{Method: "GET", Pattern: "/", Operation: "IndexPage"},
	{Method: "GET", Pattern: "/sign-in", Operation: "SignInPage"},
	{Method: "POST", Pattern: "/sign-in", Operation: "SignIn"},
	{Method: "GET", Pattern: signin.PathChoose, Operation: "OrganizationPage"},
	{Method: "POST", Pattern: signin.PathChoose, Operation: "ChooseOrganization"},
	{Method: "GET", Pattern: "/sign-out", Operation: "SignOutPage"},
	{Method: "POST", Pattern: "/sign-out", Operation: "SignOut"},
	{Method: "GET", Pattern: "/oauth-provider/{provider}", Operation: "ProviderPage"},
	{Method: "POST", Pattern: "/oauth-provider/{provider}", Operation: "Provider"},
	{Method: "GET", Pattern: oauth.PathConsent, Operation: "ConsentPage"},
	{Method: "POST", Pattern: oauth.PathConsent, Operation: "Consent"},
	{Method: "GET", Pattern: "/static/avatar.svg", Operation: "Avatar"},
	{Method: "GET", Pattern: "/static/images/{image_id}", Operation: "Image"},
}, inFrontend)
