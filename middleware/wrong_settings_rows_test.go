package middleware_test

import (
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// wrongSettingRows are what people get wrong.
func wrongSettingRows(t *testing.T, em, other *clerktest.Emulator) []wrongSetting {
	env := func(name, value string) map[string]string { return map[string]string{name: value} }
	otherPEM, ourPEM := other.JWTKey(), em.JWTKey()
	claims := func(change func(map[string]any)) func() string {
		return func() string {
			now := em.Now().Unix()
			c := map[string]any{
				"sub": "user_1", "sid": "sess_1", "iss": em.Issuer(), "azp": "https://app.example.com", "iat": now - 1, "nbf": now - 1, "exp": now + 60,
			}
			change(c)
			return em.Sign(nil, c)
		}
	}
	tokens := 0
	oneAfterTheOther := claims(func(c map[string]any) {
		tokens++
		c["exp"] = em.Now().Unix() + 50 + int64(tokens)
	})
	quoted := map[string]string{}
	for _, v := range em.Environ() {
		if name, value, _ := strings.Cut(v, "="); strings.HasPrefix(name, "CLERK_") {
			quoted[name] = "\ufeff\"" + value + "\""
		}
	}
	return []wrongSetting{
		{what: "`CLERK_SECRET_KEY` and everything else missing", env: map[string]string{"CLERK_SECRET_KEY": "", "CLERK_PUBLISHABLE_KEY": ""}},
		{what: "`CLERK_SECRET_KEY` holds the publishable key", env: env("CLERK_SECRET_KEY", em.PublishableKey())},
		{what: "the two keys are swapped", env: map[string]string{"CLERK_SECRET_KEY": em.PublishableKey(), "CLERK_PUBLISHABLE_KEY": em.SecretKey()}},
		{what: "`CLERK_SECRET_KEY=sk_test_...`", env: env("CLERK_SECRET_KEY", "sk_test_...")},
		{what: "`CLERK_SECRET_KEY` with a line break in it", env: env("CLERK_SECRET_KEY", "sk_test_Super\nSecret")},
		{what: "`CLERK_SECRET_KEY` holds a machine's key", env: env("CLERK_SECRET_KEY", "ak_SuperSecret")},
		{what: "`CLERK_SECRET_KEY` of production, `CLERK_PUBLISHABLE_KEY` of development", env: env("CLERK_SECRET_KEY", "sk_live_SuperSecret")},
		{what: "`CLERK_PUBLISHABLE_KEY` cut short", env: env("CLERK_PUBLISHABLE_KEY", em.PublishableKey()[:20])},
		{what: "`CLERK_PUBLISHABLE_KEY=$NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY`", env: env("CLERK_PUBLISHABLE_KEY", "$NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY")},
		{what: "`CLERK_MACHINE_SECRET_KEY` holds the secret key", env: env("CLERK_MACHINE_SECRET_KEY", em.SecretKey())},
		{what: "`CLERK_JWT_KEY` is the URL of the key set", env: env("CLERK_JWT_KEY", "https://one.example.test/.well-known/jwks.json")},
		{what: "`CLERK_JWT_KEY` is the key set", env: env("CLERK_JWT_KEY", `{"keys":[]}`)},
		{what: "`CLERK_JWT_KEY` is a private key", env: env("CLERK_JWT_KEY", "-----BEGIN PRIVATE KEY-----\nSuperSecret\n-----END PRIVATE KEY-----")},
		{what: "`CLERK_JWT_KEY` holds two keys", env: env("CLERK_JWT_KEY", ourPEM+"\n"+otherPEM)},
		{what: "`CLERK_JWT_KEY` is damaged", env: env("CLERK_JWT_KEY", ourPEM[:100])},
		{what: "`CLERK_JWT_KEY` is an expired certificate", env: env("CLERK_JWT_KEY", expiredCertificate(t))},
		{what: "`CLERK_AUTHORIZED_PARTIES` with a slash at the end", env: env("CLERK_AUTHORIZED_PARTIES", "https://app.example.com/")},
		{what: "`CLERK_AUTHORIZED_PARTIES` without scheme", env: env("CLERK_AUTHORIZED_PARTIES", "app.example.com")},
		{what: "`CLERK_DOMAIN=clerk.example.com`", env: env("CLERK_DOMAIN", "clerk.example.com")},
		{what: "`CLERK_DOMAIN` with scheme", env: env("CLERK_DOMAIN", "https://example.com")},
		{what: "`CLERK_IS_SATELLITE` without a domain", env: map[string]string{"CLERK_IS_SATELLITE": "true", "CLERK_PROXY_URL": ""}},
		{what: "`CLERK_PROXY_URL` without a slash", env: env("CLERK_PROXY_URL", "__clerk")},
		{what: "`CLERK_API_URL` over plain http", env: map[string]string{"CLERK_API_URL": "http://api.example.com", "CLERK_INSECURE_EMULATOR": ""}},
		{what: "`CLERK_HEADER_ONLY=yes`", env: env("CLERK_HEADER_ONLY", "yes")},
		{what: "`CLERK_TRUSTED_PROXY_HOPS=one`", env: env("CLERK_TRUSTED_PROXY_HOPS", "one")},
		{what: "`CLERK_PUBLIC_URL` with a path", env: env("CLERK_PUBLIC_URL", "https://app.example.com/app")},
		{what: "`CLERK_WEBHOOK_SIGNING_SECRET` holds another secret", env: env("CLERK_WEBHOOK_SIGNING_SECRET", "topSuperSecret")},
		{what: "`CLERK_WEBHOOK_SIGNING_SECRET` is the emulator's, without `CLERK_INSECURE_EMULATOR`", env: env("CLERK_WEBHOOK_SIGNING_SECRET", "whsec_ZW11bGF0b3JPblRoaXNNYWNoaW5lT25seTAx"), hook: true},
		{what: "quotes and a byte order mark around every value", env: quoted},
		{what: "`CLERK_API_URL` with `/v1` at its end", env: env("CLERK_API_URL", em.Config().APIURL+"/v1")},
		{what: "`CLERK_PROXY_URL` with `/v1` at its end", env: env("CLERK_PROXY_URL", em.Config().ProxyURL+"/v1")},
		{what: "`CLERK_AUTHORIZED_PARTIES` of another origin", env: env("CLERK_AUTHORIZED_PARTIES", "https://www.example.com")},
		{what: "`CLERK_AUTHORIZED_PARTIES` set, and a token without `azp`", token: claims(func(c map[string]any) { delete(c, "azp") })},
		{what: "`CLERK_PUBLISHABLE_KEY` of another instance", env: env("CLERK_PUBLISHABLE_KEY", other.PublishableKey())},
		{what: "`Audience` that the token does not name", change: func(c *clerk.Config) { c.Audience = []string{"https://api.example.com"} }, token: claims(func(c map[string]any) { c["aud"] = "https://other.example.com" })},
		{what: "`CLERK_INSECURE_EMULATOR` missing, with the emulator", env: env("CLERK_INSECURE_EMULATOR", "")},
		{what: "`CLERK_JWT_KEY` of another instance", env: env("CLERK_JWT_KEY", otherPEM)},
		{what: "`CLERK_SECRET_KEY` of another instance", env: env("CLERK_SECRET_KEY", other.SecretKey()), change: func(c *clerk.Config) { c.HTTPClient = other.Config().HTTPClient }},
		{what: "`CLERK_SECRET_KEY` that was rotated", env: env("CLERK_SECRET_KEY", "sk_test_emulatorSuperSecretOld")},
		{what: "a clock that is 10 minutes behind", change: func(c *clerk.Config) { c.Now = func() time.Time { return em.Now().Add(-10 * time.Minute) } }},
		{what: "`CLERK_PUBLISHABLE_KEY` missing, and a browser that is not signed in asks for a page", env: env("CLERK_PUBLISHABLE_KEY", ""), page: true},
		// The cure is in the words that refuse it.
		{what: "white space around `CLERK_SECRET_KEY`", env: env("CLERK_SECRET_KEY", "  "+em.SecretKey()+" \t\r\n")},
		{what: "`CLERK_SECRET_KEY` in upper case", env: env("CLERK_SECRET_KEY", strings.ToUpper(em.SecretKey()))},
		{what: "`CLERK_SECRET_KEY` holds its whole line of a settings file", env: env("CLERK_SECRET_KEY", "CLERK_SECRET_KEY="+em.SecretKey())},
		{what: "`CLERK_SECRET_KEY` with a remark behind it", env: env("CLERK_SECRET_KEY", em.SecretKey()+" # production")},
		{what: "two keys in `CLERK_SECRET_KEY`", env: env("CLERK_SECRET_KEY", em.SecretKey()+",sk_test_SuperSecret")},
		{what: "`CLERK_SECRET_KEY` as the Dashboard hides it", env: env("CLERK_SECRET_KEY", "sk_test_****************")},
		{what: "`CLERK_SECRET_KEY=YOUR_SECRET_KEY`", env: env("CLERK_SECRET_KEY", "YOUR_SECRET_KEY")},
		{what: "`CLERK_SECRET_KEY={{ .Values.clerk }}`", env: env("CLERK_SECRET_KEY", "{{ .Values.clerk }}")},
		{what: "`CLERK_SECRET_KEY` holds the webhook secret", env: env("CLERK_SECRET_KEY", "whsec_SuperSecret")},
		{what: "`CLERK_SECRET_KEY` under a name that nothing reads", env: map[string]string{"CLERK_SECRET_KEY": "", "CLERK_PUBLISHABLE_KEY": "", "CLERK_API_KEY": em.SecretKey()}},
		{what: "`CLERK_SECRET_KEY` of development, `CLERK_PUBLISHABLE_KEY` of production", env: env("CLERK_PUBLISHABLE_KEY", strings.Replace(em.PublishableKey(), "pk_test_", "pk_live_", 1))},
		{what: "`CLERK_PUBLISHABLE_KEY` in lower case", env: env("CLERK_PUBLISHABLE_KEY", strings.ToLower(em.PublishableKey()))},
		{what: "`CLERK_PUBLISHABLE_KEY` is the Frontend API's URL", env: env("CLERK_PUBLISHABLE_KEY", em.Issuer())},
		{what: "`CLERK_PUBLISHABLE_KEY` with a line break in it", env: env("CLERK_PUBLISHABLE_KEY", em.PublishableKey()[:15]+"\n"+em.PublishableKey()[15:])},
		{what: "`CLERK_PUBLISHABLE_KEY` with two equals signs too many", env: env("CLERK_PUBLISHABLE_KEY", em.PublishableKey()+"==")},
		{what: "`CLERK_JWT_KEY` in one line, with `\\n` for line breaks", env: env("CLERK_JWT_KEY", strings.ReplaceAll(ourPEM, "\n", `\n`))},
		{what: "`CLERK_JWT_KEY` is the path of a file", env: env("CLERK_JWT_KEY", "/run/secrets/clerk.pem")},
		{what: "`CLERK_JWT_KEY` is a token", env: env("CLERK_JWT_KEY", "eyJhbGciOiJSUzI1NiJ9.e30.SuperSecret")},
		{what: "`CLERK_JWT_KEY` is the key's id", env: env("CLERK_JWT_KEY", "ins_2abcdefghijklmnop")},
		{what: "`CLERK_AUTHORIZED_PARTIES` is JSON", env: env("CLERK_AUTHORIZED_PARTIES", `["https://app.example.com"]`)},
		{what: "`CLERK_AUTHORIZED_PARTIES` separated by semicolons", env: env("CLERK_AUTHORIZED_PARTIES", "https://app.example.com;https://b.example.com")},
		{what: "`CLERK_AUTHORIZED_PARTIES` separated by line breaks", env: env("CLERK_AUTHORIZED_PARTIES", "https://app.example.com\nhttps://b.example.com\n")},
		{what: "`CLERK_AUTHORIZED_PARTIES` with a path", env: env("CLERK_AUTHORIZED_PARTIES", "https://app.example.com/app")},
		{what: "`CLERK_AUTHORIZED_PARTIES=*`", env: env("CLERK_AUTHORIZED_PARTIES", "*")},
		{what: "`CLERK_AUTHORIZED_PARTIES=,`", env: env("CLERK_AUTHORIZED_PARTIES", ",")},
		{what: "`CLERK_AUTHORIZED_PARTIES` with http for https", env: env("CLERK_AUTHORIZED_PARTIES", "http://app.example.com")},
		{what: "`CLERK_AUTHORISED_PARTIES`, another spelling", env: map[string]string{"CLERK_AUTHORIZED_PARTIES": "", "CLERK_AUTHORISED_PARTIES": "https://app.example.com"}},
		{what: "`CLERK_API_URL` without scheme", env: env("CLERK_API_URL", "api.clerk.com")},
		{what: "`CLERK_API_URL` is the Dashboard's", env: env("CLERK_API_URL", "https://dashboard.clerk.com")},
		{what: "`CLERK_API_URL` is that of an operation", env: env("CLERK_API_URL", "https://api.clerk.com/v1/jwks")},
		{what: "`CLERK_API_URL` of a server that does not answer", env: env("CLERK_API_URL", "https://api.example.test")},
		{what: "`CLERK_API_VERSION` is a date", env: env("CLERK_API_VERSION", "2026-05-12")},
		{what: "`CLERK_SIGN_IN_URL` without a slash", env: env("CLERK_SIGN_IN_URL", "sign-in")},
		{what: "`CLERK_TRUSTED_PROXY_HOPS=-1`", env: env("CLERK_TRUSTED_PROXY_HOPS", "-1")},
		{what: "`CLERK_INSECURE_EMULATOR=on`", env: env("CLERK_INSECURE_EMULATOR", "on")},
		{what: "`CLERK_PUBLIC_URL` holds two", env: env("CLERK_PUBLIC_URL", "https://app.example.com,https://b.example.com")},
		{what: "`CLERK_WEBHOOK_SIGNING_SECRET` cut short", env: env("CLERK_WEBHOOK_SIGNING_SECRET", "whsec_U3VwZ"), hook: true},
		{what: "two secrets in `CLERK_WEBHOOK_SIGNING_SECRET`, with a comma", env: env("CLERK_WEBHOOK_SIGNING_SECRET", "whsec_U3VwZXJTZWNyZXRTdXBlclNlY3JldFN1cGVyU2VjcmV0,whsec_U3VwZXJTZWNyZXRTdXBlclNlY3JldFN1cGVyU2VjcmV0"), hook: true},
		{what: "`CLERK_MACHINE_SECRET_KEY` holds a machine's id", env: env("CLERK_MACHINE_SECRET_KEY", "mch_SuperSecret")},
		{what: "a satellite whose `CLERK_SIGN_IN_URL` is a path", env: map[string]string{"CLERK_IS_SATELLITE": "true", "CLERK_DOMAIN": "sat.example", "CLERK_SIGN_IN_URL": "/sign-in"}},
		{what: "`ClockSkew: 5`, which is 5 nanoseconds", change: func(c *clerk.Config) { c.ClockSkew = 5 }},
		{what: "a clock that is 10 minutes ahead, and three users", change: func(c *clerk.Config) { c.Now = func() time.Time { return em.Now().Add(10 * time.Minute) } }, times: 3, token: oneAfterTheOther},
	}
}
