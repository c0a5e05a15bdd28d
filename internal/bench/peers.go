package main

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"crypto"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/auth0/go-jwt-middleware/v2/validator"
	sdk "github.com/clerk/clerk-sdk-go/v2"
	sdkjwt "github.com/clerk/clerk-sdk-go/v2/jwt"
	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	josejwt "github.com/go-jose/go-jose/v4/jwt"
	"github.com/golang-jwt/jwt/v5"
	jwa2 "github.com/lestrrat-go/jwx/v2/jwa"
	jwk2 "github.com/lestrrat-go/jwx/v2/jwk"
	jws2 "github.com/lestrrat-go/jwx/v2/jws"
	jwt2 "github.com/lestrrat-go/jwx/v2/jwt"
	jwa3 "github.com/lestrrat-go/jwx/v3/jwa"
	jwk3 "github.com/lestrrat-go/jwx/v3/jwk"
	jws3 "github.com/lestrrat-go/jwx/v3/jws"
	jwt3 "github.com/lestrrat-go/jwx/v3/jwt"
)

// peer is a library that verifies tokens, used as documented, with a local key. Some
// peers do less work because they do not check azp or the issuer.
type peer struct {
	name   string
	module string
	verify func(token string) error
	// audience marks a peer that requires aud, which Clerk's session tokens lack. It gets
	// its own tokens.
	audience bool
	noV1     bool
}

// session has the claims of a session token for peers that decode into a struct.
type session struct {
	Issuer    string `json:"iss"`
	Subject   string `json:"sub"`
	ID        string `json:"jti"`
	Party     string `json:"azp"`
	SessionID string `json:"sid"`
	Status    string `json:"sts"`
	Version   int    `json:"v"`
	Features  string `json:"fea"`
	Plans     string `json:"pla"`
	Factors   []int  `json:"fva"`
	Expiry    int64  `json:"exp"`
	NotBefore int64  `json:"nbf"`
	IssuedAt  int64  `json:"iat"`
	Org       struct {
		ID          string `json:"id"`
		Role        string `json:"rol"`
		Slug        string `json:"slg"`
		Permissions string `json:"per"`
		Mask        string `json:"fpm"`
	} `json:"o"`
}

func (s *session) check() error {
	now := time.Now().Unix()
	switch {
	case s.Issuer != issuer, s.Party != party, s.Subject == "":
		return errors.New("claims")
	case now >= s.Expiry, now < s.NotBefore, now < s.IssuedAt-5:
		return errors.New("time")
	}
	return nil
}

// Claims of jwt.Claims (golang-jwt).
type golangClaims struct {
	jwt.RegisteredClaims
	Party     string `json:"azp"`
	SessionID string `json:"sid"`
	Status    string `json:"sts"`
	Version   int    `json:"v"`
	Features  string `json:"fea"`
	Plans     string `json:"pla"`
	Factors   []int  `json:"fva"`
	Org       struct {
		ID          string `json:"id"`
		Role        string `json:"rol"`
		Slug        string `json:"slg"`
		Permissions string `json:"per"`
		Mask        string `json:"fpm"`
	} `json:"o"`
}

// auth0Claims are the claims that auth0's validator decodes in addition to the
// registered ones.
type auth0Claims struct{ session }

// Validate implements validator.CustomClaims.
func (c *auth0Claims) Validate(context.Context) error {
	if c.Party != party {
		return errors.New("azp")
	}
	return nil
}

// peers returns all peers.
func (f *fixture) peers() ([]peer, error) {
	var list []peer
	for _, part := range []func() ([]peer, error){f.standardLibrary, f.official, f.golangJWT, f.jwx2, f.jwx3, f.jose} {
		p, err := part()
		if err != nil {
			return nil, err
		}
		list = append(list, p...)
	}
	return list, nil
}

// standardLibrary is a minimal verifier with the standard library only.
func (f *fixture) standardLibrary() ([]peer, error) {
	return []peer{{name: "standard library only", verify: func(token string) error {
		h, rest, ok1 := strings.Cut(token, ".")
		p, s, ok2 := strings.Cut(rest, ".")
		if !ok1 || !ok2 {
			return errors.New("form")
		}
		var header struct{ Alg, Kid string }
		if err := decodeSegment(h, &header); err != nil {
			return err
		}
		if header.Alg != "RS256" || header.Kid != keyID {
			return errors.New("header")
		}
		signature, err := base64.RawURLEncoding.DecodeString(s)
		if err != nil {
			return err
		}
		sum := sha256.Sum256([]byte(token[:len(h)+1+len(p)]))
		if err := rsa.VerifyPKCS1v15(f.key, crypto.SHA256, sum[:], signature); err != nil {
			return err
		}
		var c session
		if err := decodeSegment(p, &c); err != nil {
			return err
		}
		return c.check()
	}}}, nil
}

func decodeSegment(s string, v any) error {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

// official is clerk-sdk-go.
func (f *fixture) official() ([]peer, error) {
	jwk := &sdk.JSONWebKey{Key: f.key, KeyID: keyID, Algorithm: "RS256", Use: "sig"}
	return []peer{{name: "clerk-sdk-go jwt.Verify", module: "github.com/clerk/clerk-sdk-go/v2", verify: func(token string) error {
		_, err := sdkjwt.Verify(context.Background(), &sdkjwt.VerifyParams{
			Token: token, JWK: jwk, AuthorizedPartyHandler: func(azp string) bool { return azp == party },
		})
		return err
	}}}, nil
}

func (f *fixture) golangJWT() ([]peer, error) {
	keys, err := keyfunc.NewJWKSetJSON(f.jwks)
	if err != nil {
		return nil, err
	}
	static := func(*jwt.Token) (any, error) { return f.key, nil }
	options := []jwt.ParserOption{
		jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer(issuer), jwt.WithExpirationRequired(), jwt.WithLeeway(5 * time.Second),
	}
	const module = "github.com/golang-jwt/jwt/v5"
	return []peer{
		{name: "golang-jwt v5, typed claims", module: module, verify: func(token string) error {
			_, err := jwt.ParseWithClaims(token, new(golangClaims), static, options...)
			return err
		}},
		{name: "golang-jwt v5, MapClaims", module: module, verify: func(token string) error {
			_, err := jwt.Parse(token, static, options...)
			return err
		}},
		{name: "golang-jwt v5 with keyfunc", module: "github.com/MicahParks/keyfunc/v3", verify: func(token string) error {
			_, err := jwt.ParseWithClaims(token, new(golangClaims), keys.Keyfunc, options...)
			return err
		}},
	}, nil
}

func (f *fixture) jwx2() ([]peer, error) {
	set, err := jwk2.Parse(f.jwks)
	if err != nil {
		return nil, err
	}
	verifier, err := jws2.NewVerifier(jwa2.RS256)
	if err != nil {
		return nil, err
	}
	const module = "github.com/lestrrat-go/jwx/v2"
	return []peer{
		{name: "jwx v2 jwt.Parse, key set", module: module, verify: func(token string) error {
			_, err := jwt2.ParseString(token, jwt2.WithKeySet(set), jwt2.WithIssuer(issuer), jwt2.WithAcceptableSkew(5*time.Second))
			return err
		}},
		{name: "jwx v2 jwt.Parse, one key", module: module, verify: func(token string) error {
			_, err := jwt2.ParseString(token, jwt2.WithKey(jwa2.RS256, f.key), jwt2.WithIssuer(issuer), jwt2.WithAcceptableSkew(5*time.Second))
			return err
		}},
		{name: "jwx v2 lowest entry points + encoding/json", module: module, verify: func(token string) error {
			h, p, s, err := jws2.SplitCompactString(token)
			if err != nil {
				return err
			}
			var header struct{ Alg, Kid string }
			if err := decodeSegment(string(h), &header); err != nil {
				return err
			}
			if header.Alg != "RS256" || header.Kid != keyID {
				return errors.New("header")
			}
			signature, err := base64.RawURLEncoding.DecodeString(string(s))
			if err != nil {
				return err
			}
			if err := verifier.Verify([]byte(token[:len(h)+1+len(p)]), signature, f.key); err != nil {
				return err
			}
			var c session
			if err := decodeSegment(string(p), &c); err != nil {
				return err
			}
			return c.check()
		}},
	}, nil
}

func (f *fixture) jwx3() ([]peer, error) {
	set, err := jwk3.Parse(f.jwks)
	if err != nil {
		return nil, err
	}
	const module = "github.com/lestrrat-go/jwx/v3"
	return []peer{
		{name: "jwx v3 jwt.Parse, key set", module: module, verify: func(token string) error {
			_, err := jwt3.ParseString(token, jwt3.WithKeySet(set), jwt3.WithIssuer(issuer), jwt3.WithAcceptableSkew(5*time.Second))
			return err
		}},
		{name: "jwx v3 jwt.Parse, one key", module: module, verify: func(token string) error {
			_, err := jwt3.ParseString(token, jwt3.WithKey(jwa3.RS256(), f.key), jwt3.WithIssuer(issuer), jwt3.WithAcceptableSkew(5*time.Second))
			return err
		}},
		{name: "jwx v3 VerifyCompactFast + encoding/json", module: module, verify: func(token string) error {
			payload, err := jws3.VerifyCompactFast(f.key, []byte(token), jwa3.RS256())
			if err != nil {
				return err
			}
			var c session
			if err := json.Unmarshal(payload, &c); err != nil {
				return err
			}
			return c.check()
		}},
	}, nil
}

// jose returns go-jose and the libraries that use it.
func (f *fixture) jose() ([]peer, error) {
	v, err := validator.New(func(context.Context) (any, error) { return f.key, nil }, validator.RS256, issuer, []string{audience},
		validator.WithAllowedClockSkew(5*time.Second), validator.WithCustomClaims(func() validator.CustomClaims { return new(auth0Claims) }))
	if err != nil {
		return nil, err
	}
	idTokens := oidc.NewVerifier(issuer, &oidc.StaticKeySet{PublicKeys: []crypto.PublicKey{f.key}},
		&oidc.Config{SkipClientIDCheck: true, SupportedSigningAlgs: []string{"RS256"}})
	return []peer{
		{name: "go-jose v4", module: "github.com/go-jose/go-jose/v4", verify: func(token string) error {
			t, err := josejwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
			if err != nil {
				return err
			}
			var registered josejwt.Claims
			var c session
			if err := t.Claims(f.key, &registered, &c); err != nil {
				return err
			}
			return registered.ValidateWithLeeway(josejwt.Expected{Issuer: issuer, Time: time.Now()}, 5*time.Second)
		}},
		{name: "go-oidc v3", module: "github.com/coreos/go-oidc/v3", verify: func(token string) error {
			t, err := idTokens.Verify(context.Background(), token)
			if err != nil {
				return err
			}
			var c session
			return t.Claims(&c)
		}},
		{name: "auth0/go-jwt-middleware v2 validator", module: "github.com/auth0/go-jwt-middleware/v2", audience: true, noV1: true, verify: func(token string) error {
			_, err := v.ValidateToken(context.Background(), token)
			return err
		}},
	}, nil
}

// own returns the tokens to measure a peer with.
func (f *fixture) own(p peer) string {
	c := f.claims(0)
	if p.audience {
		c["aud"] = audience
	}
	return f.sign(c)
}

// check checks that a peer accepts valid tokens and refuses invalid ones. A peer that
// does not verify would win every comparison.
func (f *fixture) check(p peer) error {
	if err := p.verify(f.own(p)); err != nil {
		return fmt.Errorf("%s refuses a good token: %w", p.name, err)
	}
	if !p.noV1 {
		if err := p.verify(f.v1()); err != nil {
			return fmt.Errorf("%s refuses a good version 1 token: %w", p.name, err)
		}
	}
	bad, err := f.bad()
	if err != nil {
		return err
	}
	for name, token := range bad {
		if p.verify(token) == nil {
			return fmt.Errorf("%s accepts a token that is bad: %s", p.name, name)
		}
	}
	return nil
}
