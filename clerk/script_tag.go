package clerk

import (
	"html"
	"strings"

	"github.com/clerkkit/clerkkit/internal/endpoint"
)

// defaultJSVersion is the major version of @clerk/clerk-js that pages load unless
// JSVersion says otherwise: the one that Clerk's own SDKs of 2026 load.
const defaultJSVersion = "6"

// ScriptTag returns the HTML element that loads clerk-js into a page that this server
// renders:
//
//	tag, err := cfg.ScriptTag(nonce)
//	page.Execute(w, map[string]any{"Clerk": template.HTML(tag), "Options": cfg.LoadOptions()})
//
// The page calls Clerk.load with [Config.LoadOptions] once it has loaded:
//
//	{{.Clerk}}
//	<script nonce="{{.Nonce}}">addEventListener("load", () => Clerk.load({{.Options}}))</script>
//
// The script comes from JSURL, or else from the Frontend API as browsers reach it:
// ProxyURL, a satellite's own in production, FrontendAPI, or the host in
// PublishableKey. JSVersion is the version. The element has the attributes that
// clerk-js reads (packages/shared/src/loadClerkJsScript.ts in clerk/javascript), all
// values escaped, and is async.
//
// nonce is that of the page's Content-Security-Policy, "" for none. Without a
// PublishableKey, and for a setting or a nonce that cannot be used, the error is a
// *[ConfigError].
func (c Config) ScriptTag(nonce string) (string, error) {
	key, err := ParsePublishableKey(c.PublishableKey)
	if err != nil {
		return "", err
	}
	var problem *ConfigError
	c.validateURLs(func(field, text string) {
		if problem == nil {
			problem = &ConfigError{field, text}
		}
	})
	if problem != nil {
		return "", problem
	}
	if !isNonce(nonce) {
		return "", &ConfigError{"nonce", "is not base64, as a nonce of a Content-Security-Policy must be"}
	}
	var tag strings.Builder
	tag.WriteString(`<script async crossorigin="anonymous" data-clerk-js-script`)
	attribute := func(name, value string) {
		if value != "" {
			tag.WriteString(" " + name + `="` + html.EscapeString(value) + `"`)
		}
	}
	attribute("data-clerk-publishable-key", key.String())
	attribute("data-clerk-proxy-url", endpoint.WithoutVersion(c.ProxyURL))
	if c.IsSatellite {
		attribute("data-clerk-domain", c.Domain)
	}
	attribute("nonce", nonce)
	attribute("src", c.scriptURL(key))
	tag.WriteString("></script>")
	return tag.String(), nil
}

func (c Config) scriptURL(key PublishableKey) string {
	if c.JSURL != "" {
		return c.JSURL
	}
	base := "https://" + key.FrontendAPI()
	switch {
	case c.ProxyURL != "":
		base = c.ProxyURL
	case c.IsSatellite && c.Domain != "" && key.Instance() == Production:
		base = "https://clerk." + c.Domain
	case c.FrontendAPI != "":
		base = c.FrontendAPI
	}
	version := c.JSVersion
	if version == "" {
		version = defaultJSVersion
	}
	return endpoint.WithoutVersion(base) + "/npm/@clerk/clerk-js@" + version + "/dist/clerk.browser.js"
}

// isNonce accepts the base64-value of a nonce-source
// (https://www.w3.org/TR/CSP3/#grammardef-nonce-source), and none.
func isNonce(s string) bool {
	return strings.Trim(strings.TrimRight(s, "="), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/-_") == "" &&
		(s == "" || s[0] != '=')
}

// isVersion accepts a version or a tag of npm: 6, 6.29.3, latest, 7.0.0-canary.1.
func isVersion(s string) bool {
	return strings.Trim(s, hostBytes+".+") == "" && strings.Trim(s, ".") != ""
}

// LoadOptions returns the options that a page gives to Clerk.load, by the names that
// clerk-js has for them (ClerkOptions in clerk/javascript): SignInURL, SignUpURL, the
// fallback and forced redirect URLs, and the settings of a satellite. What is not set
// is left out. encoding/json and html/template write the map as a JavaScript object. It
// holds no secret.
func (c Config) LoadOptions() map[string]any {
	options := map[string]any{}
	for _, o := range [...]struct{ name, value string }{
		{"signInUrl", c.SignInURL}, {"signUpUrl", c.SignUpURL},
		{"signInFallbackRedirectUrl", c.SignInFallbackRedirectURL}, {"signInForceRedirectUrl", c.SignInForceRedirectURL},
		{"signUpFallbackRedirectUrl", c.SignUpFallbackRedirectURL}, {"signUpForceRedirectUrl", c.SignUpForceRedirectURL},
	} {
		if o.value != "" {
			options[o.name] = o.value
		}
	}
	if c.IsSatellite {
		options["isSatellite"] = true
		if c.SatelliteAutoSync {
			options["satelliteAutoSync"] = true
		}
	}
	return options
}
