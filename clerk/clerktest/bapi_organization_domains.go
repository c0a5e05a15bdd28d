package clerktest

import (
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// backendDomainProof is the verification of a domain that a server vouches for.
func backendDomainProof(is bool) state.Verification {
	if is {
		return state.Done("manual_override")
	}
	return state.Verification{Status: state.Unverified}
}

func (e *Emulator) listDomainsOfOrganization(c *call) error {
	o, err := e.store.Organization(c.param(0))
	if err != nil {
		return err
	}
	return e.answerDomains(c, func(d *state.OrganizationDomain) bool { return d.OrganizationID == o.ID })
}

func (e *Emulator) answerDomains(c *call, keep func(*state.OrganizationDomain) bool) error {
	page, total, err := pickDomains(e.store, c.r.URL.Query(), keep)
	if err != nil {
		return err
	}
	out := make([]domainResource, len(page))
	for i := range page {
		out[i] = e.backendDomain(&page[i])
	}
	c.note("list of domains")
	return c.ok(listed{out, total})
}

func (e *Emulator) listDomainsOfAll(c *call) error {
	query := c.r.URL.Query()
	text, organization, names := strings.TrimSpace(query.Get("query")), query.Get("organization_id"), listParam(query, "domains")
	if query.Has("query") && text == "" {
		return refusal.Param("query", "form_param_value_invalid", "query is empty")
	}
	return e.answerDomains(c, func(d *state.OrganizationDomain) bool {
		if organization != "" && d.OrganizationID != organization || !oneOf(names, d.Name) {
			return false
		}
		if strings.HasPrefix(text, "org_") {
			return d.OrganizationID == text
		}
		return text == "" || holds(text, d.Name)
	})
}

// backendDomain is a domain with the organization that it is of.
func (e *Emulator) backendDomain(d *state.OrganizationDomain) domainResource {
	r := e.domainResource(d)
	r.Organization = e.publicOrganization(d.OrganizationID)
	return r
}

func (e *Emulator) answerDomain(c *call, d *state.OrganizationDomain, err error, what string) error {
	if err != nil {
		return err
	}
	c.note("domain " + d.Name + what)
	return c.ok(e.backendDomain(d))
}

func (e *Emulator) createDomainBAPI(c *call) error {
	var in struct {
		Name     string        `json:"name"`
		Mode     field[string] `json:"enrollment_mode"`
		Verified field[bool]   `json:"verified"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	o, err := e.store.Organization(c.param(0))
	if err != nil {
		return err
	}
	if err := e.domainsOn(); err != nil {
		return err
	}
	if in.Name == "" {
		return refusal.Missing("name")
	}
	d, err := e.store.AddDomain(o.ID, in.Name, in.Mode.Value, backendDomainProof(!given(in.Verified) || in.Verified.Value))
	return e.answerDomain(c, &d, err, " added")
}

// changeDomainBAPI works on the domain of the path.
func (e *Emulator) changeDomainBAPI(c *call, change func(*state.Tx, *state.OrganizationDomain) error) error {
	o, err := e.store.Organization(c.param(0))
	if err != nil {
		return err
	}
	d, err := e.store.WithDomain(o.ID, c.param(1), change)
	return e.answerDomain(c, &d, err, " changed")
}

func (e *Emulator) updateDomainBAPI(c *call) error {
	var in struct {
		Mode     field[string] `json:"enrollment_mode"`
		Verified field[bool]   `json:"verified"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	return e.changeDomainBAPI(c, func(tx *state.Tx, d *state.OrganizationDomain) error {
		if given(in.Mode) {
			if err := tx.CheckMode(in.Mode.Value); err != nil {
				return err
			}
			d.Mode = in.Mode.Value
		}
		if given(in.Verified) && in.Verified.Value != (d.Proof.Status == state.Verified) {
			d.Proof = backendDomainProof(in.Verified.Value)
		}
		return nil
	})
}

func (e *Emulator) deleteDomainBAPI(c *call) error {
	o, err := e.store.Organization(c.param(0))
	if err != nil {
		return err
	}
	d, err := e.store.DeleteDomain(o.ID, c.param(1))
	if err != nil {
		return err
	}
	c.note("domain " + d.Name + " removed")
	return c.ok(deletedResource{Object: "organization_domain", ID: d.ID, Deleted: true})
}

func (e *Emulator) verifyDomainOwnership(c *call) error {
	o, err := e.store.Organization(c.param(0))
	if err != nil {
		return err
	}
	d, err := domain(e.store, o.ID, c.param(1))
	if err != nil || !d.OwnedAt.IsZero() { // once is enough
		return e.answerDomain(c, &d, err, " is verified")
	}
	return e.changeDomainBAPI(c, func(tx *state.Tx, d *state.OrganizationDomain) error {
		d.OwnedAt = tx.Now()
		return nil
	})
}
