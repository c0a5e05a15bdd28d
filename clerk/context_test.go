package clerk_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/authcontext"
)

func TestContext(t *testing.T) {
	type key struct{}
	outer := context.WithValue(t.Context(), key{}, "outer")
	if a := clerk.FromContext(outer); a.SignedIn() || a.Reason != clerk.ReasonNotAuthenticated {
		t.Errorf("without a middleware: %+v", a)
	}
	ctx := clerk.NewContext(outer, clerk.Auth{UserID: "user_1"})
	inner, cancel := context.WithTimeout(context.WithValue(ctx, key{}, "inner"), time.Hour)
	defer cancel()
	for _, c := range []context.Context{ctx, inner} {
		if a := clerk.FromContext(c); !a.SignedIn() || a.UserID != "user_1" {
			t.Errorf("%+v", a)
		}
	}
	if ctx.Value(key{}) != "outer" || inner.Value(key{}) != "inner" || ctx.Value("other") != nil {
		t.Error("values of the parent are not passed on")
	}
	oops := errors.New("oops")
	over := authcontext.New(inner, clerk.Auth{UserID: "user_2"}, t, 7, oops)
	if a := clerk.FromContext(over); a.UserID != "user_2" {
		t.Errorf("the innermost identity does not win: %+v", a)
	}
	if got := clerk.ContextCause(over); got != oops || clerk.ContextCause(inner) != nil || clerk.ContextCause(outer) != nil { //nolint:errorlint // the same one
		t.Errorf("cause %v", got)
	}
	if a := clerk.FromContext(inner); a.UserID != "user_1" {
		t.Errorf("the outer identity changed: %+v", a)
	}
}

// TestContextIsolation lets one handler change all of its Auth.
func TestContextIsolation(t *testing.T) {
	shared := mustClaims(t, `{"sub":"user_1","org_id":"org_1","org_role":"org:member","org_permissions":["org:a:read"]}`).Auth()
	one, two := clerk.NewContext(t.Context(), shared), clerk.NewContext(t.Context(), shared)
	a := clerk.FromContext(one)
	a.UserID, a.OrgRole, a.Reason = "user_evil", "org:admin", "gone"
	a.Permissions()[0] = "org:a:write"
	*a.Claims() = clerk.Claims{}
	for name, ctx := range map[string]context.Context{"the same request": one, "another request": two} {
		b := clerk.FromContext(ctx)
		if b.UserID != "user_1" || b.OrgRole != "org:member" || !b.Has(clerk.Permission("org:a:read")) || b.Has(clerk.Permission("org:a:write")) || b.Claims().Subject() != "user_1" {
			t.Errorf("%s: %+v", name, b)
		}
	}
}

func TestContextAllocations(t *testing.T) {
	ctx := t.Context()
	auth := mustClaims(t, `{"sub":"user_1"}`).Auth()
	var sink context.Context
	if n := testing.AllocsPerRun(100, func() { sink = clerk.NewContext(ctx, auth) }); n > 1 {
		t.Errorf("NewContext: %v allocations", n)
	}
	deep, cancel := context.WithCancel(context.WithValue(sink, ctxKey{}, 1))
	defer cancel()
	var got clerk.Auth
	if n := testing.AllocsPerRun(100, func() { got = clerk.FromContext(deep) }); n > 0 {
		t.Errorf("FromContext: %v allocations", n)
	}
	if got.UserID != "user_1" {
		t.Errorf("%+v", got)
	}
}

type ctxKey struct{}
