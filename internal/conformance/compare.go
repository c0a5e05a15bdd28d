package conformance

import (
	"encoding/json"
	"reflect"
	"slices"
)

// Difference is a field in which the results of the kit and the official SDK differ.
type Difference struct {
	Field     string
	Want, Got any
}

// Compare compares status, reason, token type, location, cookies and identity. Absent,
// null and empty lists are equal.
func Compare(c *Case, r *Result) (diffs []Difference) {
	add := func(field string, want, got any) {
		want, got = normal(want), normal(got)
		if !reflect.DeepEqual(want, got) {
			diffs = append(diffs, Difference{field, want, got})
		}
	}
	e := &c.Expect
	if e.Error != nil || r.Error != nil {
		if e.Error == nil || r.Error == nil {
			add("error", e.Error, r.Error)
		}
		return diffs
	}
	add("status", e.Status, r.Status)
	add("reason", e.Reason, r.Reason)
	add("tokenType", e.TokenType, r.TokenType)
	add("location", e.Location, r.Location)
	add("setCookie", e.SetCookie, r.SetCookie)
	add("auth", e.Auth, r.Auth)
	if e.AuthPendingAllowed != nil {
		add("authPendingAllowed", e.AuthPendingAllowed, r.AuthPendingAllowed)
	}
	return diffs
}

// normal returns v as decoded by encoding/json, without nulls and empty lists.
func normal(v any) any {
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	var out any
	if json.Unmarshal(b, &out) != nil {
		return nil
	}
	return prune(out)
}

func prune(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, e := range v {
			if e = prune(e); e == nil {
				delete(v, name)
			} else {
				v[name] = e
			}
		}
		return v
	case []any:
		if len(v) == 0 {
			return nil
		}
		for i, e := range v {
			v[i] = prune(e)
		}
	}
	return v
}

// Compared reports whether both must agree on the case. Tags mark JavaScript semantics;
// quirks mark defects of the reference.
func (c *Case) Compared() bool { return len(c.Tags) == 0 && len(c.Expect.Quirks) == 0 }

// FalseAccept reports whether the kit accepted a request that the reference refused.
// [Excused] says when that is allowed.
func FalseAccept(c *Case, r *Result) bool {
	return r.Status == "signed-in" && (c.Expect.Error != nil || c.Expect.Status != "signed-in")
}

// features are the divergences in which the kit accepts what the reference refuses. A
// valid signature by a configured key is still required. The rule of keys-past-interval
// checks that with the keys of earlier cases.
var features = []string{"keys-past-interval", "pem-forms", "pem-without-secret-key", "json-charset", "bearer-case", "bearer-spaces"}

// Excused reports whether a false accept is allowed. It must come from one of the six
// features, or from a script that the reference redirects only to activate another
// organization, and the credentials of the request must pass an independent check.
func Excused(id string, c *Case, r *Result) bool {
	// The reference also serves the page with the unchanged session if it cannot redirect
	// the request to activate another organization.
	if id == "script-request" && c.Expect.Reason != nil && *c.Expect.Reason == "active-organization-mismatch" {
		return newFacts(c, r, nil).goodByOwnKeys()
	}
	return id == "keys-past-interval" || slices.Contains(features, id) && newFacts(c, r, nil).goodByOwnKeys()
}
