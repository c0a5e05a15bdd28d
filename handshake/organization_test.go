package handshake

import (
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
)

func TestOrganizationSync(t *testing.T) {
	w := production()
	w.config.OrganizationSync = clerk.OrganizationSync{
		OrganizationPatterns:    []string{"/orgs/:slug", "/orgs/:slug/(.*)", "/id/:id"},
		PersonalAccountPatterns: []string{"/me", "/me/(.*)"},
	}
	in := uatNow + "; __session=" + token(t, claims{"org_id": "org_1", "org_slug": "acme", "org_role": "org:admin"})
	personal := uatNow + "; __session=" + token(t, nil)
	for _, c := range []struct{ target, cookies, activate string }{
		{"/orgs/acme", in, "-"},
		{"/orgs/acme/x?y", in, "-"},
		{"/orgs/other", in, "other"},
		{"/ORGS/Other/", in, "Other"},
		{"/orgs/my%20org/x", in, "my%2520org"},
		{"/orgs/other", personal, "other"},
		{"/id/org_1", in, "-"},
		{"/id/org_2", in, "org_2"},
		{"/me", in, ""},
		{"/me/x", personal, "-"},
		{"/else", in, "-"},
	} {
		d := w.decide(t, request(c.target, "Cookie", c.cookies, "Sec-Fetch-Dest", "document"))
		if c.activate == "-" {
			want(t, d, SignedIn, "")
			continue
		}
		if want(t, d, Redirect, clerk.ReasonActiveOrganizationMismatch); !strings.HasSuffix(d.Location, "&organization_id="+c.activate) {
			t.Errorf("%s: %s", c.target, d.Location)
		}
	}
	// It does not help: the page is shown with the session as it is.
	want(t, w.decide(t, request("/orgs/other", "Cookie", in+"; __clerk_redirect_count=3", "Sec-Fetch-Dest", "document")), SignedIn, "")
	// Neither for those that cannot be redirected, nor pending sessions, nor without a host.
	want(t, w.decide(t, request("/orgs/other", "Cookie", in, "Sec-Fetch-Dest", "empty")), SignedIn, "")
	want(t, w.decide(t, request("/orgs/other", "Cookie", uatNow+"; __session="+token(t, claims{"sts": "pending"}), "Sec-Fetch-Dest", "document")), SignedIn, "")
	r := request("/orgs/other", "Cookie", in, "Sec-Fetch-Dest", "document")
	r.Host = ""
	want(t, w.decide(t, r), SignedIn, "")
	// Any handshake on such a page names it.
	if d := w.decide(t, request("/me", "Cookie", uatNow, "Sec-Fetch-Dest", "document")); !strings.HasSuffix(d.Location, "&organization_id=") {
		t.Error(d.Location)
	}
}

func TestPathPatterns(t *testing.T) {
	for _, c := range []struct{ pattern, path, id, slug string }{
		{"/orgs/:id", "/orgs/a", "a", ""},
		{"/orgs/:id", "/orgs/a/", "a", ""},
		{"/orgs/:id", "/Orgs/a#", "a", ""},
		{"/orgs/:id", "/orgs/", "-", ""},
		{"/orgs/:id", "/orgs/a/b", "-", ""},
		{"/orgs/:id?", "/orgs", "", ""},
		{"/orgs/:id/(.*)", "/orgs/a/b/c", "a", ""},
		{"/orgs/(.*)", "/orgs/x/y", "", ""},
		{"/:slug/:id", "/s/i", "i", "s"},
		{`/orgs/:id(\d+)`, "/orgs/12", "12", ""},
		{`/orgs/:id(\d+)`, "/orgs/x", "-", ""},
		{`/orgs/:id(a(?:b|c))`, "/orgs/ac", "ac", ""},
		{"/file.:id", "/file.x", "x", ""},
		{"/file.:id", "/file.x.y", "-", ""},
		{`/a\:id/:id`, "/a:id/z", "z", ""},
		{"/y[", "/y[", "", ""},
		{"orgs/:id", "/orgs/a", "-", ""},
		{"/o{-:id}?", "/o-x", "x", ""},
		{"/o{-:id}?", "/o", "", ""},
		{"/o{pre:id(.+)post}", "/opreXpost", "X", ""},
		{"/o{x}?/:id", "/o/z", "z", ""},
		{"/a/:rest+/:id", "/a/b/c/d", "d", ""},
		{"/a/:rest*", "/a", "", ""},
		{"/a(b)+", "", "error", ""},
		{"/orgs/:", "", "error", ""},
		{"/orgs/(", "", "error", ""},
		{"/orgs/()", "", "error", ""},
		{"/orgs/(?:x)", "", "error", ""},
		{"/orgs/(a(b))", "", "error", ""},
		{"/orgs/:id/***", "", "error", ""},
		{"/orgs/:id+", "", "error", ""},
		{"/orgs/{:id", "", "error", ""},
		{"/orgs/}", "", "error", ""},
		{"/:a:id", "", "error", ""},
		{"/o{abc:id}", "", "error", ""},
		{"/o(a(?=b))", "", "error", ""},
		{`/o\`, "", "error", ""},
		{"/o(a", "", "error", ""},
		{"/(*)", "", "error", ""},
	} {
		p, err := compilePatterns("X", []string{c.pattern})
		if (err != nil) != (c.id == "error") {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		params, ok := p.match(c.path)
		if err == nil && (ok != (c.id != "-") || ok && (params.id != c.id || params.slug != c.slug)) {
			t.Errorf("%s on %s: %v %+v", c.pattern, c.path, ok, params)
		}
	}
	// The first pattern that matches decides, even without a parameter that counts.
	o, err := newOrganizations(clerk.OrganizationSync{OrganizationPatterns: []string{"/orgs/:any", "/orgs/:id"}})
	if err != nil {
		t.Fatal(err)
	}
	if target, ok := o.find("/orgs/a"); ok {
		t.Errorf("%+v", target)
	}
}
