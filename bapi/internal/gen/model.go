package main

import (
	"fmt"
	"slices"
	"strings"
)

// goModel is the input of the templates: services with methods, and their types.
type goModel struct {
	Services []*goService
	Answers  []*goType
	Params   []*goType
	Enums    []*goEnum

	types map[string]*goType
	enums map[string]*goEnum
}

// operations counts the methods that are operations of the API.
func (m *goModel) operations() int {
	n := 0
	for _, s := range m.Services {
		n += len(s.Methods)
	}
	return n
}

// goService is one field of the client.
type goService struct {
	Name, Doc, File string
	Methods         []*goMethod
}

// goMethod is one operation.
type goMethod struct {
	Op         *operation
	Path       string
	Name       string
	Doc        []string
	Segments   []segment
	Positional []*goField // from the path, the query and the body, in this order
	Params     *goType    // nil if there are no optional arguments
	BodyList   *goType    // the body is a list of these
	Multipart  bool
	Answer     goAnswer
	Errors     []string // statuses
}

// segment is a part of the path: a literal, or a positional argument.
type segment struct {
	Literal string
	Arg     *goField
}

// goAnswer describes the response.
type goAnswer struct {
	Type   string // Go name of the type, "" for no body
	List   bool   // a page of Type
	Key    string // property that holds the list, "" for a bare array
	Raw    bool   // bytes, not JSON
	Paged  bool   // limit and offset are parameters
	Max    int64  // the largest limit
	Cursor bool   // starting_after is a parameter
	HasID  bool   // Type has an ID field
	Status string
}

// goType is a struct.
type goType struct {
	Name, Doc string
	File      string // of the description
	Fields    []*goField
	Schema    *schema
	Variants  []*schema // of a union
	Events    []string  // webhook events whose payload it is
	Promised  bool      // it, or a list of it, is the response of an operation
	Param     bool
}

// goField is a member of a struct, or a positional argument.
type goField struct {
	JSON, Go, Type string
	Doc            string
	In             string // path, query, body
	Deprecated     bool
	Required       bool
	Kind           fieldKind
	Elem           string // type of an element, of a nested object, or inside Opt
	Null           bool   // Opt
	NoExplode      bool
	Schema         *schema
}

// fieldKind says how a value is decoded and encoded.
type fieldKind int

// The kinds of values.
const (
	String fieldKind = iota
	EnumString
	Bool
	Int
	Float
	MilliTime
	UnixTime
	DateTime
	Metadata
	Any
	Object
	List
	StringMap
	FileContent
)

// goEnum is an open list of strings.
type goEnum struct {
	Name, File string
	Values     []string
}

// build turns the description into a model.
func build(spec *description) (*goModel, error) {
	m := &goModel{types: map[string]*goType{}, enums: map[string]*goEnum{}}
	services := map[string]*goService{}
	for _, t := range spec.Tags {
		s := &goService{Name: t.Name, Doc: t.Description}
		services[t.Name] = s
		m.Services = append(m.Services, s)
	}
	// Responses first: parameters use their enums.
	for _, p := range spec.Paths {
		for _, op := range p.Ops {
			for _, status := range op.Responses.Keys {
				for _, media := range op.Responses.Values[status].Content.Values {
					if err := m.answerType(media.Schema); err != nil {
						return nil, fmt.Errorf("%s: %w", op.OperationID, err)
					}
				}
			}
		}
	}
	for _, w := range spec.Webhooks {
		if err := m.event(w); err != nil {
			return nil, fmt.Errorf("webhook %s: %w", w.Path, err)
		}
	}
	for _, p := range spec.Paths {
		for _, op := range p.Ops {
			if len(op.Tags) != 1 || services[op.Tags[0]] == nil {
				return nil, fmt.Errorf("%s: tags %v", op.OperationID, op.Tags)
			}
			s := services[op.Tags[0]]
			if s.File == "" {
				s.File = p.File
			}
			meth, err := m.method(s, p, op)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", op.OperationID, err)
			}
			for _, other := range s.Methods {
				if other.Name == meth.Name {
					return nil, fmt.Errorf("%s: %s.%s is taken", op.OperationID, s.Name, meth.Name)
				}
			}
			s.Methods = append(s.Methods, meth)
		}
	}
	byName := func(a, b *goType) int { return strings.Compare(a.Name, b.Name) }
	slices.SortFunc(m.Answers, byName)
	slices.SortFunc(m.Params, byName)
	slices.SortFunc(m.Enums, func(a, b *goEnum) int { return strings.Compare(a.Name, b.Name) })
	return m, nil
}

// event registers the payload of a webhook event.
func (m *goModel) event(w *pathItem) error {
	media := w.Ops[0].RequestBody.Content.Values["application/json"]
	for _, part := range media.Schema.AllOf {
		if data, ok := part.Properties.Values["data"]; ok && part.Ref == "" {
			if err := m.answerType(data); err != nil {
				return err
			}
			t := m.types[data.Target.Name]
			t.Events = append(t.Events, w.Path)
			return nil
		}
	}
	return fmt.Errorf("no data")
}

// deref follows a reference and removes null from a type.
func deref(s *schema) (target *schema, null bool) {
	if len(s.AnyOf) == 2 && slices.Equal(s.AnyOf[1].Types, stringList{"null"}) {
		t, _ := deref(s.AnyOf[0])
		return t, true
	}
	if s.Target != nil {
		return s.Target, false
	}
	return s, slices.Contains(s.Types, "null")
}

func kindOf(s *schema) string {
	for _, t := range s.Types {
		if t != "null" {
			return t
		}
	}
	return ""
}

// answerType registers every struct below s.
func (m *goModel) answerType(s *schema) error {
	t, _ := deref(s)
	switch {
	case t.GoType != "":
		return nil
	case kindOf(t) == "array":
		return m.answerType(t.Items)
	case t.Name == "" && t.Properties.Values["total_count"] != nil:
		for _, k := range t.Properties.Keys {
			if err := m.answerType(t.Properties.Values[k]); err != nil {
				return err
			}
		}
		return nil
	case len(t.OneOf) > 0, len(t.Properties.Keys) > 0:
		if t.Name == "" {
			return fmt.Errorf("an inline object needs a name in components/schemas")
		}
	default:
		return nil
	}
	if m.types[t.Name] != nil {
		return nil
	}
	typ := &goType{Name: t.Name, Doc: t.Description, File: t.File, Schema: t}
	m.types[t.Name] = typ
	m.Answers = append(m.Answers, typ)
	props := t
	if len(t.OneOf) > 0 {
		var err error
		if props, err = flatten(t); err != nil {
			return err
		}
		for _, v := range t.OneOf {
			typ.Variants = append(typ.Variants, v.Target)
		}
	}
	for _, key := range props.Properties.Keys {
		p := props.Properties.Values[key]
		if err := m.answerType(p); err != nil {
			return fmt.Errorf("%s.%s: %w", t.Name, key, err)
		}
		f, err := m.field(typ.File, typ.Name, key, p, false)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", t.Name, key, err)
		}
		f.Required = slices.Contains(props.Required, key)
		if len(typ.Variants) > 0 {
			f.Doc = variantDoc(t, typ.Variants, key, f.Doc)
		}
		typ.Fields = append(typ.Fields, f)
	}
	return m.acyclic(typ, nil)
}

// acyclic refuses a struct that would contain itself by value.
func (m *goModel) acyclic(t *goType, above []string) error {
	if slices.Contains(above, t.Name) {
		return fmt.Errorf("%s contains itself: %v", t.Name, above)
	}
	for _, f := range t.Fields {
		if f.Kind == Object && m.types[f.Elem] != nil {
			if err := m.acyclic(m.types[f.Elem], append(above, t.Name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// flatten returns one object with the properties of all variants of a union.
func flatten(u *schema) (*schema, error) {
	out := &schema{Name: u.Name, Types: stringList{"object"}}
	out.Properties.Values = map[string]*schema{}
	for i, ref := range u.OneOf {
		v := ref.Target
		if v == nil || len(v.Properties.Keys) == 0 {
			return nil, fmt.Errorf("%s: variant %d is not an object", u.Name, i)
		}
		for _, key := range v.Properties.Keys {
			p := v.Properties.Values[key]
			have := out.Properties.Values[key]
			if have == nil {
				out.Properties.Keys = append(out.Properties.Keys, key)
				c := *p
				out.Properties.Values[key] = &c
				continue
			}
			a, aNull := deref(have)
			b, bNull := deref(p)
			if kindOf(a) != kindOf(b) || a.Format != b.Format || a.Name != b.Name {
				return nil, fmt.Errorf("%s: variants disagree on %s", u.Name, key)
			}
			for _, e := range b.Enum {
				if !slices.Contains(have.Enum, e) {
					have.Enum = append(slices.Clone(have.Enum), e)
				}
			}
			if bNull && !aNull && have.Ref == "" {
				have.Types = append(slices.Clone(have.Types), "null")
			}
		}
	}
	return out, nil
}

func variantDoc(u *schema, variants []*schema, key, doc string) string {
	var in []string
	for _, kind := range u.Discriminator.Mapping.Keys {
		ref := u.Discriminator.Mapping.Values[kind]
		for _, v := range variants {
			if strings.HasSuffix(ref, "/"+v.Name) && v.Properties.Values[key] != nil {
				in = append(in, kind)
			}
		}
	}
	if len(in) == len(variants) {
		return doc
	}
	return strings.TrimSpace(doc + " Only in " + strings.Join(in, ", ") + ".")
}
