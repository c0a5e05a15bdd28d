package main

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v4"
)

// description is an OpenAPI 3.1 document in several files, with every reference
// resolved to a pointer. Keywords that the description in bapi/api does not use are
// errors, so that nothing is dropped silently.
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
	Ahead       string       `yaml:"x-ahead"` // the SDK that has it, if the published description lacks it
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

// response is the response for one status.
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
	Ahead                string         `yaml:"x-ahead"` // as for an operation
}

// ahead returns Ahead, or "" if s is nil.
func (s *schema) ahead() string {
	if s == nil {
		return ""
	}
	return s.Ahead
}

// discriminator names the property that determines the variant of a union.
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

// orderedMap is a mapping that keeps the order of its keys.
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

// strict decodes a node and refuses keys that v does not have.
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
