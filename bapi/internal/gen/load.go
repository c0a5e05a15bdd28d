package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"go.yaml.in/yaml/v4"
)

// description is an OpenAPI 3.1 document in several files, with every reference resolved to a
// pointer. Only what the description in bapi/api uses is understood; anything else is an
// error, so that no fact is dropped silently.
type description struct {
	Tags     []serviceTag
	Paths    []*pathItem // in the order of openapi.yaml
	Webhooks []*pathItem
}

// serviceTag is one service of the client.
type serviceTag struct {
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
}

// pathItem is a path, or the name of a webhook, with its operations.
type pathItem struct {
	Path string
	File string
	Ops  []*operation
}

// operation is one operation.
type operation struct {
	Method      string       `yaml:"-"`
	OperationID string       `yaml:"operationId"`
	Tags        []string     `yaml:"tags"`
	Summary     string       `yaml:"summary"`
	Description string       `yaml:"description"`
	GoMethod    string       `yaml:"x-go-method"`
	Idempotent  bool         `yaml:"x-idempotent"`
	Deprecated  bool         `yaml:"deprecated"`
	Security    *[]any       `yaml:"security"`
	Parameters  []*parameter `yaml:"parameters"`
	RequestBody *requestBody `yaml:"requestBody"`
	Responses   orderedMap[*response]
}

// parameter is a path or query parameter.
type parameter struct {
	Ref         string  `yaml:"$ref"`
	Name        string  `yaml:"name"`
	In          string  `yaml:"in"`
	Required    bool    `yaml:"required"`
	Deprecated  bool    `yaml:"deprecated"`
	Description string  `yaml:"description"`
	Explode     *bool   `yaml:"explode"`
	Schema      *schema `yaml:"schema"`
}

// requestBody is a request body.
type requestBody struct {
	Required bool `yaml:"required"`
	Content  orderedMap[*mediaType]
}

// mediaType is one content type.
type mediaType struct {
	Schema *schema `yaml:"schema"`
}

// response is an answer with one status.
type response struct {
	Ref         string `yaml:"$ref"`
	Description string `yaml:"description"`
	Content     orderedMap[*mediaType]
}

// schema is a JSON schema. Ref is resolved: Name and Target are set for a reference.
type schema struct {
	Ref                  string     `yaml:"$ref"`
	Target               *schema    `yaml:"-"`
	Name                 string     `yaml:"-"` // of a component
	File                 string     `yaml:"-"` // of a component
	Description          string     `yaml:"description"`
	Types                stringList `yaml:"type"`
	Format               string     `yaml:"format"`
	Enum                 []any      `yaml:"enum"`
	Items                *schema    `yaml:"items"`
	Properties           orderedMap[*schema]
	Required             []string       `yaml:"required"`
	AdditionalProperties *boolOrSchema  `yaml:"additionalProperties"`
	AnyOf                []*schema      `yaml:"anyOf"`
	OneOf                []*schema      `yaml:"oneOf"`
	AllOf                []*schema      `yaml:"allOf"`
	Discriminator        *discriminator `yaml:"discriminator"`
	Deprecated           bool           `yaml:"deprecated"`
	Default              any            `yaml:"default"`
	Minimum              *int64         `yaml:"minimum"`
	Maximum              *int64         `yaml:"maximum"`
	MinLength            *int           `yaml:"minLength"`
	MaxLength            *int           `yaml:"maxLength"`
	Pattern              string         `yaml:"pattern"`
	UniqueItems          bool           `yaml:"uniqueItems"`
	GoType               string         `yaml:"x-go-type"`
}

// discriminator names the property that says which variant of a union it is.
type discriminator struct {
	PropertyName string `yaml:"propertyName"`
	Mapping      orderedMap[string]
}

// boolOrSchema is additionalProperties.
type boolOrSchema struct{ Schema *schema }

// UnmarshalYAML reads true or a schema.
func (b *boolOrSchema) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		return nil
	}
	return strict(n, &b.Schema)
}

// stringList is a string or a list of strings.
type stringList []string

// UnmarshalYAML reads either form.
func (s *stringList) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*s = stringList{n.Value}
		return nil
	}
	return n.Decode((*[]string)(s))
}

// orderedMap is a mapping that remembers the order of its keys.
type orderedMap[T any] struct {
	Keys   []string
	Values map[string]T
}

// UnmarshalYAML reads a mapping.
func (o *orderedMap[T]) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: not a mapping", n.Line)
	}
	o.Values = map[string]T{}
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i].Value
		if _, dup := o.Values[key]; dup {
			return fmt.Errorf("line %d: %q twice", n.Content[i].Line, key)
		}
		var v T
		if err := strict(n.Content[i+1], &v); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		o.Keys = append(o.Keys, key)
		o.Values[key] = v
	}
	return nil
}

// strict decodes a node and refuses keys that the target does not have.
func strict(n *yaml.Node, v any) error {
	b, err := yaml.Marshal(n)
	if err != nil {
		return err
	}
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	return d.Decode(v)
}

type document struct {
	OpenAPI    string           `yaml:"openapi"`
	Info       any              `yaml:"info"`
	Servers    any              `yaml:"servers"`
	Security   any              `yaml:"security"`
	Tags       []serviceTag     `yaml:"tags"`
	Paths      orderedMap[item] `yaml:"paths"`
	Webhooks   orderedMap[item] `yaml:"webhooks"`
	Components components       `yaml:"components"`
}

type components struct {
	Schemas         orderedMap[*schema]    `yaml:"schemas"`
	Responses       orderedMap[*response]  `yaml:"responses"`
	Parameters      orderedMap[*parameter] `yaml:"parameters"`
	SecuritySchemes any                    `yaml:"securitySchemes"`
}

// item is a path item: a reference or a mapping of methods to operations.
type item struct {
	ref string
	ops orderedMap[*operation]
}

// UnmarshalYAML reads either form.
func (i *item) UnmarshalYAML(n *yaml.Node) error {
	if len(n.Content) == 2 && n.Content[0].Value == "$ref" {
		i.ref = n.Content[1].Value
		return nil
	}
	return i.ops.UnmarshalYAML(n)
}

type loader struct {
	fsys fs.FS
	docs map[string]*document
}

// load reads the root document and every file it refers to.
func load(fsys fs.FS, root string) (*description, error) {
	l := &loader{fsys: fsys, docs: map[string]*document{}}
	doc, err := l.doc(root)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1.") {
		return nil, fmt.Errorf("%s: OpenAPI %q, want 3.1", root, doc.OpenAPI)
	}
	s := &description{Tags: doc.Tags}
	if s.Paths, err = l.items(root, doc.Paths, "paths"); err != nil {
		return nil, err
	}
	s.Webhooks, err = l.items(root, doc.Webhooks, "webhooks")
	return s, err
}

func (l *loader) doc(name string) (*document, error) {
	if d, ok := l.docs[name]; ok {
		return d, nil
	}
	b, err := fs.ReadFile(l.fsys, name)
	if err != nil {
		return nil, err
	}
	d := new(document)
	dec := yaml.NewDecoder(bytes.NewReader(b))
	dec.KnownFields(true)
	if err := dec.Decode(d); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	l.docs[name] = d
	for key, s := range d.Components.Schemas.Values {
		s.Name, s.File = key, name
	}
	for _, key := range d.Components.Schemas.Keys {
		if err := l.schema(name, d.Components.Schemas.Values[key]); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", name, key, err)
		}
	}
	return d, nil
}

// split takes a reference apart: file, section, key.
func split(file, ref, section string) (string, string, error) {
	f, pointer, ok := strings.Cut(ref, "#/")
	key, found := strings.CutPrefix(pointer, section+"/")
	if !ok || !found || strings.Contains(key, "/") {
		return "", "", fmt.Errorf("reference %q is not to %s", ref, section)
	}
	if f == "" {
		f = file
	}
	return path.Clean(f), strings.NewReplacer("~1", "/", "~0", "~").Replace(key), nil
}

func (l *loader) items(root string, m orderedMap[item], section string) ([]*pathItem, error) {
	var out []*pathItem
	for _, name := range m.Keys {
		it, file := m.Values[name], root
		if it.ref != "" {
			f, key, err := split(root, it.ref, section)
			if err != nil {
				return nil, err
			}
			d, err := l.doc(f)
			if err != nil {
				return nil, err
			}
			src := d.Paths
			if section == "webhooks" {
				src = d.Webhooks
			}
			target, ok := src.Values[key]
			if !ok || key != name {
				return nil, fmt.Errorf("%s: no %q in %s", root, name, f)
			}
			it, file = target, f
		}
		p := &pathItem{Path: name, File: file}
		for _, method := range it.ops.Keys {
			op := it.ops.Values[method]
			op.Method = strings.ToUpper(method)
			if err := l.op(file, op); err != nil {
				return nil, fmt.Errorf("%s: %s %s: %w", file, op.Method, name, err)
			}
			p.Ops = append(p.Ops, op)
		}
		out = append(out, p)
	}
	return out, nil
}

func (l *loader) op(file string, op *operation) error {
	for i, p := range op.Parameters {
		at := file
		if p.Ref != "" {
			f, key, err := split(file, p.Ref, "components/parameters")
			if err != nil {
				return err
			}
			d, err := l.doc(f)
			if err != nil {
				return err
			}
			if p = d.Components.Parameters.Values[key]; p == nil {
				return fmt.Errorf("no parameter %q in %s", key, f)
			}
			op.Parameters[i], at = p, f
		}
		if err := l.schema(at, p.Schema); err != nil {
			return fmt.Errorf("parameter %s: %w", p.Name, err)
		}
	}
	if op.RequestBody != nil {
		for _, m := range op.RequestBody.Content.Values {
			if err := l.schema(file, m.Schema); err != nil {
				return fmt.Errorf("body: %w", err)
			}
		}
	}
	for status, r := range op.Responses.Values {
		if r.Ref != "" {
			f, key, err := split(file, r.Ref, "components/responses")
			if err != nil {
				return err
			}
			d, err := l.doc(f)
			if err != nil {
				return err
			}
			if d.Components.Responses.Values[key] == nil {
				return fmt.Errorf("no response %q in %s", key, f)
			}
			continue // the errors all have the one shape that internal/transport reads
		}
		for _, m := range r.Content.Values {
			if err := l.schema(file, m.Schema); err != nil {
				return fmt.Errorf("%s: %w", status, err)
			}
		}
	}
	return nil
}

// schema resolves the references below s. It is called once for every schema in a file.
func (l *loader) schema(file string, s *schema) error {
	if s == nil {
		return errors.New("no schema")
	}
	if s.Ref != "" {
		if s.Target != nil {
			return nil
		}
		f, key, err := split(file, s.Ref, "components/schemas")
		if err != nil {
			return err
		}
		d, err := l.doc(f)
		if err != nil {
			return err
		}
		if s.Target = d.Components.Schemas.Values[key]; s.Target == nil {
			return fmt.Errorf("no schema %q in %s", key, f)
		}
		return nil
	}
	var below []*schema
	for _, k := range s.Properties.Keys {
		below = append(below, s.Properties.Values[k])
	}
	below = append(append(append(below, s.AnyOf...), s.OneOf...), s.AllOf...)
	if s.Items != nil {
		below = append(below, s.Items)
	}
	if s.AdditionalProperties != nil && s.AdditionalProperties.Schema != nil {
		below = append(below, s.AdditionalProperties.Schema)
	}
	for _, b := range below {
		if err := l.schema(file, b); err != nil {
			return err
		}
	}
	return nil
}
