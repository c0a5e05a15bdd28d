package transport

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func failed(status int, body string, header ...string) *Error {
	res := &http.Response{StatusCode: status, Header: http.Header{}}
	for i := 0; i+1 < len(header); i += 2 {
		res.Header.Set(header[i], header[i+1])
	}
	e := &Error{Method: "POST", Path: "/v1/users", Attempts: 1}
	e.answer(res, []byte(body), time.Now(), testKey)
	return e
}

func TestErrorFromTheAPI(t *testing.T) {
	e := failed(422, `{"errors":[
		{"code":"form_identifier_exists","message":"is taken","long_message":"That email address is taken.","meta":{"param_name":"email_address","x":1}},
		{"code":"form_password_pwned","message":"leaked","meta":null}],"clerk_trace_id":"abc123"}`, "Retry-After", "2", "Cf-Ray", "ray")
	if got, want := e.Error(), "clerk: POST /v1/users: 422 Unprocessable Entity: form_identifier_exists (email_address): That email address is taken. (and 1 more) (try again in 2s) [trace abc123]"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if e.RetryAfter != 2*time.Second || !e.HasCode("form_password_pwned") || e.HasCode("other") || strings.Join(e.Codes(), ",") != "form_identifier_exists,form_password_pwned" {
		t.Errorf("%+v", e)
	}
	d := e.Details[0]
	if d.Param != "email_address" || d.LongMessage != "That email address is taken." || string(d.Meta) != `{"param_name":"email_address","x":1}` || e.Details[1].Meta != nil {
		t.Errorf("%+v", e.Details)
	}
}

func TestErrorFromElsewhere(t *testing.T) {
	page := "<html>\n<head><title>502   Bad Gateway</title></head>\x00\xff<b>" + testKey + " eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1In0.c2ln ak_live_abcdefgh Bearer xyz</b>" + strings.Repeat("ж", 9000)
	for name, body := range map[string]string{
		"html": page, "empty": "", "null": "null", "other object": `{"message":"no"}`, "errors null": `{"errors":null}`,
		"errors a string": `{"errors":"x"}`, "list": `[1]`, "errors of numbers": `{"errors":[1]}`,
	} {
		t.Run(name, func(t *testing.T) {
			e := failed(502, body, "Cf-Ray", "8f-CDG\r\n")
			if e.Status != 502 || e.Details != nil || !e.Unavailable() || e.TraceID != "8f-CDG" {
				t.Errorf("%+v", e)
			}
			if len(e.Excerpt) > maxExcerpt || !utf8.ValidString(e.Excerpt) || strings.ContainsAny(e.Excerpt, "\n\x00") {
				t.Errorf("excerpt %q", e.Excerpt)
			}
			for _, s := range []string{testKey, "eyJ", "ak_live", "xyz"} {
				if strings.Contains(e.Excerpt, s) {
					t.Errorf("%q is in the excerpt %q", s, e.Excerpt)
				}
			}
			if strings.Contains(e.Error(), "html") || !strings.Contains(e.Error(), "502 Bad Gateway") {
				t.Errorf("text %q", e)
			}
		})
	}
}

func TestSentinels(t *testing.T) {
	all := map[string]error{
		"validation": ErrValidation, "unauthorized": ErrUnauthorized, "payment": ErrPaymentRequired, "forbidden": ErrForbidden,
		"not found": ErrNotFound, "conflict": ErrConflict, "rate limited": ErrRateLimited, "unavailable": ErrUnavailable,
		"invalid argument": ErrInvalidArgument, "too large": ErrTooLarge, "unexpected": ErrUnexpectedAnswer,
	}
	tests := map[int][]string{
		400: {"validation"}, 401: {"unauthorized"}, 402: {"payment"}, 403: {"forbidden"}, 404: {"not found"}, 408: {"unavailable"},
		409: {"conflict"}, 410: {"not found"}, 413: {}, 422: {"validation"}, 423: {}, 429: {"rate limited", "unavailable"},
		500: {"unavailable"}, 503: {"unavailable"}, 302: {"unavailable"},
	}
	for status, want := range tests {
		var err error = failed(status, "")
		got := 0
		for name, target := range all {
			if errors.Is(err, target) {
				got++
				if !strings.Contains(" "+strings.Join(want, "; ")+";", " "+name+";") {
					t.Errorf("%d is %q", status, name)
				}
			}
		}
		if got != len(want) {
			t.Errorf("%d matches %d sentinels, want %v", status, got, want)
		}
	}
}

func FuzzErrorAnswer(f *testing.F) {
	f.Add(422, `{"errors":[{"code":"c","meta":{"param_name":"p"}}],"clerk_trace_id":"t"}`)
	f.Add(500, `{"errors":[{"code":null,"meta":[]}]}`)
	f.Add(302, "<html>"+testKey)
	f.Add(429, `{"errors":[{"message":"\u0000`+testKey+`"}]}`)
	f.Add(429, `{"errors":[{"message":"`+testKey[:8]+`\u0000`+testKey[8:]+`"}]}`)
	f.Add(500, testKey[:8]+"\x00"+testKey[8:])
	f.Fuzz(func(t *testing.T, status int, body string) {
		e := failed(status, body)
		text := e.Error() + "\n" + e.Excerpt
		for _, d := range e.Details {
			text += strings.Join([]string{"", d.Code, d.Message, d.LongMessage, d.Param, string(d.Meta)}, "\n")
		}
		if strings.Contains(text, testKey) {
			t.Errorf("the key is in %q", text)
		}
		if !utf8.ValidString(e.Error()) || strings.ContainsAny(e.Error(), "\n\r\x00") {
			t.Errorf("not one clean line: %q", e.Error())
		}
	})
}
