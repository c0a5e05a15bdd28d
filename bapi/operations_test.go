package bapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/internal/transport"
)

const testKey = "sk_test_4jdkTheSecretOfThisTest"

// operation is a row of the generated table: the request of a method and its response.
type operation struct {
	id, method, path string
	status           int
	answer           string // type; "" for no body, "JSON" for any object
	list             bool
	key              string // property with the list
	raw              bool
	full, bare       sample
	params           []pathParam
	all              func(ctx context.Context, c *Client, yield func(any, error) bool)
}

// sample is one call and the request that it must send.
type sample struct {
	query, body string
	call        func(ctx context.Context, c *Client) (any, error)
}

// pathParam calls an operation with one path parameter from the test and valid values
// for the others.
type pathParam struct {
	name string
	call func(ctx context.Context, c *Client, bad string) error
}

// answerType is a row of the generated table: a type, and a response with all its
// fields.
type answerType struct {
	name  string
	fresh func() answer
	full  string
}

var sampleTime = time.Date(2026, 1, 2, 3, 4, 5, 123e6, time.UTC)

func sampleFile() File {
	return File{Name: `lo"go.png`, ContentType: "image/png", Content: strings.NewReader("\x89PNG picture")}
}

// recorded is a request that the server received.
type recorded struct {
	method, path, query, contentType string
	body                             []byte
}

// serve starts a server under a path prefix, so that requests without the base URL
// fail, and returns a client for it.
func serve(t testing.TB, h http.HandlerFunc, changes ...Option) *Client {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/prefix/", http.StripPrefix("/prefix", h))
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	cfg := Config{SecretKey: testKey, APIURL: srv.URL + "/prefix", MaxRetries: -1}
	for _, change := range changes {
		change(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// recorder responds to every request with the current answer.
type recorder struct {
	got    recorded
	status int
	answer string
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusTeapot)
		return
	}
	q, err := url.ParseQuery(req.URL.RawQuery)
	if err != nil {
		http.Error(w, err.Error(), http.StatusTeapot)
		return
	}
	r.got = recorded{req.Method, req.URL.EscapedPath(), q.Encode(), req.Header.Get("Content-Type"), body}
	if r.answer != "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(r.status)
	_, _ = io.WriteString(w, r.answer)
}

// fullAnswer returns the response of an operation, made from the sample of its type.
func (op operation) fullAnswer(item string) string {
	switch {
	case op.answer == "":
		return ""
	case op.list && op.key == "":
		return "[" + item + "," + item + "]"
	case op.list:
		return fmt.Sprintf(`{%q:[%s,%s],"total_count":2}`, op.key, item, item)
	}
	return item
}

func sampleOf(name string) string {
	for _, t := range answerTypes {
		if t.name == name {
			return t.full
		}
	}
	return `{"k":"v"}`
}

// onlyPromised returns a response in which every nullable field is null.
func (op operation) onlyPromised(t *testing.T, item string) string {
	t.Helper()
	for _, at := range answerTypes {
		v, ok := at.fresh().(promised)
		if !ok || at.name != op.answer {
			continue
		}
		full := map[string]json.RawMessage{}
		if err := json.Unmarshal([]byte(item), &full); err != nil {
			t.Fatal(err)
		}
		nulls := transform(t, item, toNull)
		err := decode(nulls, func(d *decoder) { decodePromised(d, v) })
		var lacks transport.Lacks
		if !errors.As(err, &lacks) {
			return nulls // null is a valid value for it
		}
		name := strings.Trim(strings.TrimPrefix(string(lacks), "its "), `"`)
		var out map[string]json.RawMessage
		if err := json.Unmarshal([]byte(nulls), &out); err != nil {
			t.Fatal(err)
		}
		out[name] = full[name]
		b, err := json.Marshal(out)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	return transform(t, item, toNull)
}

// TestOperations calls every operation twice, with all arguments and with the required
// ones only, and checks the requests. It decodes three responses of each: one with all
// fields, one with nulls, and one with unknown fields.
func TestOperations(t *testing.T) {
	if len(operations) != 253 {
		t.Errorf("%d operations, want 253", len(operations))
	}
	rec := &recorder{}
	c := serve(t, rec.ServeHTTP)
	for _, op := range operations {
		t.Run(op.id, func(t *testing.T) {
			item := sampleOf(op.answer)
			answers := map[string]string{
				"full":     op.fullAnswer(item),
				"null":     op.fullAnswer(op.onlyPromised(t, item)),
				"extended": op.fullAnswer(transform(t, item, extend)),
			}
			for kind, answer := range answers {
				for name, s := range map[string]sample{"full": op.full, "bare": op.bare} {
					rec.status, rec.answer, rec.got = op.status, answer, recorded{}
					got, err := s.call(t.Context(), c)
					if err != nil {
						t.Fatalf("%s call, %s answer: %v", name, kind, err)
					}
					op.checkRequest(t, name, s, rec.got)
					op.checkAnswer(t, kind, answer, got)
				}
			}
			rec.status, rec.answer = 422, `{"errors":[{"code":"c","message":"m","meta":{"param_name":"p"}}]}`
			_, err := op.full.call(t.Context(), c)
			var e *Error
			if !errors.As(err, &e) || !errors.Is(err, ErrValidation) || e.Method != op.method || e.Path != op.path || e.Details[0].Param != "p" {
				t.Errorf("error answer: %v", err)
			}
		})
	}
}

func (op operation) checkRequest(t *testing.T, name string, s sample, got recorded) {
	t.Helper()
	if got.method != op.method || got.path != op.path {
		t.Errorf("%s: sent %s %s, want %s %s", name, got.method, got.path, op.method, op.path)
	}
	want, err := url.ParseQuery(s.query)
	if err != nil {
		t.Fatal(err)
	}
	if got.query != want.Encode() {
		t.Errorf("%s: query %q, want %q", name, got.query, want.Encode())
	}
	if strings.HasPrefix(got.contentType, "multipart/") {
		checkUpload(t, s, got)
		return
	}
	if s.body == "" {
		if len(got.body) != 0 || got.contentType != "" {
			t.Errorf("%s: body %s (%s), want none", name, got.body, got.contentType)
		}
		return
	}
	if !sameJSON(t, string(got.body), s.body) || got.contentType != "application/json" {
		t.Errorf("%s: body %s (%s), want %s", name, got.body, got.contentType, s.body)
	}
}

func checkUpload(t *testing.T, s sample, got recorded) {
	t.Helper()
	req := &http.Request{Method: "POST", Header: http.Header{"Content-Type": {got.contentType}}, Body: io.NopCloser(bytes.NewReader(got.body))}
	if err := req.ParseMultipartForm(1 << 20); err != nil {
		t.Fatal(err)
	}
	f, h, err := req.FormFile("file")
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err != nil || string(b) != "\x89PNG picture" || h.Filename != `lo"go.png` || h.Header.Get("Content-Type") != "image/png" {
		t.Errorf("uploaded %q as %q (%v): %v", b, h.Filename, h.Header, err)
	}
	fields := map[string]string{}
	for k, v := range req.MultipartForm.Value {
		fields[k] = v[0]
	}
	sent, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	if want := s.body; want != "" && !sameJSON(t, string(sent), want) || want == "" && len(fields) > 0 {
		t.Errorf("fields %s, want %s", sent, want)
	}
}

// checkAnswer checks the decoded value. TestAnswerTypes checks the individual fields.
func (op operation) checkAnswer(t *testing.T, kind, sent string, got any) {
	t.Helper()
	switch {
	case op.raw:
		if b, ok := got.([]byte); !ok || string(b) != sent {
			t.Errorf("%s: %q", kind, got)
		}
	case op.answer == "":
		if got != nil {
			t.Errorf("%s: %v", kind, got)
		}
	case op.list:
		page := reflect.ValueOf(got).Elem()
		total := int64(2)
		if op.key == "" {
			total = -1
		}
		if page.FieldByName("Data").Len() != 2 || page.FieldByName("TotalCount").Int() != total {
			t.Errorf("%s: %d items of %d", kind, page.FieldByName("Data").Len(), page.FieldByName("TotalCount").Int())
		}
		fallthrough
	default:
		v := reflect.ValueOf(got)
		if op.list {
			v = v.Elem().FieldByName("Data").Index(1).Addr()
		}
		if op.answer == "JSON" {
			return
		}
		if raw, ok := v.Elem().FieldByName("Raw").Interface().(Raw); !ok || kind == "extended" {
			if extra, ok := raw.RawField("zz_new"); !ok || extra != `{"later":[1]}` {
				t.Errorf("the unknown field is %q", extra)
			}
		}
	}
}

// TestAnswerTypes decodes a response with all fields of every type and encodes it again
// from the struct alone, without its Raw. Every field must be there with its value.
// Responses with nulls and with unknown fields must be unchanged after decoding and
// encoding.
func TestAnswerTypes(t *testing.T) {
	for _, at := range answerTypes {
		t.Run(at.name, func(t *testing.T) {
			v := at.fresh()
			if err := json.Unmarshal([]byte(at.full), v); err != nil {
				t.Fatal(err)
			}
			forget(reflect.ValueOf(v).Elem())
			b, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			if !sameJSON(t, string(b), at.full) {
				t.Errorf("from the fields alone\ngot  %s\nwant %s", b, at.full)
			}
			for kind, in := range map[string]string{
				"empty": "{}", "null": transform(t, at.full, toNull), "extended": transform(t, at.full, extend), "full": at.full,
			} {
				v := at.fresh()
				if err := json.Unmarshal([]byte(in), v); err != nil {
					t.Fatalf("%s: %v", kind, err)
				}
				b, err := json.Marshal(v)
				if err != nil {
					t.Fatal(err)
				}
				if !sameJSON(t, string(b), in) {
					t.Errorf("%s: there and back\ngot  %s\nwant %s", kind, b, in)
				}
			}
			if err := json.Unmarshal([]byte("null"), at.fresh()); err != nil {
				t.Errorf("null: %v", err)
			}
			for _, bad := range []string{`[]`, `"x"`, `7`, `true`} {
				if err := json.Unmarshal([]byte(bad), at.fresh()); err == nil {
					t.Errorf("%s was accepted as %s", bad, at.name)
				}
			}
		})
	}
}

// TestAnswersWithoutWhatIsPromised responds to every operation with a 2xx that lacks
// the required content. Each must be an error, not a user without a name or an empty
// list.
func TestAnswersWithoutWhatIsPromised(t *testing.T) {
	rec := &recorder{}
	c := serve(t, rec.ServeHTTP)
	tried := 0
	for _, op := range operations {
		if op.answer == "" || op.raw {
			continue // the response has no required content
		}
		empty := []string{``, ` `, `null`, `""`, `"user_1"`, `7`, `true`, `<!DOCTYPE html><html><body>Just a moment...</body></html>`, `{`, `{}x`}
		switch {
		case op.answer == "JSON":
			empty = append(empty, `[]`, `[null]`)
		case op.list:
			empty = append(empty, `{}`, `[null]`, `[{}]`, `[{"id":""}]`, `[{"id":null}]`, `[[]]`, `{"data":null}`, `{"data":null,"total_count":3}`, `{"total_count":3}`,
				`{"data":{},"total_count":0}`, `{"data":[null],"total_count":1}`, `{"data":[{}],"total_count":1}`, `{"errors":[]}`)
		default:
			empty = append(empty, `{}`, `[]`, `[null]`, `{"zz_new":1}`, `{"errors":[]}`, `{"id":""}`, `{"id":null}`)
			if op.promisesID() {
				empty = append(empty, `{"object":"user","first_name":"Ada"}`)
			}
		}
		for _, answer := range empty {
			tried++
			rec.status, rec.answer = op.status, answer
			got, err := op.bare.call(t.Context(), c)
			var e *Error
			if !errors.Is(err, ErrUnexpectedAnswer) || !errors.As(err, &e) || !errors.Is(err, ErrUnavailable) || e.Status != op.status {
				t.Errorf("%s, answered %s: %v, %v", op.id, answer, got, err)
			}
			if v := reflect.ValueOf(got); got != nil && !v.IsZero() {
				t.Errorf("%s, answered %s: a value comes with the error", op.id, answer)
			}
		}
	}
	if tried < 2000 {
		t.Errorf("%d responses were tested: the table has changed", tried)
	}
}

// promisesID reports whether the description requires an ID in the response.
func (op operation) promisesID() bool {
	for _, at := range answerTypes {
		if v, ok := at.fresh().(promised); ok && at.name == op.answer {
			return v.lacks() == lacksID("")
		}
	}
	return false
}

// TestAnEmptyListIsOne: an empty list is accepted.
func TestAnEmptyListIsOne(t *testing.T) {
	rec := &recorder{status: 200}
	c := serve(t, rec.ServeHTTP)
	for _, rec.answer = range []string{`[]`, `{"data":[],"total_count":0}`, `{"data":null,"total_count":0}`, `{"total_count":0}`, `{"data":[]}`} {
		if page, err := c.Users.List(t.Context(), UserListParams{}); err != nil || len(page.Data) != 0 {
			t.Errorf("%s: %v, %v", rec.answer, page, err)
		}
	}
}

// TestPathParameters passes values to every path parameter that would make the request
// reach another resource. The call must send nothing, and its error must name the
// parameter but not the value.
func TestPathParameters(t *testing.T) {
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s %s was sent", r.Method, r.RequestURI) })
	bad := []string{
		"", ".", "..", "...", "/", "user_1/", "/user_1", "user_1/ban", "../organizations/org_1", "user_1/../../instance", `user_1\ban`, `..\..`,
		"user_1?limit=1", "user_1#x", "user_1%2Fban", "%2e%2e", "%2E%2E%2Finstance", "%252e%252e", "user_1%00", "user_1;a=b", "user_1&a=b",
		"user_1\x00", "user_1\n", "\r\nX-Injected: 1", "\tuser_1", " user_1", "user_1 ", "user 1", "user_1\x7f", "user_\u00e9", "user_\u2028", "user_1\u202e",
		"\uff0e\uff0e", "user_1\u2044ban", "user_1\uff0fban", "user_\xff", "user_\xc0\xaf", "\ufeffuser_1", `"user_1"`, "<user_1>", "{user_id}", "user_1|", "user_1^", "user_1`",
		"sk_test_SecretInTheWrongPlace/", strings.Repeat("u", 256),
	}
	params := 0
	for _, op := range operations {
		if got := strings.Count(op.path, "a-") + strings.Count(op.path, "/templates/email/"); len(op.params) == 0 && got > 0 {
			t.Errorf("%s has parameters that are not in the table", op.id)
		}
		for _, p := range op.params {
			params++
			for _, value := range bad {
				err := p.call(t.Context(), c, value)
				var e *Error
				switch {
				case !errors.As(err, &e) || !errors.Is(err, ErrInvalidArgument) || errors.Is(err, ErrUnavailable) || e.Attempts != 0:
					t.Errorf("%s, %s = %q: %v", op.id, p.name, value, err)
				case !strings.Contains(err.Error(), p.name+" "):
					t.Errorf("%s, %s = %q: the parameter is not named: %v", op.id, p.name, value, err)
				case len(value) > 5 && value != "{user_id}" && strings.Contains(err.Error(), value):
					t.Errorf("%s, %s: the value is in the error: %v", op.id, p.name, err)
				}
			}
		}
	}
	if params < 180 {
		t.Errorf("%d path parameters, want at least 180", params)
	}
}

// numbered returns item with its own ID, if it has one.
func numbered(t *testing.T, item string, n int) string {
	t.Helper()
	var o map[string]json.RawMessage
	if err := json.Unmarshal([]byte(item), &o); err != nil {
		t.Fatal(err)
	}
	if o["id"] != nil {
		o["id"] = json.RawMessage(fmt.Sprintf(`"id_%d"`, n))
	}
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestAllOfEveryList walks three pages of every paged list of the API.
func TestAllOfEveryList(t *testing.T) {
	rec := &recorder{status: 200}
	var op operation
	const total = 5
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		var limit, offset int
		_, _ = fmt.Sscan(q.Get("limit"), &limit)
		_, _ = fmt.Sscan(q.Get("offset"), &offset)
		if after := q.Get("starting_after"); after != "" {
			_, _ = fmt.Sscanf(after, "id_%d", &offset)
		}
		items := []string{}
		for i := offset; i < min(total, offset+limit); i++ {
			items = append(items, numbered(t, sampleOf(op.answer), i+1))
		}
		rec.answer = "[" + strings.Join(items, ",") + "]"
		if op.key != "" {
			rec.answer = fmt.Sprintf(`{%q:%s,"total_count":%d}`, op.key, rec.answer, total)
		}
		rec.ServeHTTP(w, r)
	})
	walked := 0
	for _, op = range operations {
		if op.all == nil {
			continue
		}
		walked++
		n := 0
		op.all(t.Context(), c, func(v any, err error) bool {
			if err != nil {
				t.Fatalf("%s: %v", op.id, err)
			}
			n++
			return true
		})
		if n != total {
			t.Errorf("%s: %d items, want %d", op.id, n, total)
		}
	}
	if walked != 37 {
		t.Errorf("%d lists have All, want 37", walked)
	}
}
