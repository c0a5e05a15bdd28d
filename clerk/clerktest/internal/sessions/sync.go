package sessions

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// Satellites. In production a satellite has a Frontend API of its own, whose
// cookies are not the primary's: a handshake there sends the browser to the
// primary's (syncClient), which sends it back with a token for its client
// (linkClient), and then to the handshake again. In development all share one
// Frontend API, and the primary's sign-in page hands out the dev browser.

// Query parameters of the sync.
const (
	paramSynced     = "__clerk_synced"
	paramSyncTarget = "__clerk_redirect_url"
	paramLinkToken  = "__clerk_token"
	paramLinked     = "__clerk_linked"
)

// linkNonce begins what is kept for a link token.
const linkNonce = "client_link"

// needsSync sends a browser that comes to a satellite's handshake without a
// client to the primary Frontend API, once.
func (e *API) needsSync(c *wire.Call, b state.Browser) (done bool) {
	if !e.IsSatelliteFace(c) || b.ClientID != "" || c.R.URL.Query().Get(paramLinked) != "" {
		return false
	}
	face := e.Face(c).JoinPath(c.R.URL.Path)
	face.RawQuery = c.R.URL.RawQuery
	target := e.Issuer() + "/v1/client/sync?" + url.Values{
		"link_domain": {e.SatelliteOf(face.Host)}, "redirect_url": {wire.WithParam(face, paramLinked, "true")},
	}.Encode()
	c.Note("handshake of a satellite: to the primary Frontend API first")
	c.Redirect(http.StatusTemporaryRedirect, target)
	return true
}

// syncClient answers at the primary Frontend API: the browser goes back to the
// satellite's with a token for its client, if it has one.
func (e *API) syncClient(c *wire.Call) error {
	query := c.R.URL.Query()
	domain := query.Get("link_domain")
	if !e.Production() || domain == "" || e.SatelliteOf(domain) != domain {
		return refusal.Param("link_domain", "form_param_value_invalid", "link_domain "+refusal.Quoted(domain)+" is no satellite of a production instance")
	}
	back, err := e.satelliteURL(query.Get("redirect_url"), domain)
	if err != nil {
		return err
	}
	b := e.BrowserOfPage(c, "")
	location := back.String()
	if b.ClientID != "" {
		link := *back
		link.Path, link.RawQuery = strings.TrimSuffix(back.Path, "/handshake")+"/link", ""
		location = wire.WithParam(&link, paramLinkToken, e.Store.PutNonce([]string{linkNonce, b.ClientID, domain, location}))
	}
	c.Note("client synced with satellite " + domain)
	c.Redirect(http.StatusTemporaryRedirect, location)
	return nil
}

// satelliteURL reads a URL on the Frontend API of a satellite.
func (e *API) satelliteURL(s, domain string) (*url.URL, error) {
	u, err := e.RedirectURL(s)
	if err != nil {
		return nil, err
	}
	if e.SatelliteOf(u.Host) != domain || !strings.HasSuffix(u.Path, "/v1/client/handshake") {
		return nil, refusal.Param("redirect_url", "form_param_value_invalid", "redirect_url is not a handshake of "+domain)
	}
	return u, nil
}

// linkClient gives the browser the client at the satellite's Frontend API, too.
// The token is good for one satellite, once, and not for long.
func (e *API) linkClient(c *wire.Call) error {
	taken, ok := e.Store.TakeNonce(c.R.URL.Query().Get(paramLinkToken))
	if !ok || len(taken) != 4 || taken[0] != linkNonce || taken[2] != e.SatelliteOf(e.Face(c).Host) {
		return refusal.BadRequest("invalid_link_token", "The token does not link a client to this domain, has been used, or is too old.")
	}
	back, err := e.satelliteURL(taken[3], taken[2])
	if err != nil {
		return err
	}
	e.SetBrowserCookies(c, taken[1])
	c.Note("client linked to satellite " + taken[2])
	c.Redirect(http.StatusTemporaryRedirect, back.String())
	return nil
}

// SyncDevelopment answers at the sign-in page of a development instance, where
// servers of satellites send browsers: it sends them back with their dev browser.
func (e *API) SyncDevelopment(c *wire.Call) (done bool, err error) {
	target := c.R.URL.Query().Get(paramSyncTarget)
	if target == "" || e.Config.Instance != clerk.Development {
		return false, nil
	}
	back, err := e.RedirectURL(target)
	if err != nil {
		return true, err
	}
	b := e.Store.EnsureDevBrowser(e.BrowserOfPage(c, ""))
	with, err := url.Parse(wire.WithParam(back, wire.ParamDevBrowser, b.DevBrowser))
	if err != nil {
		return true, wire.ErrBody()
	}
	e.SetBrowserCookies(c, b.ClientID)
	c.Note("satellite synced: sent back with its dev browser")
	c.Redirect(http.StatusTemporaryRedirect, wire.WithParam(with, paramSynced, "true"))
	return true, nil
}
