package jwks

import (
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
)

// FromConfig returns a [Source] of the keys of the instance in cfg. With a secret key
// it uses the Backend API, otherwise the Frontend API: FrontendAPI, ProxyURL if that is
// a URL, or the host in the publishable key. If none of them is set, or one is invalid,
// the error is a *clerk.ConfigError. FromConfig does not read JWTKey: use verify.PEM
// for that.
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
