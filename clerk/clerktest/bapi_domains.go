package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
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
func (e *Emulator) primary() instanceDomain {
	set := e.store.Instance()
	portal := e.faceURL() + "/sign-in"
	d := instanceDomain{
		Object: "domain", ID: state.PrimaryDomain, Name: e.primaryName(), FrontendAPI: e.Issuer(), AccountsPortal: &portal, ProxyURL: optString(set.ProxyURL),
	}
	if e.production() {
		d.CNameTargets = cnames(d.Name)
	} else if d.DevelopmentOrigin = set.DevelopmentOrigin; d.DevelopmentOrigin == "" {
		d.DevelopmentOrigin = e.cfg.Origins[0]
	}
	return d
}

func (e *Emulator) describeSatellite(s *state.Satellite) instanceDomain {
	d := instanceDomain{
		Object: "domain", ID: s.ID, Name: s.Name, Satellite: true, FrontendAPI: e.Issuer(), ProxyURL: optString(s.ProxyURL),
	}
	if e.production() {
		d.FrontendAPI, d.CNameTargets = "https://clerk."+s.Name, cnames(s.Name)
	}
	return d
}

// cnames says which names a domain needs. They lead to the emulator by the hosts
// file, or not at all.
func cnames(domain string) []cnameTarget {
	return []cnameTarget{{"clerk." + domain, "localhost", true}}
}

func (e *Emulator) listDomainsBAPI(c *call) error {
	var all []state.Satellite
	e.store.View(func(tx *state.Tx) {
		all = state.List(tx.Satellites, func(d *state.Satellite) state.Made { return d.Created }, nil)
	})
	out := []instanceDomain{e.primary()}
	for i := range all {
		out = append(out, e.describeSatellite(&all[i]))
	}
	c.note("domains of the instance")
	return c.ok(listed{out, len(out)})
}

func (e *Emulator) addDomainBAPI(c *call) error {
	var in struct {
		Name      string        `json:"name"`
		Satellite field[bool]   `json:"is_satellite"`
		ProxyURL  field[string] `json:"proxy_url"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	switch {
	case in.Name == "":
		return refusal.Missing("name")
	case !given(in.Satellite):
		return refusal.Missing("is_satellite")
	case !in.Satellite.Value:
		return refusal.Param("is_satellite", "primary_domain_already_exists",
			"Currently, only a single primary domain is supported and the current instance already has one. All new domains need to be set a satellites.")
	}
	d, err := e.addSatellite(in.Name, in.ProxyURL.Value)
	return e.answerSatellite(c, &d, err, " added")
}

func (e *Emulator) answerSatellite(c *call, d *state.Satellite, err error, what string) error {
	if err != nil {
		return err
	}
	c.note("satellite " + d.Name + what)
	return c.ok(e.describeSatellite(d))
}

func (e *Emulator) updateDomainOfInstance(c *call) error {
	var in struct {
		Name      field[string] `json:"name"`
		ProxyURL  field[string] `json:"proxy_url"`
		Secondary field[bool]   `json:"is_secondary"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.ProxyURL.Set && !e.production() {
		return refusal.BadRequest("domain_update_forbidden", "Domain can be only updated for production instances")
	}
	if err := e.checkProxyURL(in.ProxyURL.Value); err != nil {
		return err
	}
	if c.param(0) == state.PrimaryDomain {
		if given(in.Name) && in.Name.Value != e.primaryName() {
			return &refusal.Error{
				Kind: refusal.KindNotImplemented, Code: "not_implemented_in_emulator", Message: "Not implemented in the emulator",
				Long: "The emulator does not change the host of its Frontend API: see Config.FrontendAPI.", Param: "", Meta: nil,
			}
		}
		if _, err := e.store.ChangeInstance(func(_ *state.Tx, set *state.InstanceSettings) error {
			in.ProxyURL.into(&set.ProxyURL)
			return nil
		}); err != nil {
			return err
		}
		c.note("primary domain changed")
		return c.ok(e.primary())
	}
	name := in.Name.Value
	if given(in.Name) {
		var err error
		if name, err = e.satelliteName(name); err != nil {
			return err
		}
	}
	d, err := e.changeSatellite(c.param(0), func(tx *state.Tx, d *state.Satellite) error {
		if given(in.Name) {
			if err := e.freeName(tx, name, d.ID); err != nil {
				return err
			}
			d.Name = name
		}
		in.ProxyURL.into(&d.ProxyURL)
		return nil
	})
	return e.answerSatellite(c, &d, err, " changed")
}

func (e *Emulator) deleteDomainOfInstance(c *call) error {
	id := c.param(0)
	if id == state.PrimaryDomain {
		return &refusal.Error{
			Kind: refusal.KindNotAllowed, Code: "operation_not_allowed_on_primary_domain", Message: "operation not allowed",
			Long: "This operation is not allowed on a primary domain. Try again with a satellite domain of the instance.", Param: "", Meta: nil,
		}
	}
	if err := e.store.DeleteSatellite(id); err != nil {
		return err
	}
	c.note("satellite deleted")
	return c.ok(deletedResource{Object: "domain", ID: id, Deleted: true})
}

// verifyProxy says whether a proxy leads here. The emulator asks nobody on the
// internet: a proxy is fine whose URL is one of the application's origins.
func (e *Emulator) verifyProxy(c *call) error {
	var in struct {
		DomainID string `json:"domain_id"`
		ProxyURL string `json:"proxy_url"`
	}
	if err := c.decode(&in); err != nil {
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
	e.store.View(func(tx *state.Tx) {
		known = in.DomainID == state.PrimaryDomain || tx.Satellites[in.DomainID] != nil
	})
	if !known {
		return refusal.NotFound("domain with id " + refusal.Quoted(in.DomainID))
	}
	if !e.allowedOrigin(in.ProxyURL) {
		return refusal.Param("proxy_url", "invalid_proxy_configuration",
			"Clerk Frontend API cannot be accessed through the proxy URL. Make sure your proxy is configured correctly.")
	}
	now := millis(e.Now())
	c.note("proxy checked")
	return c.ok(struct {
		Object     string `json:"object"`
		ID         string `json:"id"`
		DomainID   string `json:"domain_id"`
		LastRunAt  *int64 `json:"last_run_at"`
		ProxyURL   string `json:"proxy_url"`
		Successful bool   `json:"successful"`
		CreatedAt  int64  `json:"created_at"`
		UpdatedAt  int64  `json:"updated_at"`
	}{"proxy_check", e.ids.Next("proxchk"), in.DomainID, &now, in.ProxyURL, true, now, now})
}

// isSatelliteFace reports whether a request came to the Frontend API of a
// satellite of a production instance.
func (e *Emulator) isSatelliteFace(c *call) bool {
	return e.production() && e.satelliteOf(e.face(c).Host) != ""
}
