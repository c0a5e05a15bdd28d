package bapi

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestDo(t *testing.T) {
	rec := &recorder{status: 200, answer: `{"id":"badge_1","name":"early"}`}
	c := serve(t, rec.ServeHTTP)
	var badge struct{ ID, Name string }
	err := c.Do(t.Context(), "POST", "/users/user_1/badges", url.Values{"q": {"a b", "c"}}, map[string]any{"name": "early"}, &badge)
	if err != nil || badge.ID != "badge_1" || badge.Name != "early" {
		t.Fatalf("%+v, %v", badge, err)
	}
	if got := rec.got; got.method != "POST" || got.path != "/v1/users/user_1/badges" || got.query != "q=a+b&q=c" || string(got.body) != `{"name":"early"}` || got.contentType != "application/json" {
		t.Errorf("sent %+v", got)
	}
	for _, path := range []string{"users/user_1", "/users/user_1", "/v1/users/user_1", "v1/users/user_1"} {
		var u User
		rec.answer = `{"id":"user_1","first_name":"Ada"}`
		if err := c.Do(t.Context(), "GET", path, nil, nil, &u); err != nil || u.FirstName != "Ada" || rec.got.path != "/v1/users/user_1" || len(rec.got.body) != 0 {
			t.Errorf("%s: %+v, %v", path, rec.got, err)
		}
	}
	rec.status, rec.answer = http.StatusNoContent, ""
	if err := c.Do(t.Context(), "DELETE", "/badges/badge_1", nil, nil, &badge, WithHeader("X-Request-Id", "1"), nil); err != nil || badge.Name != "early" {
		t.Errorf("%v", err)
	}
	rec.status, rec.answer = 404, `{"errors":[{"code":"resource_not_found","message":"m","long_message":"No badge was found."}]}`
	var e *Error
	if err := c.Do(t.Context(), "GET", "/badges/badge_1", nil, nil, nil); !errors.As(err, &e) || !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "No badge was found.") {
		t.Errorf("%v", err)
	}
	rec.status = 200
	for _, rec.answer = range []string{``, `null`, ` null `, `<html>`, `{"id":7}`, `{`} {
		if err := c.Do(t.Context(), "GET", "/badges/badge_1", nil, nil, &badge); !errors.Is(err, ErrUnexpectedAnswer) || !errors.Is(err, ErrUnavailable) {
			t.Errorf("%q: %v", rec.answer, err)
		}
	}
	rec.answer = `{}`
	if err := c.Do(t.Context(), "GET", "/users/user_1", nil, nil, new(User)); !errors.Is(err, ErrUnexpectedAnswer) {
		t.Errorf("a user without an ID: %v", err)
	}
}

func TestDoRefuses(t *testing.T) {
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s %s was sent", r.Method, r.RequestURI) })
	var out struct{}
	for name, call := range map[string]func() error{
		"query in the path": func() error { return c.Do(t.Context(), "GET", "/users?limit=1", nil, nil, &out) },
		"dots":              func() error { return c.Do(t.Context(), "GET", "/users/../instance", nil, nil, &out) },
		"escape":            func() error { return c.Do(t.Context(), "GET", "/users/%2e%2e/instance", nil, nil, &out) },
		"empty":             func() error { return c.Do(t.Context(), "GET", "", nil, nil, &out) },
		"slash at the end":  func() error { return c.Do(t.Context(), "GET", "/users/", nil, nil, &out) },
		"two slashes":       func() error { return c.Do(t.Context(), "GET", "//evil.example/users", nil, nil, &out) },
		"other host":        func() error { return c.Do(t.Context(), "GET", "https://evil.example/users", nil, nil, &out) },
		"template":          func() error { return c.Do(t.Context(), "GET", "/users/{user_id}", nil, nil, &out) },
		"no method":         func() error { return c.Do(t.Context(), "", "/users", nil, nil, &out) },
		"odd method":        func() error { return c.Do(t.Context(), "GET /x HTTP/1.1\r\n", "/users", nil, nil, &out) },
		"no pointer":        func() error { return c.Do(t.Context(), "GET", "/users", nil, nil, out) },
		"nil pointer":       func() error { return c.Do(t.Context(), "GET", "/users", nil, nil, (*User)(nil)) },
		"body":              func() error { return c.Do(t.Context(), "POST", "/users", nil, make(chan int), &out) },
		"empty key":         func() error { return c.Do(t.Context(), "GET", "/users", nil, nil, &out, WithSecretKey("")) },
		"publishable key":   func() error { return c.Do(t.Context(), "GET", "/users", nil, nil, &out, WithSecretKey("pk_test_x")) },
		"field of a GET":    func() error { return c.Do(t.Context(), "GET", "/users", nil, nil, &out, WithField("a", 1)) },
		"field of a list":   func() error { return c.Do(t.Context(), "POST", "/users", nil, []int{1}, &out, WithField("a", 1)) },
		"bad field": func() error {
			return c.Do(t.Context(), "POST", "/users", nil, nil, &out, WithField("a", make(chan int)))
		},
	} {
		err := call()
		var e *Error
		if !errors.As(err, &e) || !errors.Is(err, ErrInvalidArgument) || e.Param == "" || e.Unavailable() || strings.Contains(err.Error(), "evil") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestExtras adds unknown parameters and fields to known calls.
func TestExtras(t *testing.T) {
	rec := &recorder{status: 200, answer: `{"id":"user_1"}`}
	c := serve(t, rec.ServeHTTP)
	_, err := c.Users.Update(t.Context(), "user_1", UserUpdateParams{FirstName: Set("Ada")},
		WithField("nickname", "ada"), WithField("first_name", JSON(`"A."`)), WithQuery("expand", "all"), WithQuery("expand", "more"))
	if err != nil || !sameJSON(t, string(rec.got.body), `{"first_name":"A.","nickname":"ada"}`) || rec.got.query != "expand=all&expand=more" {
		t.Errorf("sent %s?%s, %v", rec.got.body, rec.got.query, err)
	}
	if _, err := c.Users.Ban(t.Context(), "user_1", WithField("reason", "abuse")); err != nil || string(rec.got.body) != `{"reason":"abuse"}` || rec.got.contentType != "application/json" {
		t.Errorf("sent %s (%s), %v", rec.got.body, rec.got.contentType, err)
	}
	rec.answer = `[]`
	if _, err := c.Users.List(t.Context(), UserListParams{Limit: 5}, WithQuery("limit", "7"), WithQuery("new_filter", "x")); err != nil || rec.got.query != "limit=7&new_filter=x" {
		t.Errorf("sent ?%s, %v", rec.got.query, err)
	}
	if _, err := c.Users.SetProfileImage(t.Context(), "user_1", sampleFile(), WithField("a", 1)); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("a field beside a file: %v", err)
	}
}
