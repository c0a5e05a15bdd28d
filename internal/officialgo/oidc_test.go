package officialgo

import (
	"context"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

const callback = "https://app.example.com/callback"

// follow goes through the emulator's pages as a signed-in user who consents, and
// returns the parameters that the client gets.
func follow(t *testing.T, em *clerktest.Emulator, user clerktest.User, authorize string) url.Values {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{
		Transport: em.Config().HTTPClient.Transport, Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	var form url.Values // nil for a page to look at
	for target := authorize; ; {
		visit := func() (*http.Response, error) { return browser.Get(target) }
		if form != nil {
			visit = func() (*http.Response, error) { return browser.PostForm(target, form) }
		}
		resp, err := visit()
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		next, err := resp.Location()
		form = nil
		switch {
		case err == nil && strings.HasPrefix(next.String(), callback):
			return next.Query()
		case err == nil:
			target = next.String()
		case resp.Request.URL.Path == "/sign-in":
			form = url.Values{"user_id": {user.ID}, "redirect_url": {resp.Request.URL.Query().Get("redirect_url")}}
			target = resp.Request.URL.Scheme + "://" + resp.Request.URL.Host + "/sign-in"
		case resp.Request.URL.Path == "/oauth-consent":
			form = resp.Request.URL.Query()
			form.Set("consented", "true")
			target = resp.Request.URL.String()
		default:
			t.Fatalf("%s: %d", resp.Request.URL.Path, resp.StatusCode)
		}
	}
}

// The emulator works as an OpenID Connect provider for go-oidc and x/oauth2: discovery
// works at its issuer, ID tokens verify, and tokens can be refreshed.
func TestOpenIDConnect(t *testing.T) {
	em, _ := newEmulator(t)
	alice := em.AddUser(clerktest.User{Email: "alice@example.com", FirstName: "Alice", LastName: "Li"})
	ctx := oidc.ClientContext(context.Background(), em.Config().HTTPClient)
	provider, err := oidc.NewProvider(ctx, em.Issuer())
	if err != nil {
		t.Fatal(err)
	}
	for _, public := range []bool{false, true} {
		app := em.AddOAuthApplication(clerktest.OAuthApplication{
			RedirectURIs: []string{callback}, Scopes: []string{"openid", "profile", "email", "offline_access"}, Public: public,
		})
		cfg := oauth2.Config{ClientID: app.ClientID, ClientSecret: app.ClientSecret, Endpoint: provider.Endpoint(), RedirectURL: callback, Scopes: app.Scopes}
		verifier := oauth2.GenerateVerifier()
		got := follow(t, em, alice, cfg.AuthCodeURL("a long state", oauth2.S256ChallengeOption(verifier), oidc.Nonce("n1")))
		if got.Get("state") != "a long state" || got.Get("error") != "" {
			t.Fatalf("the client got %v", got)
		}
		if _, err := cfg.Exchange(ctx, got.Get("code"), oauth2.VerifierOption(oauth2.GenerateVerifier())); err == nil {
			t.Error("a code for another verifier")
		}
		token, err := cfg.Exchange(ctx, got.Get("code"), oauth2.VerifierOption(verifier))
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := token.Extra("id_token").(string)
		id, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: app.ClientID, Now: em.Now}).Verify(ctx, raw)
		if err != nil {
			t.Fatal(err)
		}
		var claims struct {
			Email    string `json:"email"`
			Verified bool   `json:"email_verified"`
			Name     string `json:"name"`
		}
		if err := id.Claims(&claims); err != nil || id.Subject != alice.ID || id.Nonce != "n1" || claims.Email != alice.Email || !claims.Verified || claims.Name != "Alice Li" {
			t.Errorf("ID token: %+v %+v %v", id, claims, err)
		}
		info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err != nil || info.Subject != alice.ID || info.Email != alice.Email {
			t.Errorf("user info: %+v %v", info, err)
		}
		fresh, err := cfg.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
		if err != nil || fresh.AccessToken == token.AccessToken || fresh.RefreshToken == token.RefreshToken {
			t.Errorf("refreshed: %v", err)
		}
		if _, err := cfg.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token(); err == nil {
			t.Error("a refresh token worked twice")
		}
	}
	if _, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: "other", Now: em.Now}).Verify(ctx, "a.b.c"); err == nil {
		t.Error("no ID token")
	}
}
