package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// operationTests prints the tables for the tests of package bapi. For every operation
// there is a call with all arguments and one with only the required ones, each with its
// request. For every response type there is a response with all fields.
func operationTests(w *writer, m *goModel) {
	w.f("var operations = []operation{\n")
	for _, s := range m.Services {
		for _, meth := range s.Methods {
			a := meth.Answer
			w.f("\t{\n\t\tid: %q, method: %q, path: %q,\n", meth.Op.OperationID, meth.Op.Method, samplePath(meth))
			w.f("\t\tstatus: %s, answer: %q, list: %v, key: %q, raw: %v,\n", a.Status, a.Type, a.List, a.Key, a.Raw)
			for _, full := range []bool{true, false} {
				name := "full"
				if !full {
					name = "bare"
				}
				args, query, body := sampleCall(meth, full, m)
				w.f("\t\t%s: sample{\n\t\t\tquery: %q,\n\t\t\tbody: %s,\n", name, query, quote(body))
				w.f("\t\t\tcall: func(ctx context.Context, c *Client) (any, error) {\n")
				call := fmt.Sprintf("c.%s.%s(%s)", s.Name, meth.Name, args)
				if a.Type == "" && !a.Raw {
					w.f("\t\t\t\treturn nil, %s\n", call)
				} else {
					w.f("\t\t\t\treturn %s\n", call)
				}
				w.f("\t\t\t},\n\t\t},\n")
			}
			hostile(w, s, meth, m)
			if a.Paged {
				args, _, _ := sampleCall(meth, false, m)
				w.f("\t\tall: func(ctx context.Context, c *Client, yield func(any, error) bool) {\n")
				w.f("\t\t\tfor v, err := range c.%s.%s(%s) {\n\t\t\t\tif !yield(v, err) {\n\t\t\t\t\treturn\n\t\t\t\t}\n\t\t\t}\n\t\t},\n",
					s.Name, strings.Replace(meth.Name, "List", "All", 1), args)
			}
			w.f("\t},\n")
		}
	}
	w.f("}\n\nvar answerTypes = []answerType{\n")
	for _, t := range m.Answers {
		if len(t.Variants) == 0 {
			w.f("\t{%q, func() answer { return new(%s) }, %s},\n", t.Name, t.Name, quote(sampleAnswer(t.Schema, 0)))
		}
		for _, v := range t.Variants {
			w.f("\t{%q, func() answer { return new(%s) }, %s},\n", t.Name, t.Name, quote(sampleAnswer(v, 0)))
		}
	}
	w.f("}\n\n// eventTypes are the webhook events with the types of their data.\nvar eventTypes = map[string]string{\n")
	for _, t := range m.Answers {
		for _, e := range t.Events {
			w.f("\t%q: %q,\n", e, t.Name)
		}
	}
	w.f("}\n")
}

// hostile prints a call for each path parameter that takes its value from the test.
func hostile(w *writer, s *goService, meth *goMethod, m *goModel) {
	var params []*goField
	for _, seg := range meth.Segments {
		if seg.Arg != nil {
			params = append(params, seg.Arg)
		}
	}
	if len(params) == 0 {
		return
	}
	w.f("\t\tparams: []pathParam{\n")
	for _, p := range params {
		args := "ctx"
		for _, f := range meth.Positional {
			expr, _ := sampleValue(f, m)
			if f == p {
				if expr = "bad"; f.Type != "string" {
					expr = f.Type + "(bad)"
				}
			}
			args += ", " + expr
		}
		if meth.BodyList != nil {
			args += ", nil"
		}
		if meth.Params != nil {
			args += ", " + meth.Params.Name + "{}"
		}
		call := fmt.Sprintf("c.%s.%s(%s)", s.Name, meth.Name, args)
		w.f("\t\t\t{%q, func(ctx context.Context, c *Client, bad string) error {\n", p.JSON)
		if meth.Answer.Type == "" && !meth.Answer.Raw {
			w.f("\t\t\t\treturn %s\n", call)
		} else {
			w.f("\t\t\t\t_, err := %s\n\t\t\t\treturn err\n", call)
		}
		w.f("\t\t\t}},\n")
	}
	w.f("\t\t},\n")
}

func quote(s string) string {
	if strings.Contains(s, "`") {
		return strconv.Quote(s)
	}
	return "`" + s + "`"
}

func samplePath(meth *goMethod) string {
	out := "/v1"
	for _, seg := range meth.Segments {
		if seg.Arg == nil {
			out += "/" + seg.Literal
			continue
		}
		_, v := sampleValue(seg.Arg, nil)
		out += "/" + strings.Trim(v, `"`)
	}
	return out
}

// sampleCall returns the arguments of a call, and the query (with sorted keys) and the
// body that it must send.
func sampleCall(meth *goMethod, full bool, m *goModel) (args, query, body string) {
	args = "ctx"
	var q, b []string
	for _, f := range meth.Positional {
		expr, v := sampleValue(f, m)
		args += ", " + expr
		switch f.In {
		case "query":
			q = append(q, f.JSON+"="+strings.Trim(v, `"`))
		case "body":
			if f.Kind != FileContent {
				b = append(b, strconv.Quote(f.JSON)+":"+v)
			}
		}
	}
	if meth.BodyList != nil {
		expr, v := sampleObject(meth.BodyList, full, m)
		args += ", []" + meth.BodyList.Name + "{" + strings.TrimPrefix(expr, meth.BodyList.Name) + "}"
		body = "[" + v + "]"
	}
	if meth.Params != nil {
		var set []string
		for _, f := range meth.Params.Fields {
			if !full && !f.Required {
				continue
			}
			expr, v := sampleValue(f, m)
			set = append(set, f.Go+": "+expr)
			if f.In == "body" {
				b = append(b, strconv.Quote(f.JSON)+":"+v)
				continue
			}
			var list []string
			if f.Kind == List && json.Unmarshal([]byte(v), &list) == nil {
				if f.NoExplode {
					list = []string{strings.Join(list, "%2C")}
				}
				for _, x := range list {
					q = append(q, f.JSON+"="+x)
				}
				continue
			}
			q = append(q, f.JSON+"="+strings.Trim(v, `"`))
		}
		args += ", " + meth.Params.Name + "{" + strings.Join(set, ", ") + "}"
	}
	if slices.ContainsFunc(meth.Op.Parameters, func(p *parameter) bool { return p.Name == "paginated" }) {
		q = append(q, "paginated=true")
	}
	slices.SortStableFunc(q, func(a, b string) int {
		ka, _, _ := strings.Cut(a, "=")
		kb, _, _ := strings.Cut(b, "=")
		return strings.Compare(ka, kb)
	})
	inParams := meth.Params != nil && slices.ContainsFunc(meth.Params.Fields, func(f *goField) bool { return f.In == "body" })
	if meth.BodyList == nil && (len(b) > 0 || inParams) {
		body = "{" + strings.Join(b, ",") + "}"
	}
	return args, strings.Join(q, "&"), body
}

// sampleObject returns a composite literal and its JSON.
func sampleObject(t *goType, full bool, m *goModel) (expr, value string) {
	var set, out []string
	for _, f := range t.Fields {
		if !full && !f.Required {
			continue
		}
		e, v := sampleValue(f, m)
		set = append(set, f.Go+": "+e)
		out = append(out, strconv.Quote(f.JSON)+":"+v)
	}
	return t.Name + "{" + strings.Join(set, ", ") + "}", "{" + strings.Join(out, ",") + "}"
}

// sampleValue returns a Go expression for a field and its JSON.
func sampleValue(f *goField, m *goModel) (expr, value string) {
	s, _ := deref(f.Schema)
	switch f.Kind {
	case String:
		expr = strconv.Quote("a-" + f.JSON)
		value = expr
	case EnumString:
		value = strconv.Quote(fmt.Sprint(s.Enum[0]))
		expr = value
		if strings.HasPrefix(f.Type, "Opt[") {
			expr = f.Elem + "(" + value + ")"
		}
	case Bool:
		expr, value = "true", "true"
	case Int:
		expr, value = "7", "7"
		if strings.HasPrefix(f.Type, "Opt[") {
			expr = "int64(7)"
		}
	case Float:
		expr, value = "1.5", "1.5"
	case MilliTime:
		if f.In == "body" {
			panic("a time in milliseconds in a body: " + f.JSON)
		}
		expr, value = "sampleTime", "1767323045123"
	case DateTime:
		expr, value = "sampleTime", `"2026-01-02T03:04:05.123Z"`
	case Metadata:
		expr, value = "Metadata(`{\"k\":1}`)", `{"k":1}`
	case Any:
		expr, value = "JSON(`{\"sub\":\"user_1\"}`)", `{"sub":"user_1"}`
	case StringMap:
		expr, value = "map[string]string{\"k\": \"v\"}", `{"k":"v"}`
		if f.Elem != "string" {
			expr, value = "map[string]Opt[string]{\"k\": Set(\"v\"), \"n\": Null[string]()}", `{"k":"v","n":null}`
		}
	case FileContent:
		expr = "sampleFile()"
	case Object:
		expr, value = sampleObject(m.types[f.Elem], true, m)
	case List:
		item, _ := deref(s.Items)
		if kindOf(item) == "object" {
			e, v := sampleObject(m.types[f.Elem], true, m)
			expr, value = "[]"+f.Elem+"{"+strings.TrimPrefix(e, f.Elem)+"}", "["+v+"]"
			break
		}
		one, two := "a", "b"
		if len(item.Enum) > 1 {
			one, two = fmt.Sprint(item.Enum[0]), fmt.Sprint(item.Enum[1])
		}
		expr = fmt.Sprintf("[]%s{%q, %q}", f.Elem, one, two)
		value = fmt.Sprintf("[%q,%q]", one, two)
	}
	if strings.HasPrefix(f.Type, "Opt[") {
		expr = "Set(" + expr + ")"
	}
	return expr, value
}

// sampleAnswer returns a response in which every field has a value.
func sampleAnswer(s *schema, depth int) string {
	t, _ := deref(s)
	switch kindOf(t) {
	case "string":
		switch {
		case len(t.Enum) > 0:
			last := t.Enum[len(t.Enum)-1]
			if last == "" {
				last = t.Enum[0]
			}
			return strconv.Quote(fmt.Sprint(last))
		case t.Format == "date-time":
			return `"2026-01-02T03:04:05.123Z"`
		}
		return strconv.Quote(fmt.Sprintf("text %d", depth))
	case "boolean":
		return "true"
	case "integer":
		switch t.Format {
		case "unix-ms", "unix":
			return strconv.Itoa(1767323045123 + depth)
		}
		return strconv.Itoa(7 + depth)
	case "number":
		return "12.5"
	case "array":
		if depth > 6 {
			return "[]"
		}
		return "[" + sampleAnswer(t.Items, depth+1) + "]"
	}
	if len(t.OneOf) > 0 {
		return sampleAnswer(t.OneOf[depth%len(t.OneOf)], depth)
	}
	if len(t.Properties.Keys) == 0 {
		return `{"k":"v"}`
	}
	var out []string
	for _, key := range t.Properties.Keys {
		out = append(out, strconv.Quote(key)+":"+sampleAnswer(t.Properties.Values[key], depth+1))
	}
	return "{" + strings.Join(out, ",") + "}"
}
