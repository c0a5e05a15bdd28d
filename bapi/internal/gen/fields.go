package main

import (
	"fmt"
	"slices"
	"strings"
)

// field returns the Go field for a property. In responses, null and missing are the
// zero value, and Opt is used if zero is a meaningful value. In parameters, Opt is used
// if absent, null and zero differ.
func (m *goModel) field(file, owner, key string, s *schema, param bool) (*goField, error) {
	t, null := deref(s)
	f := &goField{JSON: key, Go: goName(key), Doc: firstOf(s.Description, ""), Deprecated: s.Deprecated, Null: null, Schema: s}
	kind, elem, err := m.kind(file, owner, key, t, param)
	if err != nil {
		return nil, err
	}
	f.Doc = withAhead(f.Doc, s.Ahead)
	f.Kind, f.Elem = kind, elem
	if kind == String && len(t.Enum) == 1 {
		f.Doc = strings.TrimSpace(f.Doc + fmt.Sprintf(" Always %q.", t.Enum[0]))
	}
	f.Type = elem
	switch kind {
	case List:
		f.Type = "[]" + elem
	case StringMap:
		f.Type = "map[string]" + elem
	}
	if !param {
		if null && (kind == Bool || kind == Int || kind == Float) {
			f.Type = "Opt[" + elem + "]"
		} else {
			f.Null = false
		}
	}
	return f, nil
}

// withAhead adds to a comment that the published description lacks the fact, and which
// SDK has it.
func withAhead(doc, ahead string) string {
	if ahead == "" {
		return doc
	}
	return strings.TrimSpace(doc + " It is missing in Clerk's published description; " + ahead + " has it.")
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// kind returns how a value is decoded and encoded, and its Go type. For lists and maps
// it is the type of the elements.
func (m *goModel) kind(file, owner, key string, t *schema, param bool) (fieldKind, string, error) {
	if t.GoType == "JSON" {
		return Any, "JSON", nil
	}
	switch kindOf(t) {
	case "string":
		switch {
		case t.Format == "date-time":
			return DateTime, "time.Time", nil
		case t.Format == "binary":
			return FileContent, "File", nil
		case len(t.Enum) > 1 || len(t.Enum) == 1 && param:
			return EnumString, m.enum(file, owner, key, t.Enum), nil
		}
		return String, "string", nil
	case "boolean":
		return Bool, "bool", nil
	case "integer":
		switch t.Format {
		case "unix-ms":
			return MilliTime, "time.Time", nil
		case "unix":
			return UnixTime, "time.Time", nil
		}
		return Int, "int64", nil
	case "number":
		return Float, "float64", nil
	case "array":
		e, _ := deref(t.Items)
		kind, elem, err := m.kind(file, owner, key, e, param)
		if err == nil && kind != String && kind != EnumString && kind != Object && kind != Any {
			err = fmt.Errorf("a list of %s", elem)
		}
		return List, elem, err
	case "object", "":
		switch {
		case t.Name != "" && (len(t.Properties.Keys) > 0 || len(t.OneOf) > 0):
			return Object, t.Name, nil
		case len(t.Properties.Keys) > 0:
			return 0, "", fmt.Errorf("an inline object needs a name in components/schemas")
		case t.AdditionalProperties != nil && t.AdditionalProperties.Schema != nil:
			v, null := deref(t.AdditionalProperties.Schema)
			if kindOf(v) != "string" {
				return Any, "JSON", nil
			}
			if null && param {
				return StringMap, "Opt[string]", nil
			}
			return StringMap, "string", nil
		case strings.HasSuffix(key, "_metadata"):
			return Metadata, "Metadata", nil
		}
		return Any, "JSON", nil
	}
	return 0, "", fmt.Errorf("type %v", t.Types)
}

// enum registers the open enum of a field and returns its Go name. Parameters of a
// service use the enum of the response field with the same name.
func (m *goModel) enum(file, owner, key string, values []any) string {
	name := owner + goName(key)
	if n, ok := enumNames[name]; ok {
		name = n
	}
	e := m.enums[name]
	if e == nil {
		e = &goEnum{Name: name, File: file}
		m.enums[name] = e
		m.Enums = append(m.Enums, e)
	}
	for _, v := range values {
		s, ok := v.(string)
		if ok && s != "" && s[0] != '-' && !slices.Contains(e.Values, s) {
			e.Values = append(e.Values, s)
		}
	}
	return name
}

// paramType registers an object of a request.
func (m *goModel) paramType(s *schema) error {
	t, _ := deref(s)
	switch {
	case t.GoType != "":
		return nil
	case kindOf(t) == "array":
		return m.paramType(t.Items)
	case t.Name == "" || len(t.Properties.Keys) == 0 || m.types[t.Name] != nil:
		return nil
	}
	typ := &goType{Name: t.Name, Doc: t.Description, File: t.File, Schema: t, Param: true}
	m.types[t.Name] = typ
	m.Params = append(m.Params, typ)
	return m.bodyFields(typ, strings.TrimSuffix(strings.TrimSuffix(t.Name, "Params"), "Item"), t, nil)
}

// bodyFields adds the properties of a body to a struct, except those in skip.
func (m *goModel) bodyFields(typ *goType, owner string, t *schema, skip []*goField) error {
	for _, key := range t.Properties.Keys {
		if slices.ContainsFunc(skip, func(f *goField) bool { return f.In == "body" && f.JSON == key }) {
			continue
		}
		f, err := m.bodyField(typ.File, owner, key, t)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		typ.Fields = append(typ.Fields, f)
	}
	return nil
}

func (m *goModel) bodyField(file, owner, key string, t *schema) (*goField, error) {
	p := t.Properties.Values[key]
	if err := m.paramType(p); err != nil {
		return nil, err
	}
	f, err := m.field(file, owner, key, p, true)
	if err != nil {
		return nil, err
	}
	f.In = "body"
	f.Required = slices.Contains(t.Required, key)
	plain := f.Kind == List || f.Kind == StringMap || f.Kind == Metadata || f.Kind == Any || f.Kind == FileContent
	switch {
	case f.Required && !f.Null:
	case plain && (!f.Null || f.Kind == Any): // nil or "" is absent
		f.Null = false
	default:
		f.Type, f.Null = "Opt["+f.Type+"]", true
	}
	return f, nil
}
