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

// split splits a reference into file and key. It must point to section.
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
			continue // internal/transport decodes the errors, which all have one schema
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
