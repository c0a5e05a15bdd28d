package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// openAPIDir names the folder with Clerk's published descriptions, which are not part
// of this repository. Without it the comparison is skipped.
const openAPIDir = "CLERKKIT_OPENAPI_DIR"

// node is a published schema or any other YAML mapping.
type node = map[string]any

// as returns v as a T, or the zero T if it has another type.
func as[T any](v any) T {
	t, _ := v.(T)
	return t
}

type published struct{ root node }

func readPublished(t *testing.T, pattern string) published {
	t.Helper()
	dir := os.Getenv(openAPIDir)
	if dir == "" {
		t.Skip(openAPIDir + " is not set")
	}
	names, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(names) == 0 {
		t.Skipf("no %s in %s", pattern, dir)
	}
	slices.Sort(names)
	b, err := os.ReadFile(names[len(names)-1])
	if err != nil {
		t.Fatal(err)
	}
	var root node
	if err := yaml.Unmarshal(b, &root); err != nil {
		t.Fatal(err)
	}
	return published{root}
}

func (p published) resolve(n node) node {
	for {
		ref, ok := n["$ref"].(string)
		if !ok {
			return n
		}
		at := p.root
		for _, key := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
			at, _ = at[key].(node)
		}
		n = at
	}
}

// fact is one field of a published schema.
type fact struct {
	path []string // names, and [] for the elements of a list
	typ  string
	enum []any
}

// facts lists the fields below a schema. It does not descend into a schema that
// contains itself.
func (p published) facts(n node, path []string, above []string) []fact {
	if ref, ok := n["$ref"].(string); ok {
		if slices.Contains(above, ref) {
			return nil
		}
		above = append(slices.Clone(above), ref)
	}
	n = p.resolve(n)
	typ, _ := n["type"].(string)
	enum, _ := n["enum"].([]any)
	out := []fact{{path, typ, enum}}
	for _, word := range []string{"allOf", "oneOf", "anyOf"} {
		parts, _ := n[word].([]any)
		for _, part := range parts {
			out = append(out, p.facts(as[node](part), path, above)...)
		}
	}
	props, _ := n["properties"].(node)
	for name, v := range props {
		out = append(out, p.facts(as[node](v), append(slices.Clone(path), name), above)...)
	}
	if items, ok := n["items"].(node); ok {
		out = append(out, p.facts(items, append(slices.Clone(path), "[]"), above)...)
	}
	return out
}

// find looks up a path in the description. In a union it searches every variant.
func find(s *schema, path []string) []*schema {
	s, _ = deref(s)
	if len(s.OneOf) > 0 {
		var out []*schema
		for _, v := range s.OneOf {
			out = append(out, find(v, path)...)
		}
		return out
	}
	switch {
	case len(path) == 0:
		return []*schema{s}
	case path[0] == "[]" && s.Items != nil:
		return find(s.Items, path[1:])
	case s.Properties.Values[path[0]] != nil:
		return find(s.Properties.Values[path[0]], path[1:])
	}
	return nil
}

// missing returns what the description lacks of a fact, or "".
func missing(s *schema, f fact) string {
	found := find(s, f.path)
	if len(found) == 0 {
		return "is not described"
	}
	var values []any
	typed := f.typ == ""
	for _, s := range found {
		if s.Ahead != "" && len(f.path) > 0 {
			return "is published now: drop x-ahead"
		}
		kind := kindOf(s)
		typed = typed || kind == f.typ || kind == "integer" && f.typ == "number" || kind == "object" && f.typ == "" || kind == ""
		// Strings true and false in a query are a boolean in the description.
		typed = typed || kind == "boolean" && f.typ == "string"
		values = append(values, s.Enum...)
	}
	if !typed {
		return fmt.Sprintf("is %s, described as %v", f.typ, found[0].Types)
	}
	for _, v := range f.enum {
		if text, ok := v.(string); ok && len(values) > 0 && !slices.Contains(values, v) {
			return fmt.Sprintf("has the value %q, which is not described", text)
		}
	}
	return ""
}

// tally counts facts and collects what is missing.
type tally struct {
	total int
	lost  []string
}

func (c *tally) add(where string, s *schema, facts []fact) {
	seen := map[string]bool{}
	for _, f := range facts {
		name := strings.Join(f.path, ".")
		if seen[name+f.typ+fmt.Sprint(f.enum)] {
			continue
		}
		seen[name+f.typ+fmt.Sprint(f.enum)] = true
		c.total++
		if s == nil {
			c.lost = append(c.lost, where+": no schema for "+name)
			continue
		}
		if why := missing(s, f); why != "" {
			c.lost = append(c.lost, where+": "+name+" "+why)
		}
	}
}

func (c *tally) percent() float64 {
	if c.total == 0 {
		return 0
	}
	return 100 * float64(c.total-len(c.lost)) / float64(c.total)
}

// TestAgainstPublishedOperations compares every operation: parameters, body fields,
// response fields, statuses, values of enums.
func TestAgainstPublishedOperations(t *testing.T) {
	p := readPublished(t, "bapi-*.yml")
	spec, err := load(os.DirFS("../../api"), "openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	ours := map[string]*operation{}
	for _, item := range spec.Paths {
		for _, op := range item.Ops {
			ours[op.Method+" "+item.Path] = op
		}
	}
	var params, bodies, answers tally
	operations, statuses := 0, 0
	for path, v := range as[node](p.root["paths"]) {
		item := as[node](v)
		for _, method := range []string{"get", "post", "put", "patch", "delete"} {
			op, ok := item[method].(node)
			if !ok {
				continue
			}
			operations++
			key := strings.ToUpper(method) + " " + path
			mine := ours[key]
			if mine == nil {
				t.Errorf("%s is not described", key)
				continue
			}
			delete(ours, key)
			if mine.Ahead != "" {
				t.Errorf("%s is published now: drop x-ahead", key)
			}
			if deprecated, _ := op["deprecated"].(bool); deprecated != mine.Deprecated || op["operationId"] != mine.OperationID {
				t.Errorf("%s: deprecated %v, operationId %s", key, mine.Deprecated, mine.OperationID)
			}
			list, _ := op["parameters"].([]any)
			for _, v := range list {
				q := p.resolve(as[node](v))
				i := slices.IndexFunc(mine.Parameters, func(m *parameter) bool { return m.Name == q["name"] && m.In == q["in"] })
				where := fmt.Sprintf("%s %v", key, q["name"])
				if i < 0 {
					params.add(where, nil, []fact{{}})
					continue
				}
				if required, _ := q["required"].(bool); required != mine.Parameters[i].Required {
					t.Errorf("%s: required %v", where, required)
				}
				params.add(where, mine.Parameters[i].Schema, p.facts(as[node](q["schema"]), nil, nil))
			}
			if body, ok := op["requestBody"].(node); ok {
				for ct, media := range as[node](body["content"]) {
					var s *schema
					if mine.RequestBody != nil && mine.RequestBody.Content.Values[ct] != nil {
						s = mine.RequestBody.Content.Values[ct].Schema
					}
					bodies.add(key, s, p.facts(as[node](as[node](media)["schema"]), nil, nil))
				}
			}
			for status, v := range as[node](op["responses"]) {
				statuses++
				r := p.resolve(as[node](v))
				have := mine.Responses.Values[status]
				if have == nil {
					t.Errorf("%s: status %s is not described", key, status)
					continue
				}
				content, _ := r["content"].(node)
				if status[0] != '2' {
					continue
				}
				for ct, media := range content {
					var s *schema
					if have.Content.Values[ct] != nil {
						s = have.Content.Values[ct].Schema
					}
					answers.add(key, s, p.facts(as[node](as[node](media)["schema"]), nil, nil))
				}
			}
		}
	}
	for key, op := range ours {
		if op.Ahead == "" {
			t.Errorf("%s is described but not published", key)
			continue
		}
		t.Logf("%s is not published yet, but %s has it", key, op.Ahead)
		delete(ours, key)
	}
	t.Logf("operations %d/%d; statuses %d; parameters %d (%.2f %%); body fields %d (%.2f %%); answer fields %d (%.2f %%)",
		operations-len(ours), operations, statuses, params.total, params.percent(), bodies.total, bodies.percent(), answers.total, answers.percent())
	for name, c := range map[string]struct {
		tally
		least float64
	}{"parameters": {params, 100}, "body fields": {bodies, 100}, "answer fields": {answers, 99}} {
		for _, l := range c.lost {
			t.Logf("%s: %s", name, l)
		}
		if c.percent() < c.least {
			t.Errorf("%s: %.2f %%, want %.0f", name, c.percent(), c.least)
		}
	}
}

// TestAgainstPublishedWebhooks compares the payloads of all webhook events.
func TestAgainstPublishedWebhooks(t *testing.T) {
	p := readPublished(t, "webhooks-*.yml")
	spec, err := load(os.DirFS("../../api"), "openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var fields tally
	events := as[node](p.root["x-webhooks"])
	for _, item := range spec.Webhooks {
		event, ok := events[item.Path].(node)
		ahead := item.Ops[0].Ahead
		switch {
		case ok && ahead != "":
			t.Errorf("%s is published now: drop x-ahead", item.Path)
		case ahead != "":
			t.Logf("%s is not published yet, but %s has it", item.Path, ahead)
			continue
		}
		if !ok {
			t.Errorf("%s is described but not published", item.Path)
			continue
		}
		delete(events, item.Path)
		theirs := event
		for _, key := range []string{"post", "requestBody", "content", "application/json", "schema"} {
			theirs = as[node](theirs[key])
		}
		for _, part := range as[[]any](theirs["allOf"]) {
			props, _ := p.resolve(as[node](part))["properties"].(node)
			if data, ok := props["data"].(node); ok {
				mine := item.Ops[0].RequestBody.Content.Values["application/json"].Schema.AllOf[1]
				fields.add(item.Path, mine.Properties.Values["data"], p.facts(data, nil, nil))
			}
		}
	}
	for name := range events {
		t.Errorf("%s is not described", name)
	}
	t.Logf("events %d; payload fields %d (%.2f %%)", len(spec.Webhooks), fields.total, fields.percent())
	for _, l := range fields.lost {
		t.Log(l)
	}
	if fields.percent() < 99 {
		t.Errorf("payload fields: %.2f %%", fields.percent())
	}
}
