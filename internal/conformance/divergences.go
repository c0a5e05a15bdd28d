package conformance

import (
	"fmt"
	"slices"
	"strings"
)

// plainHost reports whether the kit accepts s as a host.
func plainHost(s string) bool {
	for _, c := range s {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune(".-_:[]", c)) {
			return false
		}
	}
	return !strings.HasPrefix(s, "127.1")
}

// divergences are the rules, specific ones before general ones.
var divergences = []divergence{
	// The six features.
	{"bearer-case", func(f *facts) bool {
		scheme, _, ok := strings.Cut(f.bearer, " ")
		return ok && scheme != "Bearer" && strings.EqualFold(scheme, "Bearer")
	}},
	{"bearer-spaces", func(f *facts) bool {
		scheme, rest, ok := strings.Cut(f.bearer, " ")
		return ok && scheme == "Bearer" && strings.HasPrefix(rest, " ")
	}},
	{"pem-without-secret-key", func(f *facts) bool { return f.c.Options.SecretKey == "" && f.c.Options.JWTKey != "" }},
	{"pem-forms", func(f *facts) bool {
		key := f.c.Options.JWTKey
		canonical := strings.HasPrefix(key, "-----BEGIN PUBLIC KEY-----\nMIIBIjAN") && strings.HasSuffix(key, "IDAQAB\n-----END PUBLIC KEY-----\n")
		return f.mistake("JWTKey") || key != "" && !canonical
	}},
	{"json-charset", func(f *facts) bool {
		return f.answers(func(a *Answer) bool {
			return a.ContentType != nil && strings.HasPrefix(*a.ContentType, "application/json;")
		})
	}},
	{"keys-past-interval", func(f *facts) bool { return f.r.Status == "signed-in" && f.keyServerFails() && f.good(f.earlierKeys()) }},

	// Configuration.
	{"config-proxy-url", func(f *facts) bool {
		return f.mistake("ProxyURL") || f.onlyDiffers("location") &&
			(strings.Contains(f.c.Options.ProxyURL, "?") || strings.HasPrefix(f.c.Options.ProxyURL, "HTTP"))
	}},
	{"config-satellite", func(f *facts) bool { return f.mistake("IsSatellite", "SignInURL") }},
	{"config-publishable-key", func(f *facts) bool { return f.mistake("PublishableKey") }},
	{"config-secret-key", func(f *facts) bool { return f.mistake("SecretKey") && strings.HasPrefix(f.c.Options.SecretKey, "pk_") }},
	{"config-empty-party", func(f *facts) bool { return f.mistake("AuthorizedParties") }},
	{"config-clock-skew", func(f *facts) bool { n, ok := f.c.Options.ClockSkewInMS.(float64); return ok && (n > 1e12 || n < 0) }},

	// Handshake.
	{"script-request", func(f *facts) bool {
		return f.scripted() && f.header("sec-fetch-dest") == "" && f.r.Status != "handshake" && f.c.Expect.Status == "handshake"
	}},
	{"refresh-header-token", func(f *facts) bool {
		return f.bearer != "" && f.reason() == "session-token-expired-refresh-non-eligible-header-token" &&
			(f.c.Expect.Status == "signed-in" || strings.HasPrefix(f.wantReason(), "session-token-expired-refresh-"))
	}},
	{"handshake-link-in-production", func(f *facts) bool {
		return f.production && (f.hasParam("__clerk_handshake") || f.hasParam("__clerk_handshake_nonce"))
	}},
	{"handshake-token-checks", func(f *facts) bool {
		if !f.hasParam("__clerk_handshake") && f.cookies["__clerk_handshake"] == "" {
			return false
		}
		return f.r.Error != nil && f.c.Expect.Error == nil || f.tokenLike(func(t string) bool {
			payload := part(t, 1)
			return strings.Contains(payload, `"handshake"`) && slices.ContainsFunc([]string{"exp", "nbf", "iat", "sub", "sid"},
				func(claim string) bool { return headerOf(t).Typ == "" || strings.Contains(payload, `"`+claim+`"`) })
		})
	}},
	{"redirect-target", func(f *facts) bool {
		return f.hasParam("__clerk_redirect_url") && f.reason() == "primary-responds-to-syncing"
	}},
	{"redirect-count", func(f *facts) bool {
		n := strings.TrimSpace(unescape(f.cookies["__clerk_redirect_count"]))
		return n != "" && n != "0" && n != "1" && n != "2" && n != "3"
	}},
	{"foreign-cookies", func(f *facts) bool { return f.onlyDiffers("setCookie") && f.dropsForeignCookies() }},
	{"inner-token-category", func(f *facts) bool {
		return f.gotCookies() && f.tokenLike(func(t string) bool {
			cat := headerOf(t).Cat
			return cat != nil && cat != "cl_B7d4PD111AAA" && cat != "cl_I7d4PD111III" || strings.Contains(part(t, 1), `"sub":"mch_`)
		})
	}},
	// Location and cookies differ for separate reasons, so a rule for one must not hide
	// the other.
	{"absolute-target", func(f *facts) bool {
		return f.movedToForwarded() && (f.onlyDiffers("location") || f.onlyDiffers("location", "setCookie") && f.dropsForeignCookies())
	}},
	{"forwarded-blank", func(f *facts) bool { return f.onlyDiffers("location") && f.schemeHasBlank() }},
	{"request-too-large", func(f *facts) bool { return f.reason() == "request-too-large" }},
	{"refresh-failure-detail", func(f *facts) bool {
		return strings.HasPrefix(f.reason(), "session-token-expired-refresh-") && strings.HasPrefix(f.wantReason(), "session-token-expired-refresh-")
	}},
	{"refresh-session-id", func(f *facts) bool { return f.reason() == "session-token-expired-refresh-unexpected-bapi-error" }},
	{"own-host", func(f *facts) bool {
		path := strings.SplitN(f.c.Request.URL, "/", 4)
		double := len(path) > 3 && (strings.HasPrefix(path[3], "/") || strings.HasPrefix(path[3], `\`))
		proto := strings.ToLower(strings.TrimSpace(strings.Split(f.header("x-forwarded-proto"), ",")[0]))
		return double || !plainHost(strings.Split(f.header("x-forwarded-host"), ",")[0]) || !plainHost(f.header("host")) ||
			proto != "" && proto != "http" && proto != "https"
	}},

	// Keys and outages.
	{"outage", func(f *facts) bool { return f.r.Outage }},
	{"key-cooldown", func(f *facts) bool {
		return len(f.earlier) > 0 && f.r.Status == "signed-out" && f.reason() == "jwk-kid-mismatch" && f.c.Expect.Status == "signed-in"
	}},
	{"key-id", func(f *facts) bool {
		return f.reason() == "jwk-kid-mismatch" && f.tokenLike(func(t string) bool {
			kid, ok := headerOf(t).Kid.(string)
			return !ok || kid == "undefined" || kid == ""
		})
	}},

	// Machine tokens.
	{"opaque-token-refused", func(f *facts) bool { return f.opaque() && f.r.Status == "signed-out" }},
	{"opaque-token-fields", func(f *facts) bool { return f.opaque() && f.onlyDiffers("auth") }},

	{"oauth-category", func(f *facts) bool {
		return f.tokenLike(func(t string) bool {
			h := headerOf(t)
			return strings.Contains(fmt.Sprint(h.Typ), "at+jwt") && h.Cat != nil && h.Cat != "cl_I7d4PD111III" && strings.HasSuffix(f.bearer, t)
		})
	}},

	// Tokens.
	{"token-algorithm", func(f *facts) bool {
		return f.reason() == "token-invalid-algorithm" || f.tokenLike(func(t string) bool { return strings.HasPrefix(fmt.Sprint(headerOf(t).Alg), "RS5") })
	}},
	{"audience-empty", func(f *facts) bool {
		return f.tokenLike(func(t string) bool {
			return strings.Contains(part(t, 1), `"aud":[""]`) || strings.Contains(part(t, 1), `"aud":""`)
		})
	}},
	{"token-critical", func(f *facts) bool { return f.tokenLike(func(t string) bool { return headerOf(t).Crit != nil }) }},
	{"token-too-large", func(f *facts) bool { return f.reason() == "token-too-large" }},
	{"token-empty-subject", func(f *facts) bool {
		return f.tokenLike(func(t string) bool { return strings.Contains(part(t, 1), `"sub":""`) })
	}},
	{"token-reading", func(f *facts) bool {
		return f.tokenLike(func(t string) bool { return refusedReading(t) || strings.HasSuffix(t, ".") })
	}},
	{"issuer-spelling", func(f *facts) bool {
		return f.tokenLike(func(t string) bool { return strings.Count(part(t, 1), "https://https://") > 0 })
	}},
	{"permission-index", func(f *facts) bool {
		return f.onlyDiffers("auth", "authPendingAllowed") && f.tokenLike(func(t string) bool {
			_, features, ok := strings.Cut(part(t, 1), `"fea":"`)
			features, _, _ = strings.Cut(features, `"`)
			return ok && strings.Contains(","+features, ",u:")
		})
	}},
	{"empty-feature", func(f *facts) bool { return f.onlyDiffers("auth") && f.c.Expect.Status == "signed-in" }},
	{"header-before-keys", func(f *facts) bool {
		return slices.Contains([]string{"unexpected-error", "jwk-remote-failed-to-load", "jwk-kid-mismatch", "secret-key-invalid"}, f.wantReason()) &&
			slices.Contains([]string{"token-invalid", "token-type-mismatch"}, f.reason())
	}},
}
