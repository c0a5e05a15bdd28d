package main

import (
	"fmt"
	"slices"
	"strings"
)

// method turns an operation into a method of its service.
//
// Path parameters and required query parameters are positional. So are required body
// fields, as long as there are at most two and the method then has at most three
// positional arguments: with more arguments, named fields are easier to read.
func (m *goModel) method(s *goService, p *pathItem, op *operation) (*goMethod, error) {
	meth := &goMethod{Op: op, Path: p.Path, Name: op.GoMethod}
	if meth.Name == "" || op.Summary == "" {
		return nil, fmt.Errorf("x-go-method and summary are needed")
	}
	one := singular(s.Name)
	params := &goType{Name: one + meth.Name + "Params", File: s.File, Param: true}
	params.Doc = fmt.Sprintf("%s are the optional arguments of [%sService.%s].", params.Name, s.Name, meth.Name)
	if err := m.parameters(meth, params, one); err != nil {
		return nil, err
	}
	if err := m.segments(meth); err != nil {
		return nil, err
	}
	if op.RequestBody != nil {
		if err := m.body(meth, params, one); err != nil {
			return nil, err
		}
	}
	if len(params.Fields) > 0 {
		if m.types[params.Name] != nil {
			return nil, fmt.Errorf("%s is taken", params.Name)
		}
		meth.Params = params
		m.types[params.Name] = params
		m.Params = append(m.Params, params)
		if slices.ContainsFunc(params.Fields, func(f *goField) bool { return f.Required }) {
			params.Doc = fmt.Sprintf("%s are the arguments of [%sService.%s].", params.Name, s.Name, meth.Name)
		}
	}
	if err := m.answer(meth); err != nil {
		return nil, err
	}
	meth.Doc = doc(meth)
	return meth, nil
}

// parameters sorts path and query parameters into arguments and struct fields.
func (m *goModel) parameters(meth *goMethod, params *goType, one string) error {
	for _, p := range meth.Op.Parameters {
		if p.Name == "paginated" {
			continue // always sent: the answer then says how many there are
		}
		f, err := m.field(params.File, one, p.Name, p.Schema, true)
		if err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
		f.In, f.Required, f.Doc, f.Deprecated = p.In, p.Required, p.Description, p.Deprecated
		f.NoExplode = p.Explode != nil && !*p.Explode
		switch {
		case p.In == "path", p.Required:
			f.Go = argName(p.Name)
			meth.Positional = append(meth.Positional, f)
			continue
		case p.Name == "limit", p.Name == "offset":
			f.Type = "int"
		case f.Kind == Bool:
			f.Type, f.Null = "Opt[bool]", true
		}
		if slices.ContainsFunc(params.Fields, func(o *goField) bool { return o.Go == f.Go }) {
			// frontendApi and frontend_api: the old spelling gets a name of its own.
			f.Go += "Old"
		}
		params.Fields = append(params.Fields, f)
	}
	// The old spelling comes first in the description; the current one has the good name.
	for i, f := range params.Fields {
		if strings.HasSuffix(f.Go, "Old") {
			for _, o := range params.Fields[:i] {
				if o.Deprecated && o.Go+"Old" == f.Go {
					o.Go, f.Go = f.Go, o.Go
				}
			}
		}
	}
	return nil
}

// segments takes the path apart and finds the argument for each placeholder.
func (m *goModel) segments(meth *goMethod) error {
	var ordered []*goField
	for _, seg := range strings.Split(strings.TrimPrefix(meth.Path, "/"), "/") {
		name, isArg := strings.CutPrefix(seg, "{")
		if !isArg {
			meth.Segments = append(meth.Segments, segment{Literal: seg})
			continue
		}
		name = strings.TrimSuffix(name, "}")
		i := slices.IndexFunc(meth.Positional, func(f *goField) bool { return f.In == "path" && f.JSON == name })
		if i < 0 {
			return fmt.Errorf("no parameter for {%s}", name)
		}
		ordered = append(ordered, meth.Positional[i])
		meth.Segments = append(meth.Segments, segment{Arg: meth.Positional[i]})
	}
	for _, f := range meth.Positional {
		if f.In != "path" {
			ordered = append(ordered, f)
		}
	}
	if len(ordered) != len(meth.Positional) {
		return fmt.Errorf("a path parameter is not in the path")
	}
	meth.Positional = ordered
	return nil
}

// body sorts the fields of the body into arguments and struct fields.
func (m *goModel) body(meth *goMethod, params *goType, one string) error {
	content := meth.Op.RequestBody.Content
	if len(content.Keys) != 1 {
		return fmt.Errorf("%d content types", len(content.Keys))
	}
	meth.Multipart = content.Keys[0] == "multipart/form-data"
	t, _ := deref(content.Values[content.Keys[0]].Schema)
	if kindOf(t) == "array" {
		if err := m.paramType(t.Items); err != nil {
			return err
		}
		meth.BodyList = m.types[t.Items.Target.Name]
		return nil
	}
	var required []*goField
	for _, key := range t.Properties.Keys {
		f, err := m.bodyField(params.File, one, key, t)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		if f.Required && !f.Null || f.Kind == FileContent {
			required = append(required, f)
		}
	}
	if len(required) <= 2 && len(meth.Positional)+len(required) <= 3 {
		for _, f := range required {
			f.Go = argName(f.JSON)
			meth.Positional = append(meth.Positional, f)
		}
	}
	return m.bodyFields(params, one, t, meth.Positional)
}

// answer finds out what the operation returns.
func (m *goModel) answer(meth *goMethod) error {
	for _, status := range meth.Op.Responses.Keys {
		r := meth.Op.Responses.Values[status]
		if status[0] != '2' {
			meth.Errors = append(meth.Errors, status)
			continue
		}
		if meth.Answer.Status != "" {
			return fmt.Errorf("two answers")
		}
		meth.Answer.Status = status
		for _, ct := range r.Content.Keys {
			if ct != "application/json" {
				meth.Answer.Raw = true
				continue
			}
			t, _ := deref(r.Content.Values[ct].Schema)
			switch {
			case kindOf(t) == "array":
				meth.Answer.List = true
				t = t.Items.Target
			case t.Name == "" && t.Properties.Values["total_count"] != nil:
				meth.Answer.List = true
				for _, k := range t.Properties.Keys {
					if k != "total_count" {
						meth.Answer.Key = k
					}
				}
				t = t.Properties.Values[meth.Answer.Key].Items.Target
			case t.Name == "":
				meth.Answer.Type = "JSON"
				continue
			}
			meth.Answer.Type = t.Name
		}
	}
	if meth.Answer.Status == "" {
		return fmt.Errorf("no answer with status 2xx")
	}
	for _, p := range meth.Op.Parameters {
		switch p.Name {
		case "limit":
			meth.Answer.Paged = meth.Answer.List
			meth.Answer.Max = *p.Schema.Maximum
		case "starting_after":
			meth.Answer.Cursor = true
		}
	}
	if t := m.types[meth.Answer.Type]; t != nil {
		t.Promised = true
		meth.Answer.HasID = slices.ContainsFunc(t.Fields, func(f *goField) bool { return f.Go == "ID" && f.Type == "string" })
	}
	return nil
}

// doc is the comment of a method.
func doc(meth *goMethod) []string {
	op := meth.Op
	first, rest, _ := strings.Cut(op.Summary, " ")
	out := []string{meth.Name + " " + strings.ToLower(first[:1]) + first[1:] + " " + rest}
	if op.Description != "" {
		out[0] += " " + op.Description
	}
	out[0] = withAhead(out[0], op.Ahead)
	var args []string
	for _, f := range meth.Positional {
		if f.Doc != "" && f.Kind != FileContent && !strings.HasPrefix(f.Doc, "ID of the ") {
			args = append(args, f.Go+": "+strings.TrimSuffix(f.Doc, ".")+".")
		}
	}
	if len(args) > 0 {
		out = append(out, "", strings.Join(args, " "))
	}
	last := op.Method + " " + meth.Path
	if len(meth.Errors) > 0 {
		last += ". Errors: " + strings.Join(meth.Errors, ", ")
	}
	out = append(out, "", last+".")
	if op.Deprecated {
		out = append(out, "", "Deprecated: Clerk will remove this operation.")
	}
	return out
}
