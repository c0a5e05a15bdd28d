package clerktest

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
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
func (e *Emulator) needsSync(c *call, b state.Browser) (done bool) {
	if !e.isSatelliteFace(c) || b.ClientID != "" || c.r.URL.Query().Get(paramLinked) != "" {
		return false
	}
	face := e.face(c).JoinPath(c.r.URL.Path)
	face.RawQuery = c.r.URL.RawQuery
	target := e.Issuer() + "/v1/client/sync?" + url.Values{
		"link_domain": {e.satelliteOf(face.Host)}, "redirect_url": {withParam(face, paramLinked, "true")},
	}.Encode()
	c.note("handshake of a satellite: to the primary Frontend API first")
	c.redirect(http.StatusTemporaryRedirect, target)
	return true
}

// syncClient answers at the primary Frontend API: the browser goes back to the
// satellite's with a token for its client, if it has one.
func (e *Emulator) syncClient(c *call) error {
	query := c.r.URL.Query()
	domain := query.Get("link_domain")
	if !e.production() || domain == "" || e.satelliteOf(domain) != domain {
		return refusal.Param("link_domain", "form_param_value_invalid", "link_domain "+refusal.Quoted(domain)+" is no satellite of a production instance")
	}
	back, err := e.satelliteURL(query.Get("redirect_url"), domain)
	if err != nil {
		return err
	}
	b := e.browserOfPage(c, "")
	location := back.String()
	if b.ClientID != "" {
		link := *back
		link.Path, link.RawQuery = strings.TrimSuffix(back.Path, "/handshake")+"/link", ""
		location = withParam(&link, paramLinkToken, e.store.PutNonce([]string{linkNonce, b.ClientID, domain, location}))
	}
	c.note("client synced with satellite " + domain)
	c.redirect(http.StatusTemporaryRedirect, location)
	return nil
}

// satelliteURL reads a URL on the Frontend API of a satellite.
func (e *Emulator) satelliteURL(s, domain string) (*url.URL, error) {
	u, err := e.redirectURL(s)
	if err != nil {
		return nil, err
	}
	if e.satelliteOf(u.Host) != domain || !strings.HasSuffix(u.Path, "/v1/client/handshake") {
		return nil, refusal.Param("redirect_url", "form_param_value_invalid", "redirect_url is not a handshake of "+domain)
	}
	return u, nil
}

// linkClient gives the browser the client at the satellite's Frontend API, too.
// The token is good for one satellite, once, and not for long.
func (e *Emulator) linkClient(c *call) error {
	taken, ok := e.store.TakeNonce(c.r.URL.Query().Get(paramLinkToken))
	if !ok || len(taken) != 4 || taken[0] != linkNonce || taken[2] != e.satelliteOf(e.face(c).Host) {
		return refusal.BadRequest("invalid_link_token", "The token does not link a client to this domain, has been used, or is too old.")
	}
	back, err := e.satelliteURL(taken[3], taken[2])
	if err != nil {
		return err
	}
	e.setBrowserCookies(c, taken[1])
	c.note("client linked to satellite " + taken[2])
	c.redirect(http.StatusTemporaryRedirect, back.String())
	return nil
}

// syncDevelopment answers at the sign-in page of a development instance, where
// servers of satellites send browsers: it sends them back with their dev browser.
func (e *Emulator) syncDevelopment(c *call) (done bool, err error) {
	target := c.r.URL.Query().Get(paramSyncTarget)
	if target == "" || e.cfg.Instance != clerk.Development {
		return false, nil
	}
	back, err := e.redirectURL(target)
	if err != nil {
		return true, err
	}
	b := e.store.EnsureDevBrowser(e.browserOfPage(c, ""))
	with, err := url.Parse(withParam(back, paramDevBrowser, b.DevBrowser))
	if err != nil {
		return true, errBody()
	}
	e.setBrowserCookies(c, b.ClientID)
	c.note("satellite synced: sent back with its dev browser")
	c.redirect(http.StatusTemporaryRedirect, withParam(with, paramSynced, "true"))
	return true, nil
}
