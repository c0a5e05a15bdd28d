package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

func structType(w *writer, t *goType) {
	lines := []string{t.Doc}
	if !strings.HasPrefix(t.Doc, t.Name+" ") {
		lines = []string{fmt.Sprintf("%s is %s", t.Name, lowerFirst(t.Doc))}
	}
	lines[0] = withAhead(lines[0], t.Schema.ahead())
	if len(t.Events) > 0 {
		lines = append(lines, "", "It is the data of the webhook events "+strings.Join(t.Events, ", ")+".")
	}
	w.comment("", lines...)
	w.f("type %s struct {\n", t.Name)
	for _, f := range t.Fields {
		var lines []string
		if f.Doc != "" {
			lines = append(lines, f.Doc)
		}
		if s, _ := deref(f.Schema); f.In == "query" && f.JSON == "limit" && s.Maximum != nil {
			lines = append(lines, fmt.Sprintf("1 to %d, by default %v.", *s.Maximum, s.Default))
		} else if f.In != "" {
			if note := limits(s); note != "" {
				lines = append(lines, note)
			}
		}
		if f.Deprecated {
			if len(lines) > 0 {
				lines = append(lines, "")
			}
			lines = append(lines, "Deprecated: Clerk will remove this field.")
		}
		w.comment("\t", joined(lines)...)
		w.f("\t%s %s `%s`\n", f.Go, f.Type, tag(t, f))
	}
	if !t.Param {
		w.f("\n\tRaw\n")
	}
	w.f("}\n\n")
}

// joined joins the lines before the first empty one into one paragraph.
func joined(lines []string) []string {
	i := slices.Index(lines, "")
	if i < 0 {
		i = len(lines)
	}
	if i == 0 {
		return lines
	}
	return append([]string{strings.Join(lines[:i], " ")}, lines[i:]...)
}

// limits returns the bounds and the default of an argument.
func limits(s *schema) string {
	var parts []string
	switch {
	case s.Minimum != nil && s.Maximum != nil:
		parts = append(parts, fmt.Sprintf("%d to %d", *s.Minimum, *s.Maximum))
	case s.Minimum != nil && *s.Minimum > 0:
		parts = append(parts, fmt.Sprintf("at least %d", *s.Minimum))
	case s.MinLength != nil && s.MaxLength != nil:
		parts = append(parts, fmt.Sprintf("%d to %d characters", *s.MinLength, *s.MaxLength))
	case s.MaxLength != nil:
		parts = append(parts, fmt.Sprintf("at most %d characters", *s.MaxLength))
	}
	if s.Default != nil && s.Default != 0 {
		parts = append(parts, fmt.Sprintf("by default %v", s.Default))
	}
	if len(parts) == 0 {
		return ""
	}
	out := strings.Join(parts, ", ") + "."
	return strings.ToUpper(out[:1]) + out[1:]
}

// tag returns the struct tag: query for query parameters, json for other fields. In
// parameters omitzero omits fields that were not set. marshalAnswer encodes responses.
func tag(t *goType, f *goField) string {
	switch {
	case f.In == "query":
		opt := ""
		if f.NoExplode {
			opt = ",comma"
		}
		return fmt.Sprintf(`json:"-" query:"%s%s"`, f.JSON, opt)
	case t.Param && f.Required:
		return fmt.Sprintf(`json:"%s"`, f.JSON)
	case t.Param:
		return fmt.Sprintf(`json:"%s,omitzero"`, f.JSON)
	case f.Kind == DateTime:
		return fmt.Sprintf(`json:"%s" bapi:"rfc3339"`, f.JSON)
	}
	return fmt.Sprintf(`json:"%s"`, f.JSON)
}

func lowerFirst(s string) string {
	if len(s) > 1 && s[1] >= 'A' && s[1] <= 'Z' {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// enum prints an open enum with the known values as constants.
func enum(w *writer, e *goEnum) {
	w.comment("", fmt.Sprintf("%s is an open enum: the API can send values that have no constant here.", e.Name))
	w.f("type %s string\n\n// Known values of [%s].\nconst (\n", e.Name, e.Name)
	for _, v := range e.Values {
		name := goName(v)
		if owner, ok := strings.CutSuffix(e.Name, "Object"); ok && name != owner {
			name = strings.TrimPrefix(name, owner) // VerificationObjectOTP
		}
		if name == "" {
			name = "All" // "*"
		}
		w.f("\t%s%s %s = %q\n", e.Name, name, e.Name, v)
	}
	w.f(")\n\n")
}

// decoder prints the method that decodes a response in one pass.
func decoder(w *writer, t *goType) {
	w.f("func (v *%s) decode(d *decoder) {\n\t*v = %s{}\n\tstart, ok := d.object()\n", t.Name, t.Name)
	w.f("\tfor ok && d.more() {\n\t\tswitch d.name {\n")
	for _, f := range t.Fields {
		w.f("\t\tcase %q:\n\t\t\t%s\n", f.JSON, read(f))
	}
	w.f("\t\tdefault:\n\t\t\td.skip()\n\t\t}\n\t}\n\tv.raw = d.since(start)\n}\n\n")
	if t.Promised {
		w.f("func (v *%s) lacks() string { return %s }\n\n", t.Name, promise(t))
	}
	w.comment("", fmt.Sprintf("UnmarshalJSON decodes a %s as sent by the API.", t.Name))
	w.f("func (v *%s) UnmarshalJSON(b []byte) error { return unmarshal(b, v) }\n\n", t.Name)
	w.comment("", fmt.Sprintf("MarshalJSON encodes a %s like the API, with unknown fields.", t.Name))
	w.f("func (v %s) MarshalJSON() ([]byte, error) { return marshalAnswer(&v) }\n\n", t.Name)
}

// promise returns an expression for the required content that a response lacks, so that
// null and {} do not count as a user. If an ID is required, it must be there. Without
// an ID, one of the required fields except "object" must be there. If no field is
// required, one known field must be there. null and "" do not count.
func promise(t *goType) string {
	var required, known []string
	for _, f := range t.Fields {
		_, null := deref(f.Schema)
		needed := f.Required && !null
		if needed && f.JSON == "id" && f.Type == "string" && len(t.Variants) == 0 {
			return "lacksID(v.ID)"
		}
		if needed && f.JSON != "object" {
			required = append(required, strconv.Quote(f.JSON))
		}
		if needed || f.JSON != "object" {
			known = append(known, strconv.Quote(f.JSON))
		}
	}
	if len(required) == 0 {
		required = known
	}
	return "v.lacksAll(" + strings.Join(required, ", ") + ")"
}

func read(f *goField) string {
	opt := strings.HasPrefix(f.Type, "Opt[")
	switch f.Kind {
	case String:
		return fmt.Sprintf("v.%s = d.text()", f.Go)
	case EnumString:
		return fmt.Sprintf("v.%s = %s(d.text())", f.Go, f.Elem)
	case Bool:
		if opt {
			return fmt.Sprintf("v.%s = d.optBool()", f.Go)
		}
		return fmt.Sprintf("v.%s = d.boolean()", f.Go)
	case Int:
		if opt {
			return fmt.Sprintf("v.%s = d.optInt()", f.Go)
		}
		return fmt.Sprintf("v.%s = d.integer()", f.Go)
	case Float:
		if opt {
			return fmt.Sprintf("v.%s = d.optFloat()", f.Go)
		}
		return fmt.Sprintf("v.%s = d.float()", f.Go)
	case MilliTime:
		return fmt.Sprintf("v.%s = d.millis()", f.Go)
	case UnixTime:
		return fmt.Sprintf("v.%s = d.unix()", f.Go)
	case DateTime:
		return fmt.Sprintf("v.%s = d.dateTime()", f.Go)
	case Metadata:
		return fmt.Sprintf("v.%s = Metadata(d.raw())", f.Go)
	case Any:
		return fmt.Sprintf("v.%s = JSON(d.raw())", f.Go)
	case Object:
		return fmt.Sprintf("v.%s.decode(d)", f.Go)
	case StringMap:
		return fmt.Sprintf("v.%s = d.stringMap()", f.Go)
	case List:
		t, _ := deref(f.Schema)
		switch item, _ := deref(t.Items); kindOf(item) {
		case "string":
			return fmt.Sprintf("v.%s = texts[%s](d)", f.Go, f.Elem)
		case "object":
			return fmt.Sprintf("v.%s = list[%s](d)", f.Go, f.Elem)
		}
	}
	panic("cannot decode  " + f.JSON)
}
