package conformance

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
)

// generator makes random cases over all dimensions of a request. The same seed
// gives the same cases, but for the keys that sign their tokens.
type generator struct {
	*mathrand.Rand
	ours, foreign *rsa.PrivateKey
	jwks          json.RawMessage
	pem           string

	inst      instance
	now       int64
	sessions  map[string][]string // tokens by issuer
	handshake map[string][]string
	expired   map[string][]string
	machine   []string
}

type instance struct{ key, fapi, suffix string }

func newInstance(prefix, fapi string) instance {
	key := prefix + base64.RawStdEncoding.EncodeToString([]byte(fapi+"$"))
	pk, err := clerk.ParsePublishableKey(key)
	if err != nil {
		panic(err)
	}
	return instance{key, fapi, pk.CookieSuffix()}
}

var instances = []instance{
	newInstance("pk_live_", "clerk.example.com"),
	newInstance("pk_test_", "happy-otter-12.clerk.accounts.dev"),
	newInstance("pk_live_", "clerk.shop.test"),
	newInstance("pk_test_", "clerk.legacy.lcl.dev"),
}

const otherSuffix = "abcdEF12"

func newGenerator(t *testing.T, seed uint64) *generator {
	ours, err1 := rsa.GenerateKey(rand.Reader, 2048)
	foreign, err2 := rsa.GenerateKey(rand.Reader, 2048)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	g := &generator{Rand: mathrand.New(mathrand.NewPCG(seed, 1)), ours: ours, foreign: foreign, now: 1_750_000_000}
	g.jwks = g.marshal(map[string]any{"keys": []any{g.jwk("ins_ours", ours)}})
	der, err := x509.MarshalPKIXPublicKey(&ours.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	g.pem = string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	g.sessions, g.handshake, g.expired = map[string][]string{}, map[string][]string{}, map[string][]string{}
	for _, inst := range instances {
		g.inst = inst
		for range 120 {
			g.sessions[inst.fapi] = append(g.sessions[inst.fapi], g.newSession())
		}
		for range 40 {
			g.handshake[inst.fapi] = append(g.handshake[inst.fapi], g.newHandshake())
		}
		for range 10 {
			g.expired[inst.fapi] = append(g.expired[inst.fapi], g.newExpired())
		}
		for range 15 {
			g.machine = append(g.machine, g.newMachine())
		}
	}
	return g
}

func (g *generator) marshal(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func (g *generator) jwk(kid string, key *rsa.PrivateKey) map[string]any {
	b64 := base64.RawURLEncoding.EncodeToString
	return map[string]any{"use": "sig", "kty": "RSA", "kid": kid, "alg": "RS256", "n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes())}
}

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func one[T any](g *generator, list ...T) T { return list[g.IntN(len(list))] }

type object = map[string]any

func (g *generator) sign(key *rsa.PrivateKey, header, payload object) string {
	b64 := base64.RawURLEncoding.EncodeToString
	text := b64(g.marshal(header)) + "." + b64(g.marshal(payload))
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return text + "." + b64(sig)
}

// sessionCookie is a token, or what else stands in session cookies.
func (g *generator) sessionCookie() string {
	switch g.IntN(20) {
	case 0:
		return one(g, "", "garbage", "a.b.c", "other-app", "%", "e30.bnVsbA.x", "e30.W10.x")
	case 1:
		return one(g, g.machine...)
	case 2:
		return one(g, g.sessions[one(g, instances...).fapi]...)
	case 3:
		return strings.ReplaceAll(g.session(), ".", "%2E")
	}
	return g.session()
}

func (g *generator) uat() string {
	if g.chance(15) {
		return one(g, "", "garbage", "0x10", "-5", "00", " 7", "1e3", "%31", "1750000005", "NaN")
	}
	return one(g, "0", "0", "1", "1749999000", "1749999990", "1750000000")
}

func (g *generator) generate(id int, seed uint64) *Case {
	g.inst = one(g, instances...)
	c := &Case{ID: fmt.Sprintf("gen-%d-%05d", seed, id), Group: "generated", Now: float64(g.now * 1000)}
	g.options(c)
	g.request(c)
	g.scene(c)
	g.answers(c)
	return c
}

func (g *generator) options(c *Case) {
	o := &c.Options
	o.PublishableKey, o.APIURL = g.inst.key, "https://api.clerk.test"
	o.SecretKey = "sk_live_secret"
	if strings.HasPrefix(g.inst.key, "pk_test_") {
		o.SecretKey = "sk_test_secret"
	}
	if g.chance(40) {
		o.JWTKey = g.pem
	}
	if g.chance(5) {
		c.Entry = "no-api-client"
	}
	if g.chance(20) {
		o.IsSatellite = true
		if g.chance(97) {
			o.Domain = one(g, "sat.example", "sat.example:8443", "example.com")
		}
		if g.chance(97) {
			o.SignInURL = one(g, "https://primary.example/sign-in", "https://primary.example/sign-in?a=b%20c#f", "https://example.com/sign-in")
			if g.chance(4) {
				o.SignInURL = "/sign-in"
			}
		}
		if g.chance(50) {
			o.SatelliteAutoSync = g.chance(70)
		}
	} else if g.chance(10) {
		o.Domain, o.SignInURL = "sat.example", "https://primary.example/sign-in"
	}
	if g.chance(12) {
		o.ProxyURL = one(g, "https://px.example/__clerk", "https://px.example/__clerk//", "/__clerk", "https://px.example")
	}
	if g.chance(25) {
		o.AuthorizedParties = one(g, strs{"https://example.com"}, strs{"https://example.com", "https://b.example"}, strs{"https://nope.example"}, strs{})
	}
	if g.chance(15) {
		o.Audience = one(g, strs{"aud1"}, strs{"aud1", "aud2"}, strs{"zzz"})
	}
	if g.chance(15) {
		o.ClockSkewInMS = float64(one(g, 0, 1000, 10000, 60000))
	}
	if g.chance(25) {
		o.OrganizationSync = &orgSync{}
		switch g.IntN(5) {
		case 0:
			o.OrganizationSync.OrganizationPatterns = []string{"/orgs/:id", "/orgs/:id/(.*)"}
		case 1:
			o.OrganizationSync.OrganizationPatterns = []string{"/orgs/:slug", "/orgs/:slug/(.*)"}
			o.OrganizationSync.PersonalAccountPatterns = []string{"/me", "/me/(.*)"}
		case 2:
			o.OrganizationSync.PersonalAccountPatterns = []string{"/(.*)"}
		case 3:
			o.OrganizationSync.OrganizationPatterns = []string{"/orgs/:id?", "/:any/:slug"}
		case 4:
			o.OrganizationSync.OrganizationPatterns = []string{one(g, "/orgs/:slug(.*)", "/(orgs)/:id", "/orgs/:slug([a-z]+)", `/orgs{/:id}?`)}
		}
	}
	if g.chance(20) {
		kinds := []string{"session_token", "m2m_token", "api_key", "oauth_token"}
		switch g.IntN(3) {
		case 0:
			o.AcceptsToken.list = []string{"any"}
		case 1:
			o.AcceptsToken.list = []string{one(g, kinds...)}
		case 2:
			o.AcceptsToken.isList = true
			for _, k := range kinds {
				if g.chance(50) {
					o.AcceptsToken.list = append(o.AcceptsToken.list, k)
				}
			}
		}
		if g.chance(50) {
			o.MachineSecretKey = "ak_machine"
		}
	}
}

func (g *generator) request(c *Case) {
	r := &c.Request
	r.Method = "GET"
	if g.chance(12) {
		r.Method = one(g, "POST", "HEAD", "PUT", "get", "OPTIONS", "DELETE")
	}
	host := one(g, "example.com", "example.com", "sat.example", "localhost:3000", "app.example.com:8443")
	r.URL = one(g, "http", "https") + "://" + host + one(g, "/", "/path", "/orgs/org_a", "/orgs/acme/x", "/orgs/other", "/me", "/a%2Fb/%7Ec", "/orgs/my%20org", "/é", "/a/../orgs/org_a")
	if query := g.query(); query != "" {
		r.URL += "?" + query
	}
	add := func(name, value string) { r.Headers = append(r.Headers, [2]string{name, value}) }
	switch {
	case g.chance(90):
		add("host", host)
	case g.chance(50):
		add("host", one(g, "EXAMPLE.com", "other.example", "bad host", "example.com:443"))
	}
	if g.chance(12) {
		add("x-forwarded-host", one(g, "app.example.com", "app.example.com, proxy.internal", "a.example/path", "", "a.example:8443"))
	}
	if g.chance(12) {
		add("x-forwarded-proto", one(g, "https", "http", "https,http", "HTTPS", "foo", ""))
	}
	if g.chance(85) {
		add("sec-fetch-dest", one(g, "document", "document", "document", "iframe", "empty", "Document"))
	} else if g.chance(60) {
		h := one(g, [2]string{"hx-request", "true"}, [2]string{"hx-request", "false"}, [2]string{"x-inertia", "true"}, [2]string{"x-turbo-request-id", "6f1c"},
			[2]string{"x-requested-with", "XMLHttpRequest"}, [2]string{"x-requested-with", "com.example.browser"})
		add(h[0], h[1])
	}
	if g.chance(40) {
		add("accept", one(g, "text/html,application/xhtml+xml", "*/*", "application/json"))
	}
	if g.chance(25) {
		add("referer", one(g, "https://"+host+"/prev", "http://"+host+"/prev", "https://sat.example/x", "https://"+g.inst.fapi+"/v1", "https://accounts.example.com/sign-in",
			"https://happy-otter-12.accounts.dev/sign-in", "https://x.clerk.accounts.dev/", "about:blank", "garbage"))
	}
	if g.chance(15) {
		add("origin", one(g, "https://"+host, "https://primary.example", "null"))
	}
	if g.chance(10) {
		add("user-agent", "Mozilla/5.0")
	}
	if g.chance(30) {
		add("authorization", g.authorization())
	}
	if cookies := g.cookies(); cookies != "" {
		add("cookie", cookies)
	}
	g.Shuffle(len(r.Headers), func(i, j int) { r.Headers[i], r.Headers[j] = r.Headers[j], r.Headers[i] })
}

func (g *generator) query() string {
	var q []string
	maybe := func(percent int, p string) {
		if g.chance(percent) {
			q = append(q, p)
		}
	}
	maybe(15, one(g, "x=1", "x=a%20b~*", "x=é", "x=%zz", "x", "x='"))
	maybe(7, "__clerk_db_jwt="+one(g, "dvb_query", ""))
	maybe(4, "__dev_session=legacy")
	maybe(9, "__clerk_synced="+one(g, "false", "true", "x"))
	maybe(5, "__clerk_redirect_url="+one(g, "https%3A%2F%2Fsat.example%2Fp%3F__clerk_synced%3Dfalse", "https%3A%2F%2Fsat.example%2Fp%3Fq%3D1", "", "javascript%3Aalert(1)", "%2Frel", "http%3A%2F%2Flocalhost%3A3001%2Fa%20b%23f"))
	maybe(6, "__clerk_handshake="+one(g, one(g, g.handshake[g.inst.fapi]...), one(g, g.handshake[g.inst.fapi]...), "garbage", "", g.session()))
	maybe(4, "__clerk_handshake_nonce="+one(g, "n%201", ""))
	maybe(3, "__clerk_help=1")
	g.Shuffle(len(q), func(i, j int) { q[i], q[j] = q[j], q[i] })
	return strings.Join(q, "&")
}

func (g *generator) authorization() string {
	token := g.sessionCookie()
	switch g.IntN(6) {
	case 0:
		token = one(g, g.machine...)
	case 1:
		token = one(g, "ak_1/a=", "mt_1", "oat_1", "ak_a.b.c", "garbage", "")
	}
	scheme := "Bearer "
	if g.chance(12) {
		scheme = one(g, "", "", "Basic ", "bearer ", "Bearer  ", "Bearer    ")
	}
	return scheme + token
}

func (g *generator) cookies() string {
	var list []string
	maybe := func(percent int, name string, value func() string) {
		if g.chance(percent) {
			list = append(list, name+"="+value())
		}
	}
	text := func(values ...string) func() string { return func() string { return one(g, values...) } }
	s := "_" + g.inst.suffix
	maybe(65, "__session", g.sessionCookie)
	maybe(35, "__session"+s, g.sessionCookie)
	maybe(10, "__session_"+otherSuffix, g.sessionCookie)
	maybe(75, "__client_uat", g.uat)
	maybe(35, "__client_uat"+s, g.uat)
	maybe(30, "__refresh"+s, text("rt_1", "a%20b", ""))
	maybe(5, "__refresh", text("rt_0"))
	dev := 20
	if strings.HasPrefix(g.inst.key, "pk_test_") {
		dev = 85
	}
	maybe(dev, "__clerk_db_jwt", text("dvb_plain", "d%20v", ""))
	maybe(dev/3, "__clerk_db_jwt"+s, text("dvb_suffixed"))
	maybe(6, "__clerk_handshake", func() string { return one(g, one(g, g.handshake[g.inst.fapi]...), "garbage") })
	maybe(4, "__clerk_handshake_nonce", text("n%201", "n/2"))
	maybe(15, "__clerk_redirect_count", text("0", "1", "2", "3", "3", "4", "-1", "2.5", "x"))
	maybe(20, "theme", text("dark", "a=b"))
	g.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return strings.Join(list, one(g, "; ", "; ", ";"))
}

func (g *generator) answers(c *Case) {
	add := func(method, path string, answers ...Answer) {
		a := answers[g.IntN(len(answers))]
		a.Method, a.Path = method, path
		c.BAPI = append(c.BAPI, a)
	}
	ok := func(v any) Answer { return Answer{Status: 200, JSON: g.marshal(v)} }
	fail := func(status int, code string) Answer {
		return Answer{Status: status, JSON: g.marshal(object{"errors": []object{{"code": code, "message": "m"}}})}
	}
	down := Answer{NetworkError: true}

	keys := Answer{Status: 200, JSON: g.jwks}
	if g.chance(4) {
		keys = one(g, down, fail(500, "x"), fail(401, "clerk_key_invalid"), ok(object{"keys": []any{}}))
	}
	keys.Method, keys.Path = "GET", "/v1/jwks"
	c.BAPI = append(c.BAPI, keys)
	for _, sid := range []string{"sess_1", "sess_2"} {
		good := ok(object{"object": "cookies", "cookies": g.directives()})
		add("POST", "/v1/sessions/"+sid+"/refresh", good, good, good, fail(401, "session_revoked"), fail(422, "refresh_token_expired"), fail(500, "internal"),
			ok(object{"object": "cookies", "cookies": []string{}}), down, Answer{Status: 422, JSON: g.marshal(object{"errors": []any{}})})
	}
	payload := ok(object{"directives": g.directives()})
	add("GET", "/v1/clients/handshake_payload", payload, payload, payload, fail(404, "resource_not_found"), fail(500, "x"), down)
	token := func(object_, subject string) Answer {
		return ok(object{
			"object": object_, "id": "id_1", "subject": subject, "name": "k", "client_id": "client_1", "type": "t", "scopes": []string{"r"},
			"claims": one[any](g, nil, object{"foo": "bar"}), "revoked": g.chance(8), "expired": g.chance(8), "expiration": nil, "created_at": 1, "updated_at": 2,
			"aud": one[any](g, nil, []string{"aud1"}, []string{"x"}),
		})
	}
	add("POST", "/api_keys/verify", token("api_key", one(g, "user_1", "org_1", "x_1")), token("api_key", "user_1"), fail(404, "x"), fail(401, "x"), fail(400, "x"), fail(500, "x"), down)
	add("POST", "/m2m_tokens/verify", token("machine_to_machine_token", "mch_1"), token("machine_to_machine_token", "mch_1"), fail(404, "x"), fail(401, "x"), fail(429, "x"), down)
	add("POST", "/oauth_applications/access_tokens/verify", token("clerk_idp_oauth_access_token", "user_1"), token("clerk_idp_oauth_access_token", "user_1"), fail(404, "x"), fail(403, "x"), down)
}
