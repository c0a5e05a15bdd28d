package instance

import (
	"crypto/subtle"
	"net/http"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// organizationCreationDefaults suggests nothing: the instance does not offer it
// (organization_creation_defaults of the environment).
func (e *API) organizationCreationDefaults(c *wire.Call) error {
	b, _, err := e.sessions.Me(c)
	if err != nil {
		return err
	}
	if err := e.organizations.OrganizationsOn(); err != nil {
		return err
	}
	c.Note("defaults of new organizations: none")
	return e.answers.AnswerWrapped(c, b.ClientID, map[string]any{"form": map[string]any{"name": nil, "logo": nil}, "advisory": nil})
}

// accountPortal describes the emulator's own pages.
func (e *API) accountPortal(c *wire.Call) error {
	home := e.Config.Origins[0] + "/"
	c.Note("account portal")
	return c.OK(map[string]any{
		"object": "account_portal", "allowed": true, "enabled": true, "internal_linking": true,
		"after_sign_in_url": home, "after_sign_up_url": home, "after_join_waitlist_url": home,
		"after_create_organization_url": home, "after_leave_organization_url": home, "logo_link_url": home,
		"customization": map[string]any{
			"appearance": nil, "background_color_dark": nil, "background_color_light": nil, "primary_color_dark": nil, "primary_color_light": nil,
		},
	})
}

// proxyHealth says whether a request came through a proxy that is set up: it
// must tell its URL and the secret key.
func (e *API) proxyHealth(c *wire.Call) error {
	id := c.R.URL.Query().Get("domain_id")
	if id == "" {
		return refusal.BadRequest("missing_query_parameter", "The query parameter 'domain_id' is missing from the request.")
	}
	var known bool
	e.Store.View(func(tx *state.Tx) {
		known = id == state.PrimaryDomain || tx.Satellites[id] != nil
	})
	problem := ""
	switch proxy, key, client := c.R.Header.Get("Clerk-Proxy-Url"), c.R.Header.Get("Clerk-Secret-Key"), c.R.Header.Get("X-Forwarded-For"); {
	case !known:
		problem = "there is no domain with this id"
	case proxy == "" || !e.AllowedOrigin(proxy):
		problem = "Clerk-Proxy-Url is not on an origin of the application"
	case subtle.ConstantTimeCompare([]byte(key), []byte(e.Config.SecretKey)) != 1:
		problem = "Clerk-Secret-Key is not the instance's"
	case client == "":
		problem = "X-Forwarded-For is missing"
	}
	if problem != "" {
		c.Note("proxy is unhealthy: " + problem)
		wire.WriteJSON(c.W, http.StatusServiceUnavailable, map[string]string{"status": "unhealthy", "message": problem})
		return nil
	}
	c.Note("proxy is healthy")
	return c.OK(map[string]string{"status": "healthy", "x_forwarded_for": c.R.Header.Get("X-Forwarded-For")})
}

// clearSiteData makes a browser forget all that it has of the emulator, which
// pages of other sites may not ask for.
func (e *API) clearSiteData(c *wire.Call) error {
	if c.R.Header.Get("Sec-Fetch-Site") == "cross-site" {
		return &refusal.Error{Kind: refusal.KindNotAllowed, Code: "authorization_invalid", Message: "Unauthorized request", Long: "Another site asks for it.", Param: "", Meta: nil}
	}
	c.W.Header().Set("Clear-Site-Data", `"*"`)
	c.Note("site data cleared")
	c.W.WriteHeader(http.StatusOK)
	return nil
}

// billingPlans is empty: the instance has no billing.
func (e *API) billingPlans(c *wire.Call) error {
	query := c.R.URL.Query()
	switch query.Get("payer_type") {
	case "", "user", "org":
	default:
		return refusal.Param("payer_type", "form_param_value_invalid", "payer_type is neither user nor org")
	}
	none, err := wire.Page([]struct{}{}, query)
	if err != nil {
		return err
	}
	c.Note("billing plans: none")
	return c.OK(wire.Listed{Data: none, Total: 0})
}

func (e *API) billingPlan(c *wire.Call) error {
	return &refusal.Error{Kind: refusal.KindNotFound, Code: "plan_not_found", Message: "Plan not found", Long: "", Param: "", Meta: nil}
}
