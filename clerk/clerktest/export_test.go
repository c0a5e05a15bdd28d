package clerktest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/keys"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// StateDiff says where the tables, indexes, keys and clocks of two emulators
// differ.
func StateDiff(a, b *Emulator) []string {
	x, y := stateOf(a), stateOf(b)
	diff := differences("tables", reflect.ValueOf(&x.Tables).Elem(), reflect.ValueOf(&y.Tables).Elem())
	diff = append(diff, differences("indexes", reflect.ValueOf(&x.Indexes).Elem(), reflect.ValueOf(&y.Indexes).Elem())...)
	if !slices.EqualFunc(a.server.Keys.All(), b.server.Keys.All(), func(k, l keys.Key) bool { return k.ID == l.ID && k.Private.Equal(l.Private) }) {
		diff = append(diff, "keys")
	}
	if a.server.Offset.Load() != b.server.Offset.Load() {
		diff = append(diff, "clock")
	}
	return diff
}

// stateOf lets a test look at the state of an emulator that nobody asks meanwhile.
func stateOf(e *Emulator) (tx *state.Tx) {
	e.server.Store.View(func(now *state.Tx) { tx = now })
	return tx
}

// Reads are the paths that can be read, of all APIs, with their placeholders.
func Reads() (patterns []string) {
	for _, table := range [][]operation{backendRoutes, frontendRoutes, pageRoutes, controlRoutes} {
		for i := range table {
			if rt := &table[i]; rt.Method == "GET" && rt.Handler != nil {
				patterns = append(patterns, rt.Pattern)
			}
		}
	}
	return patterns
}

// EmptyTables names the tables that hold nothing.
func EmptyTables(e *Emulator) (names []string) {
	v := reflect.ValueOf(&stateOf(e).Tables).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.IsZero() || f.Kind() == reflect.Map && f.Len() == 0 {
			names = append(names, v.Type().Field(i).Name)
		}
	}
	return names
}

// differences compares as JSON means it: times by their moment, raw JSON by its
// value, and nothing by where it lies in memory. Empty and nil are one.
func differences(path string, a, b reflect.Value) []string {
	differ := func() []string { return []string{fmt.Sprintf("%s: %v, %v", path, shown(a), shown(b))} }
	if a.Kind() == reflect.Interface { // what JSON holds of any type
		x, errX := json.Marshal(shown(a))
		y, errY := json.Marshal(shown(b))
		if errX != nil || errY != nil || !bytes.Equal(x, y) {
			return differ()
		}
		return nil
	}
	switch a.Type() {
	case reflect.TypeFor[time.Time]():
		x, y := shown(a).(time.Time), shown(b).(time.Time)
		if !x.Equal(y) {
			return differ()
		}
		return nil
	case reflect.TypeFor[json.RawMessage]():
		var x, y bytes.Buffer
		_ = json.Compact(&x, a.Bytes())
		_ = json.Compact(&y, b.Bytes())
		var s, t bytes.Buffer
		json.HTMLEscape(&s, x.Bytes())
		json.HTMLEscape(&t, y.Bytes())
		if !bytes.Equal(s.Bytes(), t.Bytes()) {
			return differ()
		}
		return nil
	}
	var out []string
	switch a.Kind() {
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			if a.IsNil() != b.IsNil() {
				return differ()
			}
			return nil
		}
		return differences(path, a.Elem(), b.Elem())
	case reflect.Struct:
		for i := range a.NumField() {
			out = append(out, differences(path+"."+a.Type().Field(i).Name, open(a.Field(i)), open(b.Field(i)))...)
		}
	case reflect.Slice:
		if a.Len() != b.Len() {
			return differ()
		}
		for i := range a.Len() {
			out = append(out, differences(fmt.Sprintf("%s[%d]", path, i), a.Index(i), b.Index(i))...)
		}
	case reflect.Map:
		for _, key := range append(a.MapKeys(), b.MapKeys()...) {
			x, y := a.MapIndex(key), b.MapIndex(key)
			name := fmt.Sprintf("%s[%v]", path, key)
			switch {
			case empty(x) && empty(y): // what an index keeps of something that is gone
			case !x.IsValid() || !y.IsValid():
				out = append(out, name+" is missing in one")
			default:
				out = append(out, differences(name, x, y)...)
			}
		}
	default:
		if !a.Equal(b) {
			return differ()
		}
	}
	return out
}

// open lets unexported fields be read.
func open(v reflect.Value) reflect.Value {
	if v.CanInterface() || !v.CanAddr() {
		return v
	}
	return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
}

func empty(v reflect.Value) bool {
	return !v.IsValid() || v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0
}

func shown(v reflect.Value) any {
	if v.CanInterface() {
		return v.Interface()
	}
	return v.String()
}

// FilledTables fills every field of every table, whatever tables there are, sends
// them through JSON and says what became of them.
func FilledTables(r *rand.Rand) (diff []string, err error) {
	var in, out state.Tables
	if err := fill("tables", reflect.ValueOf(&in).Elem(), r, 0); err != nil {
		return nil, err
	}
	data, err := json.Marshal(&in)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, err
	}
	return differences("tables", reflect.ValueOf(&in).Elem(), reflect.ValueOf(&out).Elem()), out.Complete()
}

func fill(path string, v reflect.Value, r *rand.Rand, depth int) error {
	text := func() string {
		return fmt.Sprintf("%s<&>\"é\u2028%d", path[strings.LastIndexByte(path, '.')+1:], r.Uint32())
	}
	switch v.Type() {
	case reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(r.Int64N(1<<34), r.Int64N(1e9)).In(time.FixedZone("", 3600))))
		return nil
	case reflect.TypeFor[json.RawMessage]():
		v.SetBytes([]byte(fmt.Sprintf(`{"a":[%d,"<é>",null,1e400,{"b":{}}]}`, r.Uint64())))
		return nil
	case reflect.TypeFor[url.URL]():
		u, err := url.Parse(fmt.Sprintf("http://localhost:3000/a%%2Fb/%d?x=%%20&y=#f%%23", r.Uint32()))
		v.Set(reflect.ValueOf(*u))
		return err
	case reflect.TypeFor[state.MembershipKey]():
		v.Set(reflect.ValueOf(state.MembershipKey{Organization: fmt.Sprint("org_", r.Uint32()), User: fmt.Sprint("user_", r.Uint32())}))
		return nil
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text())
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(1 + r.Int64N(100))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(1 + r.Uint64N(100))
	case reflect.Float64, reflect.Float32:
		v.SetFloat(r.Float64())
	case reflect.Interface:
		v.Set(reflect.ValueOf(text()))
	case reflect.Pointer:
		if depth > 8 {
			return nil
		}
		v.Set(reflect.New(v.Type().Elem()))
		return fill(path, v.Elem(), r, depth+1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			if err := fill(path, v.Index(i), r, depth+1); err != nil {
				return err
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			if err := fill(path, v.Index(i), r, depth+1); err != nil {
				return err
			}
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			if err := fill(path, key, r, depth+1); err != nil {
				return err
			}
			if err := fill(path, value, r, depth+1); err != nil {
				return err
			}
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() {
				return fmt.Errorf("%s.%s is not exported: a snapshot would lose it", path, f.Name)
			}
			if err := fill(path+"."+f.Name, v.Field(i), r, depth+1); err != nil {
				return err
			}
		}
	default:
		return fmt.Errorf("%s: a snapshot cannot hold a %s", path, v.Type())
	}
	return nil
}
