package clerktest

import (
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

func TestMatchPattern(t *testing.T) {
	for _, c := range []struct {
		pattern, path string
		want          string // the values, or "-" for no match
	}{
		{"/v1/users", "/v1/users", ""},
		{"/v1/users", "/v1/users/", "-"},
		{"/v1/users/{id}", "/v1/users/user_1", "user_1"},
		{"/v1/users/{id}", "/v1/users/", "-"},
		{"/v1/users/{id}", "/v1/users", "-"},
		{"/v1/users/{id}", "/v1/users/a/b", "-"},
		{"/v1/users/{id}", "/v1/users/a%2Fb", "a/b"},
		{"/v1/users/{id}", "/v1/users/%zz", "-"},
		{"/v1/users/{id}/x/{y}", "/v1/users/a/x/b", "a b"},
		{"/v1/users/{id}/x/{y}", "/v1/users/a/z/b", "-"},
		{"/v1/m/{id}.xml", "/v1/m/a.b.xml", "a.b"},
		{"/v1/m/{id}.xml", "/v1/m/.xml", "-"},
		{"/v1/m/{id}.xml", "/v1/m/a", "-"},
	} {
		var params [4]string
		n, ok := wire.MatchPattern(c.pattern, c.path, &params)
		got := "-"
		if ok {
			got = ""
			for i, p := range params[:n] {
				if i > 0 {
					got += " "
				}
				got += p
			}
		}
		if got != c.want {
			t.Errorf("%s with %s: %q, want %q", c.pattern, c.path, got, c.want)
		}
	}
}

// Each operation is in its table once, can be reached, and fits a call.
func TestRoutes(t *testing.T) {
	for name, table := range map[string][]operation{"frontend": frontendRoutes, "backend": backendRoutes, "pages": pageRoutes} {
		seen := map[string]bool{}
		for i := range table {
			rt := &table[i]
			if key := rt.Method + " " + rt.Pattern; seen[key] {
				t.Errorf("%s: %s is there twice", name, key)
			} else {
				seen[key] = true
			}
			var params [4]string
			if got := wire.Match(table, rt.Method, rt.Pattern, &params); got != rt || rt.Operation == "" {
				t.Errorf("%s: %s %s cannot be reached", name, rt.Method, rt.Pattern)
			}
		}
	}
	if len(backendRoutes) != 254 || len(frontendRoutes) != 203 {
		t.Errorf("%d and %d operations", len(backendRoutes), len(frontendRoutes))
	}
}
