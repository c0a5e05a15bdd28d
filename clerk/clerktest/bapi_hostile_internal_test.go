package clerktest

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// Whatever a body is, operations of organizations and of the instance answer in
// Clerk's envelope, and never with 500.
func TestHostileBodies(t *testing.T) {
	e, err := New(Config{Settings: Settings{OrganizationDomains: true}})
	if err != nil {
		t.Fatal(err)
	}
	e.AddUser(User{ID: "user_1", Email: "a@example.com"})
	e.AddOrganization(Organization{ID: "org_1"})
	e.AddMember("org_1", "user_1", "org:admin")
	domain, err := e.server.Store.AddDomain("org_1", "example.com", "", state.Verification{Status: state.Unverified})
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{
		"{organization_id}": "org_1", "{user_id}": "user_1", "{invitation_id}": "orginv_none", "{domain_id}": domain.ID,
		"{organization_role_id}": "role_admin", "{permission_id}": "perm_none", "{role_set_key_or_id}": state.DefaultRoleSet, "{template_id}": "jtmp_none", "{id}": "ru_none",
	}
	replace := func(pattern string) string {
		for name, value := range values {
			pattern = strings.ReplaceAll(pattern, name, value)
		}
		return pattern
	}
	bodies := []string{
		"", "null", "[]", "{}", "5", `"x"`, "true", "{", "[[[", `{"name":`, "\x00", "\xff\xfe", `{"name":null}`, `{"name":[]}`, `{"name":{}}`, `{"role":5}`,
		`{"name":"\ud800","key":"\u0000","slug":"\u202e"}`, `{"a":1}`, `{"name":"` + strings.Repeat("é", 400) + `"}`, `[null]`, `[5]`, `[{}]`,
		`{"public_metadata":null,"private_metadata":null}`, `{"public_metadata":{"a":` + strings.Repeat(`{"a":`, 200) + `1` + strings.Repeat(`}`, 201) + `}`,
		`{"max_allowed_memberships":1e99}`, `{"max_allowed_memberships":9223372036854775808}`, `{"created_at":"0000-01-01T00:00:00Z"}`,
		`{"roles":[null],"name":"x","default_role_key":"","creator_role_key":"y"}`, `{"permissions":[""],"name":"x","key":"org:x"}`,
		`{"reassignment_mappings":{"":""},"dest_role_set_key":"role_set:default"}`, `{"claims":{"a":null},"name":"x","lifetime":-1}`,
		`{"url":"http://[::1"}`, `{"name":"[::1","is_satellite":true}`, `{"name":"..","is_satellite":true}`, `{"allowed_origins":[null]}`,
		`{"email_address":"@","role":"org:admin"}`, `{"blocked_country_codes":[""]}`, `{"test_mode":"\u0000"}`,
	}
	calls := 0
	for i := range backendRoutes {
		rt := &backendRoutes[i]
		family := strings.SplitN(strings.TrimPrefix(rt.Pattern, "/v1/"), "/", 2)[0]
		switch family {
		case "organizations", "organization_invitations", "organization_memberships", "organization_domains", "organization_roles",
			"organization_permissions", "role_sets", "instance", "beta_features", "domains", "jwt_templates", "redirect_urls", "proxy_checks":
		default:
			continue
		}
		if rt.Handler == nil || rt.Method == http.MethodDelete {
			continue
		}
		for _, body := range bodies {
			req, err := http.NewRequest(rt.Method, e.server.URL+replace(rt.Pattern)+"?limit=1&order_by=created_at&query=%00%FF", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+e.SecretKey())
			req.Header.Set("Content-Type", "application/json")
			resp, err := e.Transport().RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			calls++
			if resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented || resp.StatusCode >= 400 && !strings.HasPrefix(string(answer), `{"errors":[{"message":"`) {
				t.Errorf("%s %s %q: %d %s", rt.Method, rt.Pattern, body, resp.StatusCode, answer)
			}
		}
	}
	if calls < 2000 {
		t.Errorf("only %d calls", calls)
	}
	if err := stateOf(e).Check(); err != nil {
		t.Errorf("what they left behind: %v", err)
	}
}
