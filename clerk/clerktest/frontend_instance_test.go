package clerktest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestSmallFrontendOperations(t *testing.T) {
	em, _, alice := orgTest(t)
	defaults := alice.ok("GET /me/organization_creation_defaults")
	has(t, defaults, "form advisory")
	newFAPI(t, em).refused(401, "authentication_invalid", "GET /me/organization_creation_defaults")
	has(t, alice.ok("GET /account_portal"), "object allowed enabled internal_linking after_sign_in_url after_sign_up_url logo_link_url customization")
	want(t, "plans", alice.ok("GET /billing/plans?payer_type=org").at("total_count"), 0.0)
	alice.refused(422, "form_param_value_invalid", "GET /billing/plans?payer_type=team")
	alice.refused(404, "plan_not_found", "GET /billing/plans/free")
	resp, _ := get(t, em, "/v1/clear-site-data", nil)
	want(t, "Clear-Site-Data", resp.Header.Get("Clear-Site-Data"), `"*"`)
	resp, body := get(t, em, "/v1/clear-site-data", http.Header{"Sec-Fetch-Site": {"cross-site"}})
	wantError(t, resp, body, 403, "authorization_invalid")
	want(t, "Clear-Site-Data", resp.Header.Get("Clear-Site-Data"), "")
}

func TestProxyHealth(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	good := http.Header{"Clerk-Proxy-Url": {"http://localhost:3000/__clerk"}, "Clerk-Secret-Key": {em.SecretKey()}, "X-Forwarded-For": {"203.0.113.9"}}
	resp, body := get(t, em, "/v1/proxy-health?domain_id=dmn_primary", good)
	if resp.StatusCode != 200 || body != `{"status":"healthy","x_forwarded_for":"203.0.113.9"}` {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	for name, value := range map[string]string{"Clerk-Proxy-Url": "https://evil.example/__clerk", "Clerk-Secret-Key": "sk_test_x", "X-Forwarded-For": ""} {
		bad := good.Clone()
		bad.Set(name, value)
		resp, body := get(t, em, "/v1/proxy-health?domain_id=dmn_primary", bad)
		if resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body, `"status":"unhealthy"`) || strings.Contains(body, "sk_") {
			t.Errorf("%s: %d %s", name, resp.StatusCode, body)
		}
	}
	if resp, _ := get(t, em, "/v1/proxy-health?domain_id=dmn_none", good); resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("unknown domain: %d", resp.StatusCode)
	}
	resp, body = get(t, em, "/v1/proxy-health", good)
	wantError(t, resp, body, 400, "missing_query_parameter")
}
