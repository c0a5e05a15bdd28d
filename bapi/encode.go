package bapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// encodeQuery encodes the fields of a params struct that have a query tag. Zero values
// are left out. Times are milliseconds since 1970.
func encodeQuery(params any) (url.Values, error) {
	q := url.Values{}
	if params == nil {
		return q, nil
	}
	v := reflect.ValueOf(params)
	for i := range v.NumField() {
		tag, ok := v.Type().Field(i).Tag.Lookup("query")
		f := v.Field(i)
		if !ok || f.IsZero() {
			continue
		}
		name, comma := strings.CutSuffix(tag, ",comma")
		switch x := f.Interface().(type) {
		case time.Time:
			q.Set(name, strconv.FormatInt(x.UnixMilli(), 10))
			continue
		case Opt[bool]:
			if b, ok := x.Get(); ok {
				q.Set(name, strconv.FormatBool(b))
			}
			continue
		}
		switch f.Kind() {
		case reflect.String:
			q.Set(name, f.String())
		case reflect.Int, reflect.Int64:
			q.Set(name, strconv.FormatInt(f.Int(), 10))
		case reflect.Slice:
			var list []string
			for j := range f.Len() {
				list = append(list, f.Index(j).String())
			}
			if comma {
				list = []string{strings.Join(list, ",")}
			}
			q[name] = list
		default:
			return nil, fmt.Errorf("cannot encode %s in a query", name)
		}
	}
	return q, nil
}

// marshalAnswer encodes a value as the API does. Known fields come from the struct,
// with times in milliseconds; other fields come from the JSON it was decoded from. A
// zero value is null or missing, as in that JSON. If there is no such JSON, zero values
// are left out.
func marshalAnswer(v answer) ([]byte, error) {
	s := reflect.ValueOf(v).Elem()
	was := map[string]string{}
	var names []string
	eachField(rawOf(s), func(key, value string) {
		if _, dup := was[key]; !dup {
			names = append(names, key)
		}
		was[key] = value
	})
	var out bytes.Buffer
	field := func(name string, value []byte) {
		if out.Len() > 1 {
			out.WriteByte(',')
		}
		key, _ := json.Marshal(name) // strings cannot fail
		out.Write(key)
		out.WriteByte(':')
		out.Write(value)
	}
	out.WriteByte('{')
	for i := range s.NumField() {
		tag := s.Type().Field(i).Tag
		name := tag.Get("json")
		if name == "" {
			continue
		}
		f := s.Field(i)
		old, had := was[name]
		delete(was, name)
		if f.IsZero() || isEmptyRead(f) {
			switch {
			case !had:
				continue
			case old == "null":
				field(name, []byte("null"))
				continue
			}
		}
		b, err := marshalField(f, tag.Get("bapi") == "rfc3339")
		if err != nil {
			return nil, fmt.Errorf("bapi: %s: %w", name, err)
		}
		field(name, b)
	}
	for _, name := range names {
		if value, ok := was[name]; ok {
			field(name, []byte(value))
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// isEmptyRead reports whether f is an object that was decoded from null: its Raw is not
// zero but has no JSON.
func isEmptyRead(f reflect.Value) bool {
	return f.Kind() == reflect.Struct && rawOf(f) == "null"
}

// rawOf returns the JSON that s was decoded from, or "".
func rawOf(s reflect.Value) string {
	if r := s.FieldByName("Raw"); r.IsValid() && r.Type() == reflect.TypeFor[Raw]() {
		return r.FieldByName("raw").String()
	}
	return ""
}

func marshalField(f reflect.Value, rfc3339 bool) ([]byte, error) {
	if t, ok := f.Interface().(time.Time); ok && !rfc3339 {
		return strconv.AppendInt(nil, t.UnixMilli(), 10), nil
	}
	return json.Marshal(f.Interface())
}
