package clerktest

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

const yearSeconds = 365 * 24 * 60 * 60

// paramDevBrowser names the dev browser in URLs.
const paramDevBrowser = clerk.CookieDevBrowser

// browser recognizes the browser that sent a request to the Frontend API. An
// unknown dev browser is an error, upon which clerk-js asks for a new one.
func (e *Emulator) browser(c *call) (state.Browser, error) {
	b, ok := e.store.Recognize(e.identity(c, false))
	if !ok {
		return state.Browser{}, &refusal.Error{
			Kind: refusal.KindUnauthenticated, Code: "dev_browser_unauthenticated", Message: "Browser unauthenticated",
			Long: "Unable to authenticate this browser for your development instance.", Param: "", Meta: nil,
		}
	}
	return b, nil
}

// browserOfPage recognizes a browser that navigates, so that cookies of the
// application come along where it is on the same host. A dev browser that does
// not exist is as good as none.
func (e *Emulator) browserOfPage(c *call, devBrowser string) state.Browser {
	who := e.identity(c, true)
	if devBrowser != "" && e.cfg.Instance == clerk.Development {
		who.DevBrowser = devBrowser
	}
	b, ok := e.store.Recognize(who)
	if !ok {
		who.DevBrowser = ""
		b, _ = e.store.Recognize(who)
	}
	return b
}

func (e *Emulator) identity(c *call, cookies bool) state.Identity {
	var who state.Identity
	agent := c.r.UserAgent()
	who.Agent = strings.ToValidUTF8(agent[:min(len(agent), maxAgent)], "")
	if e.cfg.Instance == clerk.Development {
		query := c.r.URL.Query()
		who.DevBrowser = query.Get(paramDevBrowser)
		if who.DevBrowser == "" {
			who.DevBrowser = query.Get("__dev_session")
		}
		if cookies {
			for _, name := range []string{e.key.SuffixedCookie(clerk.CookieDevBrowser), clerk.CookieDevBrowser} {
				for _, cookie := range c.r.CookiesNamed(name) {
					who.Cookies = append(who.Cookies, cookie.Value)
				}
			}
		}
	}
	for _, cookie := range c.r.CookiesNamed(clerk.CookieClient) {
		who.Token = cookie.Value
		if b, _ := e.store.Recognize(state.Identity{Token: who.Token}); b.ClientID != "" {
			break // several emulators on localhost overwrite each other's
		}
	}
	return who
}

// face is the URL under which the browser knows the Frontend API: that of the
// request, or of the application's proxy.
func (e *Emulator) face(c *call) *url.URL {
	if proxy := c.r.Header.Get("Clerk-Proxy-Url"); proxy != "" {
		if u, err := url.Parse(proxy); err == nil && e.allowedOrigin(proxy) {
			return u
		}
	}
	u := &url.URL{Scheme: "http", Host: c.r.Host}
	if c.r.TLS != nil {
		u.Scheme = "https"
	}
	return u
}

// setBrowserCookies sets what the Frontend API keeps in the browser: the __client
// cookie on its own host, and in production __client_uat for the whole site,
// where clerk-js and the application read it.
func (e *Emulator) setBrowserCookies(c *call, clientID string) {
	face := e.face(c)
	if token := e.store.ClientToken(clientID); token != "" {
		c.setCookie(&http.Cookie{
			Name: clerk.CookieClient, Value: token, Path: "/", MaxAge: yearSeconds, HttpOnly: true,
			SameSite: http.SameSiteLaxMode, Secure: face.Scheme == "https",
		})
	}
	if e.cfg.Instance == clerk.Production {
		for _, cookie := range e.clientUATCookies(face, e.store.ClientUAT(clientID)) {
			c.w.Header().Add("Set-Cookie", cookie)
		}
	}
}

func (c *call) setCookie(cookie *http.Cookie) { http.SetCookie(c.w, cookie) }

// clientUATCookies says for a page when its client last changed. They are Lax in
// development too, although clerk-js makes its own Strict there: a browser that
// comes from a sign-in page on another site would not send a Strict one, and the
// application would ask again.
func (e *Emulator) clientUATCookies(page *url.URL, uat int64) []string {
	cookie := http.Cookie{
		Name: clerk.CookieClientUAT, Value: strconv.FormatInt(uat, 10), Path: "/", MaxAge: yearSeconds,
		SameSite: http.SameSiteLaxMode, Secure: page.Scheme == "https",
	}
	if e.cfg.Instance == clerk.Production {
		cookie.Domain = e.site(page.Hostname())
	} else if host := page.Hostname(); strings.Contains(host, ".") && !hosts.IsAddress(host) {
		cookie.Domain = host
	}
	return e.twice(cookie)
}

// twice returns Set-Cookie values for the plain and the suffixed name, because
// SDKs choose between them by rules of their own.
func (e *Emulator) twice(cookie http.Cookie) []string {
	plain := cookie.String()
	cookie.Name = e.key.SuffixedCookie(cookie.Name)
	return []string{plain, cookie.String()}
}

// requestOrigin is the azp of tokens for a request.
func (e *Emulator) requestOrigin(c *call) string {
	origin := c.r.Header.Get("Origin")
	if parsed, ok := hosts.ParseOrigin(origin); ok && e.allowedOrigin(parsed) {
		return parsed
	}
	return ""
}

// expired is when a cookie that is to be deleted expired.
var expired = time.Unix(0, 0)

// faceURL is the Frontend API's URL without a request at hand: the emulator's
// own, or in production the host in the publishable key where the application is
// not on localhost, because they must share cookies.
func (e *Emulator) faceURL() string {
	if e.cfg.Instance == clerk.Production {
		if u, err := url.Parse(e.cfg.Origins[0]); err == nil && !hosts.Loopback(u.Hostname()) {
			return e.Issuer()
		}
	}
	return e.URL
}
