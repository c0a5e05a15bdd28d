package conformance

import (
	"crypto/rsa"
	"slices"
	"strings"
)

// header is mostly good, and sometimes bad in one way.
func (g *generator) header() (object, *rsa.PrivateKey) {
	h, key := object{"alg": "RS256", "typ": "JWT", "kid": "ins_ours"}, g.ours
	switch g.IntN(60) {
	case 0:
		h["alg"] = one(g, "none", "HS256", "RS512", "ES256", "")
	case 1:
		h["typ"] = one(g, "at+jwt", "jwt", "", "application/at+jwt")
	case 2:
		delete(h, "typ")
	case 3:
		h["kid"] = one(g, "ins_other", "ins_foreign")
	case 4:
		key = g.foreign
	case 5:
		h["kid"], key = "ins_foreign", g.foreign
	case 6, 7:
		h["cat"] = one(g, "cl_B7d4PD222AAA", "cl_B7d4PD333AAA", "x", "")
	case 8, 9, 10:
		h["cat"] = one(g, "cl_B7d4PD111AAA", "cl_I7d4PD111III")
	case 11:
		h["crit"] = []string{"b64"}
	}
	return h, key
}

func (g *generator) times(p object) {
	age := int64(one(g, 0, 5, 10, 30, 45, 50))
	switch g.IntN(14) {
	case 0, 1, 2:
		age = int64(one(g, 61, 64, 65, 66, 100, 1000)) // expired, or about to be
	case 3:
		p["nbf"] = g.now + int64(one(g, 4, 5, 6, 60))
	case 4:
		age = -int64(one(g, 4, 5, 6, 60))
	case 5:
		delete(p, one(g, "exp", "nbf", "iat"))
		return
	}
	p["iat"], p["exp"] = g.now-age, g.now-age+60
	if p["nbf"] == nil {
		p["nbf"] = g.now - age - 10
	}
}

func (g *generator) newSession() string {
	h, key := g.header()
	p := object{
		"sub": one(g, "user_1", "user_2"), "sid": one(g, "sess_1", "sess_2"),
		"iss": "https://" + g.inst.fapi, "azp": "https://example.com", "fva": []int{1, -1},
	}
	p["nbf"] = nil
	g.times(p)
	if p["nbf"] == nil {
		delete(p, "nbf")
	}
	switch g.IntN(24) {
	case 0:
		p["iss"] = one(g, "https://other.clerk.example", "", "clerk.example.com", "http://"+g.inst.fapi)
	case 1:
		delete(p, one(g, "iss", "azp", "sid"))
	case 2:
		p["azp"] = one(g, "https://b.example", "", "https://evil.example")
	case 3:
		p["sts"] = one(g, "pending", "active")
	case 4:
		p["aud"] = one[any](g, "aud1", "x", []string{"aud1", "y"}, []string{})
	case 5:
		p["sub"] = one(g, "mch_1", "")
	case 6:
		p["act"] = object{"sub": "user_admin"}
	}
	switch g.IntN(4) {
	case 0:
		p["org_id"], p["org_slug"], p["org_role"] = one(g, "org_a", "org_b"), one(g, "acme", "bcorp"), "org:admin"
		p["org_permissions"] = []string{"org:a:read"}
	case 1:
		p["v"], p["fea"], p["pla"] = 2, one(g, "o:dash", "o:dash,o:teams", "u:beta,o:dash", "uo:x,o:y"), "o:pro"
		if g.chance(70) {
			p["o"] = object{
				"id": one(g, "org_a", "org_b"), "slg": one(g, "acme", "bcorp"), "rol": one(g, "admin", "member"),
				"per": one(g, "read,manage", "read", ""), "fpm": one(g, "3,1", "1", "2,2", ""),
			}
		}
	}
	return g.sign(key, h, p)
}

func (g *generator) newMachine() string {
	h, key := g.header()
	var p object
	if g.chance(50) {
		p = object{"sub": "mch_1", "jti": "mt_1", "iss": "https://" + g.inst.fapi, "role": "x"}
		if g.chance(50) {
			h["cat"] = "cl_B7d4PD333AAA"
		}
		if g.chance(70) {
			p["scopes"] = one(g, "a b", "a")
		} else {
			p["aud"] = []string{"mch_2", "aud1"}
		}
	} else {
		h["typ"] = one(g, "at+jwt", "application/at+jwt")
		p = object{"sub": "user_1", "jti": "oat_1", "client_id": "client_1", "iss": "https://" + g.inst.fapi}
		if g.chance(50) {
			p["scp"] = []string{"r", "w"}
		} else {
			p["scope"] = "r w"
		}
		if g.chance(40) {
			p["aud"] = one[any](g, "aud1", "x", []string{"x", "aud1"})
		}
	}
	if g.chance(50) {
		p["azp"] = one(g, "https://example.com", "https://evil.example", "client_1", "")
	}
	p["nbf"] = nil
	g.times(p)
	if p["nbf"] == nil {
		delete(p, "nbf")
	}
	return g.sign(key, h, p)
}

// newExpired is a good session token of a minute ago.
func (g *generator) newExpired() string {
	iat := g.now - int64(one(g, 66, 90, 3600))
	return g.sign(g.ours, object{"alg": "RS256", "typ": "JWT", "kid": "ins_ours"}, object{
		"sub": one(g, "user_1", "user_2"), "sid": one(g, "sess_1", "sess_2"), "iss": "https://" + g.inst.fapi, "azp": "https://example.com",
		"iat": iat, "nbf": iat - 10, "exp": iat + 60,
	})
}

// scene makes of some cases what chance rarely puts together.
func (g *generator) scene(c *Case) {
	set := func(name, value string) {
		c.Request.Headers = slices.DeleteFunc(c.Request.Headers, func(h [2]string) bool { return strings.EqualFold(h[0], name) })
		c.Request.Headers = append(c.Request.Headers, [2]string{name, value})
	}
	switch g.IntN(16) {
	case 0: // a machine token in the form of a JWT, where parties are set
		set("authorization", "Bearer "+one(g, g.machine...))
		c.Options.AuthorizedParties = strs{"https://example.com"}
		c.Options.AcceptsToken = accepts{list: []string{one(g, "any", "m2m_token", "oauth_token")}}
	case 1: // an expired token in the header, and what could refresh one in a cookie
		set("authorization", "Bearer "+one(g, g.expired[g.inst.fapi]...))
		cookies := "__refresh_" + g.inst.suffix + "=rt_1; __client_uat=" + g.uat()
		if g.chance(50) {
			cookies += "; __session=" + g.sessionCookie()
		}
		set("cookie", cookies)
	}
}

// directives are the answer of a handshake or a refresh.
func (g *generator) directives() []string {
	session := "__session"
	if g.chance(30) {
		session += "_" + g.inst.suffix
	}
	d := []string{session + "=" + g.session() + "; Path=/; SameSite=Lax", "__client_uat=1749999990; Path=/"}
	switch g.IntN(12) {
	case 0, 1:
		d = []string{"__session=; Path=/", "__client_uat=0; Path=/"}
	case 2:
		d = append(d, "foo=bar; Path=/")
	case 3:
		d = d[1:]
	case 4:
		d = append(d, "__clerk_x=1\nevil=1")
	case 5:
		d = []string{}
	}
	return d
}

func (g *generator) newHandshake() string {
	h, key := g.header()
	p := object{"handshake": g.directives()}
	switch g.IntN(10) {
	case 0:
		p["exp"] = g.now + int64(one(g, -60, -1, 60))
	case 1:
		p["iat"], p["nbf"] = g.now-int64(one(g, 5, -60)), g.now-5
	case 2:
		p = object{"foo": 1}
	case 3:
		p["sub"] = "user_1"
	}
	return g.sign(key, h, p)
}

func (g *generator) session() string {
	return one(g, g.sessions[g.inst.fapi]...)
}
