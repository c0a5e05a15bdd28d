package clerktest

import (
	"net/url"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// satelliteOf returns the satellite that a host with its port belongs to, "" if
// there is none. In production subdomains belong to it as well.
func (e *Emulator) satelliteOf(hostport string) string {
	names := e.store.Hosts.Load()
	if names == nil {
		return ""
	}
	hostport = strings.ToLower(hostport)
	host := hosts.Name(hostport)
	for _, name := range *names {
		if hostport == name || host == name || e.production() && hosts.Below(host, name) {
			return name
		}
	}
	return ""
}

// issuerFor is the iss of tokens for an origin. A satellite of a production
// instance has a Frontend API of its own.
func (e *Emulator) issuerFor(origin string) string {
	if !e.production() {
		return e.Issuer()
	}
	_, host, _ := strings.Cut(origin, "://")
	if name := e.satelliteOf(host); name != "" {
		return "https://clerk." + name
	}
	return e.Issuer()
}

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
	added, err := e.addSatellite(u.Host, "")
	if err != nil {
		e.fail("AddSatellite: %v", err)
		return cfg
	}
	cfg.IsSatellite, cfg.AuthorizedParties = true, []string{origin}
	if e.production() {
		cfg.Domain, cfg.ProxyURL = added.Name, ""
	}
	return cfg
}

// satelliteName reads the name of a satellite. It must be one that cannot be on
// the internet, like [Config].FrontendAPI.
func (e *Emulator) satelliteName(name string) (string, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	bad := func(problem string) (string, error) {
		return "", refusal.Param("name", "form_param_format_invalid", "name "+refusal.Quoted(name)+" "+problem)
	}
	u, err := url.Parse("https://" + name)
	switch {
	case name == "" || err != nil || u.Host != name || u.Hostname() == "" || len(name) > 253:
		return bad("is not a host")
	case e.production() && (u.Port() != "" || !strings.Contains(name, ".") || hosts.IsAddress(name)):
		return bad("is not a domain like satellite.test")
	case !hosts.Reserved(name) && strings.Contains(hosts.Name(name), "."):
		return bad("is neither loopback nor a reserved name (.test, .example, .localhost): the emulator does not act for hosts of the internet")
	}
	return name, nil
}

func (e *Emulator) addSatellite(name, proxy string) (state.Satellite, error) {
	name, err := e.satelliteName(name)
	if err != nil {
		return state.Satellite{}, err
	}
	if err := e.checkProxyURL(proxy); err != nil {
		return state.Satellite{}, err
	}
	return state.With2(e.store, func(tx *state.Tx) (state.Satellite, error) {
		if err := e.freeName(tx, name, ""); err != nil {
			return state.Satellite{}, err
		}
		d := &state.Satellite{ID: tx.IDs.Next("dmn"), Name: name, ProxyURL: proxy, Created: tx.Made()}
		d.UpdatedAt = d.Created.At
		tx.Satellites[d.ID] = d
		tx.PublishSatellites()
		return *d, nil
	})
}

func (e *Emulator) freeName(tx *state.Tx, name, id string) error {
	taken := name == e.primaryName()
	for _, other := range tx.Satellites {
		taken = taken || other.Name == name && other.ID != id
	}
	if taken {
		return refusal.Param("name", "form_already_exists", "The domain "+refusal.Quoted(name)+" exists already.")
	}
	return nil
}

// primaryName is the domain that the Frontend API is below.
func (e *Emulator) primaryName() string {
	return strings.TrimPrefix(hosts.Name(e.cfg.FrontendAPI), "clerk.")
}

// checkProxyURL wants a URL that applications could have.
func (e *Emulator) checkProxyURL(proxy string) error {
	if proxy == "" {
		return nil
	}
	u, err := url.Parse(proxy)
	switch {
	case !e.production():
		return refusal.Param("proxy_url", "form_param_unknown", "proxy_url is not a valid parameter for this request: a development instance has none.")
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || len(proxy) > state.MaxURL:
		return refusal.Param("proxy_url", "form_param_format_invalid", "proxy_url is not a URL like https://example.com/__clerk")
	}
	return nil
}

// changeSatellite changes a satellite.
func (e *Emulator) changeSatellite(id string, change func(*state.Tx, *state.Satellite) error) (state.Satellite, error) {
	return state.With2(e.store, func(tx *state.Tx) (state.Satellite, error) {
		d := tx.Satellites[id]
		if d == nil {
			return state.Satellite{}, refusal.NotFound("domain with id " + refusal.Quoted(id))
		}
		next := *d
		if err := change(tx, &next); err != nil {
			return state.Satellite{}, err
		}
		next.UpdatedAt = tx.Now()
		tx.Satellites[id] = &next
		tx.PublishSatellites()
		return next, nil
	})
}
