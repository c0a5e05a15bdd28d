package clerktest

import (
	"net/url"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// satellite is another domain of the instance, whose users sign in on the
// primary one.
type satellite struct {
	ID, Name  string // a host, in development with its port
	ProxyURL  string
	Created   made
	UpdatedAt time.Time
}

// primaryDomain is the id of the domain that every instance has.
const primaryDomain = "dmn_primary"

// publishSatellites makes the satellites known to whoever checks origins.
func (tx *stateTx) publishSatellites() {
	names := make([]string, 0, len(tx.Satellites))
	for _, d := range tx.Satellites {
		names = append(names, d.Name)
	}
	tx.hosts.Store(&names)
}

// satelliteOf returns the satellite that a host with its port belongs to, "" if
// there is none. In production subdomains belong to it as well.
func (e *Emulator) satelliteOf(hostport string) string {
	names := e.store.hosts.Load()
	if names == nil {
		return ""
	}
	hostport = strings.ToLower(hostport)
	host := hostname(hostport)
	for _, name := range *names {
		if hostport == name || host == name || e.production() && below(host, name) {
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
	parsed, ok := parseOrigin(origin)
	u, err := url.Parse(parsed)
	if !ok || err != nil || parsed != origin {
		e.fail("AddSatellite: %s is not an origin like http://localhost:4000", quoted(origin))
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
		return "", errParam("name", "form_param_format_invalid", "name "+quoted(name)+" "+problem)
	}
	u, err := url.Parse("https://" + name)
	switch {
	case name == "" || err != nil || u.Host != name || u.Hostname() == "" || len(name) > 253:
		return bad("is not a host")
	case e.production() && (u.Port() != "" || !strings.Contains(name, ".") || isAddress(name)):
		return bad("is not a domain like satellite.test")
	case !reservedName(name) && strings.Contains(hostname(name), "."):
		return bad("is neither loopback nor a reserved name (.test, .example, .localhost): the emulator does not act for hosts of the internet")
	}
	return name, nil
}

func (e *Emulator) addSatellite(name, proxy string) (satellite, error) {
	name, err := e.satelliteName(name)
	if err != nil {
		return satellite{}, err
	}
	if err := e.checkProxyURL(proxy); err != nil {
		return satellite{}, err
	}
	return with2(e.store, func(tx *stateTx) (satellite, error) {
		if err := e.freeName(tx, name, ""); err != nil {
			return satellite{}, err
		}
		d := &satellite{ID: tx.ids.next("dmn"), Name: name, ProxyURL: proxy, Created: tx.made()}
		d.UpdatedAt = d.Created.At
		tx.Satellites[d.ID] = d
		tx.publishSatellites()
		return *d, nil
	})
}

func (e *Emulator) freeName(tx *stateTx, name, id string) error {
	taken := name == e.primaryName()
	for _, other := range tx.Satellites {
		taken = taken || other.Name == name && other.ID != id
	}
	if taken {
		return errParam("name", "form_already_exists", "The domain "+quoted(name)+" exists already.")
	}
	return nil
}

// primaryName is the domain that the Frontend API is below.
func (e *Emulator) primaryName() string {
	return strings.TrimPrefix(hostname(e.cfg.FrontendAPI), "clerk.")
}

// checkProxyURL wants a URL that applications could have.
func (e *Emulator) checkProxyURL(proxy string) error {
	if proxy == "" {
		return nil
	}
	u, err := url.Parse(proxy)
	switch {
	case !e.production():
		return errParam("proxy_url", "form_param_unknown", "proxy_url is not a valid parameter for this request: a development instance has none.")
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || len(proxy) > maxURL:
		return errParam("proxy_url", "form_param_format_invalid", "proxy_url is not a URL like https://example.com/__clerk")
	}
	return nil
}

// changeSatellite changes a satellite.
func (e *Emulator) changeSatellite(id string, change func(*stateTx, *satellite) error) (satellite, error) {
	return with2(e.store, func(tx *stateTx) (satellite, error) {
		d := tx.Satellites[id]
		if d == nil {
			return satellite{}, errNotFound("domain with id " + quoted(id))
		}
		next := *d
		if err := change(tx, &next); err != nil {
			return satellite{}, err
		}
		next.UpdatedAt = tx.now()
		tx.Satellites[id] = &next
		tx.publishSatellites()
		return next, nil
	})
}

func (s *store) deleteSatellite(id string) error {
	return s.Update(func(tx *stateTx) error {
		if tx.Satellites[id] == nil {
			return errNotFound("domain with id " + quoted(id))
		}
		delete(tx.Satellites, id)
		tx.publishSatellites()
		return nil
	})
}
