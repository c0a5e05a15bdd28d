package clerktest

import (
	"net/url"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// AddSatellite adds a domain whose users sign in on the primary one, and returns
// the settings for its server, as [Emulator.Config] does for the primary one.
// origin is where its application is: http://localhost:4000, or
// https://satellite.test. The server of a development instance's primary domain
// must allow redirects there (clerk.Config.AllowedRedirectOrigins) if it has a
// sign-in page of its own.
func (e *Emulator) AddSatellite(origin string) clerk.Config {
	e.helper()
	cfg := e.Config()
	parsed, ok := hosts.ParseOrigin(origin)
	u, err := url.Parse(parsed)
	if !ok || err != nil || parsed != origin {
		e.fail("AddSatellite: %s is not an origin like http://localhost:4000", refusal.Quoted(origin))
		return cfg
	}
	added, err := e.instance.AddSatellite(u.Host, "")
	if err != nil {
		e.fail("AddSatellite: %v", err)
		return cfg
	}
	cfg.IsSatellite, cfg.AuthorizedParties = true, []string{origin}
	if e.server.Production() {
		cfg.Domain, cfg.ProxyURL = added.Name, ""
	}
	return cfg
}
