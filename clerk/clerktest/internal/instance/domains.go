package instance

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

type instanceDomain struct {
	Object            string        `json:"object"`
	ID                string        `json:"id"`
	Name              string        `json:"name"`
	Satellite         bool          `json:"is_satellite"`
	FrontendAPI       string        `json:"frontend_api_url"`
	AccountsPortal    *string       `json:"accounts_portal_url"`
	ProxyURL          *string       `json:"proxy_url"`
	DevelopmentOrigin string        `json:"development_origin"`
	CNameTargets      []cnameTarget `json:"cname_targets"`
}

type cnameTarget struct {
	Host     string `json:"host"`
	Value    string `json:"value"`
	Required bool   `json:"required"`
}

// primary describes the domain that every instance has.
func (e *API) primary() instanceDomain {
	set := e.Store.Instance()
	portal := e.FaceURL() + "/sign-in"
	d := instanceDomain{
		Object: "domain", ID: state.PrimaryDomain, Name: e.PrimaryName(), FrontendAPI: e.Issuer(), AccountsPortal: &portal, ProxyURL: wire.OptString(set.ProxyURL),
	}
	if e.Production() {
		d.CNameTargets = cnames(d.Name)
	} else if d.DevelopmentOrigin = set.DevelopmentOrigin; d.DevelopmentOrigin == "" {
		d.DevelopmentOrigin = e.Config.Origins[0]
	}
	return d
}

func (e *API) describeSatellite(s *state.Satellite) instanceDomain {
	d := instanceDomain{
		Object: "domain", ID: s.ID, Name: s.Name, Satellite: true, FrontendAPI: e.Issuer(), ProxyURL: wire.OptString(s.ProxyURL),
	}
	if e.Production() {
		d.FrontendAPI, d.CNameTargets = "https://clerk."+s.Name, cnames(s.Name)
	}
	return d
}

// cnames says which names a domain needs. They lead to the emulator by the hosts
// file, or not at all.
func cnames(domain string) []cnameTarget {
	return []cnameTarget{{"clerk." + domain, "localhost", true}}
}

func (e *API) listDomainsBAPI(c *wire.Call) error {
	var all []state.Satellite
	e.Store.View(func(tx *state.Tx) {
		all = state.List(tx.Satellites, func(d *state.Satellite) state.Made { return d.Created }, nil)
	})
	out := []instanceDomain{e.primary()}
	for i := range all {
		out = append(out, e.describeSatellite(&all[i]))
	}
	c.Note("domains of the instance")
	return c.OK(wire.Listed{Data: out, Total: len(out)})
}

func (e *API) addDomainBAPI(c *wire.Call) error {
	var in struct {
		Name      string             `json:"name"`
		Satellite wire.Field[bool]   `json:"is_satellite"`
		ProxyURL  wire.Field[string] `json:"proxy_url"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	switch {
	case in.Name == "":
		return refusal.Missing("name")
	case !wire.Given(in.Satellite):
		return refusal.Missing("is_satellite")
	case !in.Satellite.Value:
		return refusal.Param("is_satellite", "primary_domain_already_exists",
			"Currently, only a single primary domain is supported and the current instance already has one. All new domains need to be set a satellites.")
	}
	d, err := e.AddSatellite(in.Name, in.ProxyURL.Value)
	return e.answerSatellite(c, &d, err, " added")
}

func (e *API) answerSatellite(c *wire.Call, d *state.Satellite, err error, what string) error {
	if err != nil {
		return err
	}
	c.Note("satellite " + d.Name + what)
	return c.OK(e.describeSatellite(d))
}

func (e *API) updateDomainOfInstance(c *wire.Call) error {
	var in struct {
		Name      wire.Field[string] `json:"name"`
		ProxyURL  wire.Field[string] `json:"proxy_url"`
		Secondary wire.Field[bool]   `json:"is_secondary"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if in.ProxyURL.Set && !e.Production() {
		return refusal.BadRequest("domain_update_forbidden", "Domain can be only updated for production instances")
	}
	if err := e.checkProxyURL(in.ProxyURL.Value); err != nil {
		return err
	}
	if c.Param(0) == state.PrimaryDomain {
		if wire.Given(in.Name) && in.Name.Value != e.PrimaryName() {
			return &refusal.Error{
				Kind: refusal.KindNotImplemented, Code: "not_implemented_in_emulator", Message: "Not implemented in the emulator",
				Long: "The emulator does not change the host of its Frontend API: see Config.FrontendAPI.", Param: "", Meta: nil,
			}
		}
		if _, err := e.Store.ChangeInstance(func(_ *state.Tx, set *state.InstanceSettings) error {
			in.ProxyURL.Into(&set.ProxyURL)
			return nil
		}); err != nil {
			return err
		}
		c.Note("primary domain changed")
		return c.OK(e.primary())
	}
	name := in.Name.Value
	if wire.Given(in.Name) {
		var err error
		if name, err = e.SatelliteName(name); err != nil {
			return err
		}
	}
	d, err := e.changeSatellite(c.Param(0), func(tx *state.Tx, d *state.Satellite) error {
		if wire.Given(in.Name) {
			if err := e.freeName(tx, name, d.ID); err != nil {
				return err
			}
			d.Name = name
		}
		in.ProxyURL.Into(&d.ProxyURL)
		return nil
	})
	return e.answerSatellite(c, &d, err, " changed")
}

func (e *API) deleteDomainOfInstance(c *wire.Call) error {
	id := c.Param(0)
	if id == state.PrimaryDomain {
		return &refusal.Error{
			Kind: refusal.KindNotAllowed, Code: "operation_not_allowed_on_primary_domain", Message: "operation not allowed",
			Long: "This operation is not allowed on a primary domain. Try again with a satellite domain of the instance.", Param: "", Meta: nil,
		}
	}
	if err := e.Store.DeleteSatellite(id); err != nil {
		return err
	}
	c.Note("satellite deleted")
	return c.OK(answers.DeletedResource{Object: "domain", ID: id, Deleted: true})
}

// verifyProxy says whether a proxy leads here. The emulator asks nobody on the
// internet: a proxy is fine whose URL is one of the application's origins.
func (e *API) verifyProxy(c *wire.Call) error {
	var in struct {
		DomainID string `json:"domain_id"`
		ProxyURL string `json:"proxy_url"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	switch {
	case in.DomainID == "":
		return refusal.Missing("domain_id")
	case in.ProxyURL == "":
		return refusal.Missing("proxy_url")
	}
	if err := e.checkProxyURL(in.ProxyURL); err != nil {
		return err
	}
	var known bool
	e.Store.View(func(tx *state.Tx) {
		known = in.DomainID == state.PrimaryDomain || tx.Satellites[in.DomainID] != nil
	})
	if !known {
		return refusal.NotFound("domain with id " + refusal.Quoted(in.DomainID))
	}
	if !e.AllowedOrigin(in.ProxyURL) {
		return refusal.Param("proxy_url", "invalid_proxy_configuration",
			"Clerk Frontend API cannot be accessed through the proxy URL. Make sure your proxy is configured correctly.")
	}
	now := wire.Millis(e.Now())
	c.Note("proxy checked")
	return c.OK(struct {
		Object     string `json:"object"`
		ID         string `json:"id"`
		DomainID   string `json:"domain_id"`
		LastRunAt  *int64 `json:"last_run_at"`
		ProxyURL   string `json:"proxy_url"`
		Successful bool   `json:"successful"`
		CreatedAt  int64  `json:"created_at"`
		UpdatedAt  int64  `json:"updated_at"`
	}{"proxy_check", e.IDs.Next("proxchk"), in.DomainID, &now, in.ProxyURL, true, now, now})
}
