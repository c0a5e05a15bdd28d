package verify

import "github.com/clerkkit/clerkkit/clerk"

// FromConfig makes a Verifier for the instance and the origins of a shared configuration.
// keys is a jwks.Source; nil means the key in cfg.JWTKey, and needs no network. It checks
// cfg with [clerk.Config.Validate], since a damaged publishable key must not leave the
// issuer of tokens unchecked; the error joins *clerk.ConfigError values.
func FromConfig(cfg clerk.Config, keys KeySource) (*Verifier, error) {
	checked := cfg
	if keys != nil && cfg.SecretKey == "" && cfg.PublishableKey == "" && cfg.JWTKey == "" {
		checked.SecretKey = "sk_test_none" // Validate wants a source of keys, and keys is one
	}
	if err := checked.Validate(); err != nil {
		return nil, err
	}
	if keys == nil {
		if cfg.JWTKey == "" {
			return nil, &clerk.ConfigError{Field: "JWTKey", Problem: "is empty, and there is no other source of signing keys"}
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
