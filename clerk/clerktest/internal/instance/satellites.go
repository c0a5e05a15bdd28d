package instance

import (
	"net/url"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// SatelliteName reads the name of a satellite. It must be one that cannot be on
// the internet, like [Config].FrontendAPI.
func (e *API) SatelliteName(name string) (string, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	bad := func(problem string) (string, error) {
		return "", refusal.Param("name", "form_param_format_invalid", "name "+refusal.Quoted(name)+" "+problem)
	}
	u, err := url.Parse("https://" + name)
	switch {
	case name == "" || err != nil || u.Host != name || u.Hostname() == "" || len(name) > 253:
		return bad("is not a host")
	case e.Production() && (u.Port() != "" || !strings.Contains(name, ".") || hosts.IsAddress(name)):
		return bad("is not a domain like satellite.test")
	case !hosts.Reserved(name) && strings.Contains(hosts.Name(name), "."):
		return bad("is neither loopback nor a reserved name (.test, .example, .localhost): the emulator does not act for hosts of the internet")
	}
	return name, nil
}

func (e *API) AddSatellite(name, proxy string) (state.Satellite, error) {
	name, err := e.SatelliteName(name)
	if err != nil {
		return state.Satellite{}, err
	}
	if err := e.checkProxyURL(proxy); err != nil {
		return state.Satellite{}, err
	}
	return state.With2(e.Store, func(tx *state.Tx) (state.Satellite, error) {
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

func (e *API) freeName(tx *state.Tx, name, id string) error {
	taken := name == e.PrimaryName()
	for _, other := range tx.Satellites {
		taken = taken || other.Name == name && other.ID != id
	}
	if taken {
		return refusal.Param("name", "form_already_exists", "The domain "+refusal.Quoted(name)+" exists already.")
	}
	return nil
}

// checkProxyURL wants a URL that applications could have.
func (e *API) checkProxyURL(proxy string) error {
	if proxy == "" {
		return nil
	}
	u, err := url.Parse(proxy)
	switch {
	case !e.Production():
		return refusal.Param("proxy_url", "form_param_unknown", "proxy_url is not a valid parameter for this request: a development instance has none.")
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || len(proxy) > state.MaxURL:
		return refusal.Param("proxy_url", "form_param_format_invalid", "proxy_url is not a URL like https://example.com/__clerk")
	}
	return nil
}

// changeSatellite changes a satellite.
func (e *API) changeSatellite(id string, change func(*state.Tx, *state.Satellite) error) (state.Satellite, error) {
	return state.With2(e.Store, func(tx *state.Tx) (state.Satellite, error) {
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
