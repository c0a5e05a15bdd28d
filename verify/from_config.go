package verify

import "github.com/clerkkit/clerkkit/clerk"

// FromConfig returns a Verifier for the instance and the origins in cfg. keys is
// usually a jwks.Source. If keys is nil, FromConfig uses the key in cfg.JWTKey, which
// needs no network access. It checks cfg with [clerk.Config.Validate], because with a
// damaged publishable key the issuer of tokens would not be checked. The error joins
// *clerk.ConfigError values.
func FromConfig(cfg clerk.Config, keys KeySource) (*Verifier, error) {
	checked := cfg
	if keys != nil && cfg.SecretKey == "" && cfg.PublishableKey == "" && cfg.JWTKey == "" {
		checked.SecretKey = "sk_test_none" // Validate requires a source of keys, and keys is one
	}
	if err := checked.Validate(); err != nil {
		return nil, err
	}
	if keys == nil {
		if cfg.JWTKey == "" {
			return nil, &clerk.ConfigError{Field: "JWTKey", Problem: "is empty, and no other source of signing keys is set"}
		}
		var err error
		if keys, err = PEM(cfg.JWTKey); err != nil {
			return nil, err
		}
	}
	return New(Config{
		Keys:                                keys,
		AuthorizedParties:                   cfg.AuthorizedParties,
		AuthorizedPartyFunc:                 cfg.AuthorizedPartyFunc,
		InsecureAllowMissingAuthorizedParty: cfg.InsecureAllowMissingAuthorizedParty,
		Audience:                            cfg.Audience,
		Issuers:                             cfg.AcceptedIssuers(),
		ClockSkew:                           cfg.ClockSkew,
		InsecureEmulator:                    cfg.InsecureEmulator,
		CacheBytes:                          cfg.TokenCacheBytes,
		Now:                                 cfg.Now,
		Logger:                              cfg.Logger,
	})
}
