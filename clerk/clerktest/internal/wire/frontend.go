package wire

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

const YearSeconds = 365 * 24 * 60 * 60

// ParamDevBrowser names the dev browser in URLs.
const ParamDevBrowser = clerk.CookieDevBrowser

// Browser recognizes the browser that sent a request to the Frontend API. An
// unknown dev browser is an error, upon which clerk-js asks for a new one.
func (e *Server) Browser(c *Call) (state.Browser, error) {
	b, ok := e.Store.Recognize(e.identity(c, false))
	if !ok {
		return state.Browser{}, &refusal.Error{
			Kind: refusal.KindUnauthenticated, Code: "dev_browser_unauthenticated", Message: "Browser unauthenticated",
			Long: "Unable to authenticate this browser for your development instance.", Param: "", Meta: nil,
		}
	}
	return b, nil
}

// BrowserOfPage recognizes a browser that navigates, so that cookies of the
// application come along where it is on the same host. A dev browser that does
// not exist is as good as none.
func (e *Server) BrowserOfPage(c *Call, devBrowser string) state.Browser {
	who := e.identity(c, true)
	if devBrowser != "" && e.Config.Instance == clerk.Development {
		who.DevBrowser = devBrowser
	}
	b, ok := e.Store.Recognize(who)
	if !ok {
		who.DevBrowser = ""
		b, _ = e.Store.Recognize(who)
	}
	return b
}

func (e *Server) identity(c *Call, cookies bool) state.Identity {
	var who state.Identity
	agent := c.R.UserAgent()
	who.Agent = strings.ToValidUTF8(agent[:min(len(agent), maxAgent)], "")
	if e.Config.Instance == clerk.Development {
		query := c.R.URL.Query()
		who.DevBrowser = query.Get(ParamDevBrowser)
		if who.DevBrowser == "" {
			who.DevBrowser = query.Get("__dev_session")
		}
		if cookies {
			for _, name := range []string{e.Key.SuffixedCookie(clerk.CookieDevBrowser), clerk.CookieDevBrowser} {
				for _, cookie := range c.R.CookiesNamed(name) {
					who.Cookies = append(who.Cookies, cookie.Value)
				}
			}
		}
	}
	for _, cookie := range c.R.CookiesNamed(clerk.CookieClient) {
		who.Token = cookie.Value
		if b, _ := e.Store.Recognize(state.Identity{Token: who.Token}); b.ClientID != "" {
			break // several emulators on localhost overwrite each other's
		}
	}
	return who
}

// Face is the URL under which the browser knows the Frontend API: that of the
// request, or of the application's proxy.
func (e *Server) Face(c *Call) *url.URL {
	if proxy := c.R.Header.Get("Clerk-Proxy-Url"); proxy != "" {
		if u, err := url.Parse(proxy); err == nil && e.AllowedOrigin(proxy) {
			return u
		}
	}
	u := &url.URL{Scheme: "http", Host: c.R.Host}
	if c.R.TLS != nil {
		u.Scheme = "https"
	}
	return u
}

// SetBrowserCookies sets what the Frontend API keeps in the browser: the __client
// cookie on its own host, and in production __client_uat for the whole site,
// where clerk-js and the application read it.
func (e *Server) SetBrowserCookies(c *Call, clientID string) {
	face := e.Face(c)
	if token := e.Store.ClientToken(clientID); token != "" {
		c.SetCookie(&http.Cookie{
			Name: clerk.CookieClient, Value: token, Path: "/", MaxAge: YearSeconds, HttpOnly: true,
			SameSite: http.SameSiteLaxMode, Secure: face.Scheme == "https",
		})
	}
	if e.Config.Instance == clerk.Production {
		for _, cookie := range e.ClientUATCookies(face, e.Store.ClientUAT(clientID)) {
			c.W.Header().Add("Set-Cookie", cookie)
		}
	}
}

func (c *Call) SetCookie(cookie *http.Cookie) { http.SetCookie(c.W, cookie) }

// ClientUATCookies says for a page when its client last changed. They are Lax in
// development too, although clerk-js makes its own Strict there: a browser that
// comes from a sign-in page on another site would not send a Strict one, and the
// application would ask again.
func (e *Server) ClientUATCookies(page *url.URL, uat int64) []string {
	cookie := http.Cookie{
		Name: clerk.CookieClientUAT, Value: strconv.FormatInt(uat, 10), Path: "/", MaxAge: YearSeconds,
		SameSite: http.SameSiteLaxMode, Secure: page.Scheme == "https",
	}
	if e.Config.Instance == clerk.Production {
		cookie.Domain = e.Site(page.Hostname())
	} else if host := page.Hostname(); strings.Contains(host, ".") && !hosts.IsAddress(host) {
		cookie.Domain = host
	}
	return e.Twice(cookie)
}

// Twice returns Set-Cookie values for the plain and the suffixed name, because
// SDKs choose between them by rules of their own.
func (e *Server) Twice(cookie http.Cookie) []string {
	plain := cookie.String()
	cookie.Name = e.Key.SuffixedCookie(cookie.Name)
	return []string{plain, cookie.String()}
}

// RequestOrigin is the azp of tokens for a request.
func (e *Server) RequestOrigin(c *Call) string {
	origin := c.R.Header.Get("Origin")
	if parsed, ok := hosts.ParseOrigin(origin); ok && e.AllowedOrigin(parsed) {
		return parsed
	}
	return ""
}

// Expired is when a cookie that is to be deleted expired.
var Expired = time.Unix(0, 0)

// FaceURL is the Frontend API's URL without a request at hand: the emulator's
// own, or in production the host in the publishable key where the application is
// not on localhost, because they must share cookies.
func (e *Server) FaceURL() string {
	if e.Config.Instance == clerk.Production {
		if u, err := url.Parse(e.Config.Origins[0]); err == nil && !hosts.Loopback(u.Hostname()) {
			return e.Issuer()
		}
	}
	return e.URL
}

// maxAgent bounds what is kept of a User-Agent header.
const maxAgent = 512
