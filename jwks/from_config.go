package jwks

import (
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
)

// FromConfig makes a [Source] of the keys of the instance that a shared configuration
// names: at the Backend API where there is a secret key, else at the Frontend API, which is
// FrontendAPI, ProxyURL where that is a URL, or the host in the publishable key. Where none
// of them is set, and where one cannot be used, the error is a *clerk.ConfigError. JWTKey is
// not read: verify.PEM needs no source.
func FromConfig(cfg clerk.Config) (*Source, error) {
	c := Config{HTTPClient: cfg.HTTPClient, Logger: cfg.Logger, Observer: cfg.Observer, Now: cfg.Now, InsecureHTTP: cfg.InsecureEmulator}
	switch {
	case cfg.SecretKey != "":
		if _, err := clerk.SecretKeyInstance(cfg.SecretKey); err != nil {
			return nil, err
		}
		c.URL, c.SecretKey = BackendURL(cfg.APIURL), cfg.SecretKey
	case cfg.FrontendAPI != "":
		c.URL = FrontendURL(cfg.FrontendAPI)
	case strings.Contains(cfg.ProxyURL, "://"):
		c.URL = FrontendURL(cfg.ProxyURL)
	default:
		pk, err := clerk.ParsePublishableKey(cfg.PublishableKey)
		if err != nil {
			return nil, err
		}
		c.URL = FrontendURL(pk.FrontendAPI())
	}
	return New(c)
}
