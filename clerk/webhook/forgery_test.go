package webhook

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

// forgery is one change to a genuine delivery.
type forgery struct {
	name string
	do   func(h http.Header, body *string)
	want *Error
}

func set(name string, f func(old string) string) func(http.Header, *string) {
	return func(h http.Header, _ *string) { h.Set(name, f(h.Get(name))) }
}

func to(value string) func(string) string { return func(string) string { return value } }

// resigned signs ids and timestamps that Sign refuses: the signature is valid, but the
// form is not.
func resigned(id, timestamp string) func(http.Header, *string) {
	return func(h http.Header, body *string) {
		keys, err := parseSecrets([]string{testSecret(1)}, false)
		if err != nil {
			panic(err)
		}
		s := keys[0](id, timestamp, []byte(*body))
		h.Set("svix-id", id)
		h.Set("svix-timestamp", timestamp)
		h.Set("svix-signature", "v1,"+string(s[:]))
	}
}

func resignedAt(d time.Duration) func(http.Header, *string) {
	return func(h http.Header, body *string) {
		s, err := NewSigner(testSecret(1))
		if err == nil {
			err = s.Sign(h, "msg_1", testNow.Add(d), []byte(*body))
		}
		if err != nil {
			panic(err)
		}
	}
}

func bodyTo(f func(string) string) func(http.Header, *string) {
	return func(_ http.Header, body *string) { *body = f(*body) }
}

const unix = "1767225900" // testNow

var forgeries = []forgery{
	// Missing and empty headers.
	{"no headers", func(h http.Header, _ *string) { clear(h) }, ErrNotSigned},
	{"no id", func(h http.Header, _ *string) { h.Del("svix-id") }, ErrNotSigned},
	{"no timestamp", func(h http.Header, _ *string) { h.Del("svix-timestamp") }, ErrNotSigned},
	{"no signature", func(h http.Header, _ *string) { h.Del("svix-signature") }, ErrNotSigned},
	{"empty id", set("svix-id", to("")), ErrNotSigned},
	{"empty signature", set("svix-signature", to("")), ErrNotSigned},
	{"half of each family", func(h http.Header, _ *string) { h.Set("webhook-id", h.Get("svix-id")); h.Del("svix-id") }, ErrNotSigned},

	// Signatures.
	{"another secret", func(h http.Header, b *string) {
		s, _ := NewSigner(testSecret(9))
		_ = s.Sign(h, "msg_1", testNow, []byte(*b))
	}, ErrNoMatchingSignature},
	{"the secret as text", func(h http.Header, b *string) {
		s := newKey([]byte(testSecret(1)))("msg_1", unix, []byte(*b))
		h.Set("svix-signature", "v1,"+string(s[:]))
	}, ErrNoMatchingSignature},
	{"an empty key", func(h http.Header, b *string) {
		s := newKey(nil)("msg_1", unix, []byte(*b))
		h.Set("svix-signature", "v1,"+string(s[:]))
	}, ErrNoMatchingSignature},
	{"truncated", set("svix-signature", func(s string) string { return s[:len(s)-4] }), ErrNoMatchingSignature},
	{"without padding", set("svix-signature", func(s string) string { return strings.TrimRight(s, "=") }), ErrNoMatchingSignature},
	{"padded more", set("svix-signature", func(s string) string { return s + "=" }), ErrNoMatchingSignature},
	{"first half only", set("svix-signature", func(s string) string { return s[:25] }), ErrNoMatchingSignature},
	{"nothing after the comma", set("svix-signature", to("v1,")), ErrNoMatchingSignature},
	{"no comma", set("svix-signature", func(s string) string { return strings.Replace(s, ",", "", 1) }), ErrNoMatchingSignature},
	{"equals sign for the comma", set("svix-signature", func(s string) string { return strings.Replace(s, ",", "=", 1) }), ErrNoMatchingSignature},
	{"no scheme", set("svix-signature", func(s string) string { return s[3:] }), ErrNoMatchingSignature},
	{"scheme v1a", set("svix-signature", func(s string) string { return "v1a," + s[3:] }), ErrNoMatchingSignature},
	{"scheme v0", set("svix-signature", func(s string) string { return "v0," + s[3:] }), ErrNoMatchingSignature},
	{"scheme V1", set("svix-signature", func(s string) string { return "V1," + s[3:] }), ErrNoMatchingSignature},
	{"scheme v01", set("svix-signature", func(s string) string { return "v01," + s[3:] }), ErrNoMatchingSignature},
	{"something after the signature", set("svix-signature", func(s string) string { return s + ",v1" }), ErrNoMatchingSignature},
	{"letters in another case", set("svix-signature", func(s string) string { return "v1," + swapCase(s[3:]) }), ErrNoMatchingSignature},
	{"hexadecimal", set("svix-signature", func(string) string { return "v1," + strings.Repeat("ab", 32) }), ErrNoMatchingSignature},
	{"same bits, other base64", set("svix-signature", strayBits), ErrNoMatchingSignature},
	{"zeros", set("svix-signature", to("v1,"+base64.StdEncoding.EncodeToString(make([]byte, 32)))), ErrNoMatchingSignature},
	{"eighty wrong signatures", set("svix-signature", to(strings.Repeat("v1,"+strings.Repeat("A", 43)+"= ", 80))), ErrNoMatchingSignature},
	{"a list of spaces", set("svix-signature", to(strings.Repeat(" ", 4096))), ErrNoMatchingSignature},
	{"a comma between signatures", set("svix-signature", func(s string) string { return s + "," + s }), ErrNoMatchingSignature},
	{"hundred signatures, the last good", set("svix-signature", func(s string) string { return strings.Repeat("v1,"+strings.Repeat("A", 43)+"= ", 100) + s }), ErrInvalidHeader},
	{"a megabyte", set("svix-signature", to(strings.Repeat("v1,AAAA ", 1<<17))), ErrInvalidHeader},
	{"a tab in the list", set("svix-signature", func(s string) string { return "v1,AAAA\t" + s }), ErrInvalidHeader},
	{"a line break in the list", set("svix-signature", func(s string) string { return s + "\r\nv1,AAAA" }), ErrInvalidHeader},
	{"full-width v1", set("svix-signature", func(s string) string { return "ｖ１," + s[3:] }), ErrInvalidHeader},
	{"a NUL", set("svix-signature", func(s string) string { return s + "\x00" }), ErrInvalidHeader},

	// The body.
	{"swapped body", bodyTo(to(`{"type":"user.deleted","data":{"id":"user_1"}}`)), ErrNoMatchingSignature},
	{"no body", bodyTo(to("")), ErrNoMatchingSignature},
	{"a space behind", bodyTo(func(s string) string { return s + " " }), ErrNoMatchingSignature},
	{"a line break behind", bodyTo(func(s string) string { return s + "\n" }), ErrNoMatchingSignature},
	{"a byte order mark", bodyTo(func(s string) string { return "\ufeff" + s }), ErrNoMatchingSignature},
	{"one letter", bodyTo(func(s string) string { return strings.Replace(s, "Ada", "Bda", 1) }), ErrNoMatchingSignature},
	{"another Unicode form", bodyTo(func(s string) string { return strings.Replace(s, "Ada", "\\u0041da", 1) }), ErrNoMatchingSignature},
	{"body of another message", bodyTo(func(s string) string { return strings.ReplaceAll(s, "user_1", "user_2") }), ErrNoMatchingSignature},
	{"part of the body in the time", func(h http.Header, b *string) {
		h.Set("svix-id", "msg_1."+unix)
		h.Set("svix-timestamp", (*b)[:1])
	}, ErrInvalidHeader},

	// Repeated and contradicting headers.
	{"two ids", func(h http.Header, _ *string) { h.Add("svix-id", "msg_2") }, ErrInvalidHeader},
	{"the same id twice", func(h http.Header, _ *string) { h.Add("svix-id", "msg_1") }, ErrInvalidHeader},
	{"two timestamps", func(h http.Header, _ *string) { h.Add("svix-timestamp", unix) }, ErrInvalidHeader},
	{"two signature headers", func(h http.Header, _ *string) { h.Add("svix-signature", "v1,AAAA") }, ErrInvalidHeader},
	{"an empty second id", func(h http.Header, _ *string) { h.Add("svix-id", "") }, ErrInvalidHeader},
	{"two ids of the unused family", func(h http.Header, _ *string) { h["Webhook-Id"] = []string{"msg_1", "msg_1"} }, ErrInvalidHeader},
	{"ids differ", func(h http.Header, _ *string) { h.Set("webhook-id", "msg_2") }, ErrInvalidHeader},
	{"times differ", func(h http.Header, _ *string) { h.Set("webhook-timestamp", "1767225901") }, ErrInvalidHeader},
	{"signatures differ", func(h http.Header, _ *string) { h.Set("webhook-signature", "v1,AAAA") }, ErrInvalidHeader},

	// The id.
	{"another id", set("svix-id", to("msg_2")), ErrNoMatchingSignature},
	{"an id in another case", set("svix-id", to("MSG_1")), ErrNoMatchingSignature},
	{"signed id with a dot", resigned("msg.1", unix), ErrInvalidHeader},
	{"signed id with a space", resigned("msg 1", unix), ErrInvalidHeader},
	{"signed id with a line break", resigned("msg_1\n", unix), ErrInvalidHeader},
	{"signed id beyond ASCII", resigned("msg_é", unix), ErrInvalidHeader},
	{"signed id of 256 bytes", resigned(strings.Repeat("a", 256), unix), ErrInvalidHeader},
	{"id of a megabyte", set("svix-id", to(strings.Repeat("a", 1<<20))), ErrInvalidHeader},

	// The time.
	{"another time", set("svix-timestamp", to("1767225901")), ErrNoMatchingSignature},
	{"old", resignedAt(-5*time.Minute - time.Second), ErrTooOld},
	{"a year old", resignedAt(-365 * 24 * time.Hour), ErrTooOld},
	{"in the future", resignedAt(5*time.Minute + 2*time.Second), ErrTooNew},
	{"far in the future", resigned("msg_1", "999999999999"), ErrTooNew},
	{"milliseconds", resigned("msg_1", unix+"000"), ErrInvalidHeader},
	{"one second", resigned("msg_1", "1"), ErrTooOld},
	{"NaN", resigned("msg_1", "NaN"), ErrInvalidHeader},
	{"Infinity", resigned("msg_1", "Infinity"), ErrInvalidHeader},
	{"zero", resigned("msg_1", "0"), ErrInvalidHeader},
	{"negative", resigned("msg_1", "-"+unix), ErrInvalidHeader},
	{"plus", resigned("msg_1", "+"+unix), ErrInvalidHeader},
	{"hexadecimal time", resigned("msg_1", "0x6955B96C"), ErrInvalidHeader},
	{"leading zero", resigned("msg_1", "0"+unix), ErrInvalidHeader},
	{"fraction", resigned("msg_1", unix+".5"), ErrInvalidHeader},
	{"exponent", resigned("msg_1", "1767225900e0"), ErrInvalidHeader},
	{"underscore", resigned("msg_1", "1_767_225_900"), ErrInvalidHeader},
	{"space in front", resigned("msg_1", " "+unix), ErrInvalidHeader},
	{"space behind the time", resigned("msg_1", unix+" "), ErrInvalidHeader},
	{"line break behind the time", resigned("msg_1", unix+"\n"), ErrInvalidHeader},
	{"Arabic digits", resigned("msg_1", "١٧٦٧٢٢٥٩٠٠"), ErrInvalidHeader},
	{"date", resigned("msg_1", "2026-01-01T00:05:00Z"), ErrInvalidHeader},
	{"overflow", resigned("msg_1", "18446744075476777516"), ErrInvalidHeader},
	{"a list of times", resigned("msg_1", unix+","+unix), ErrInvalidHeader},
	{"megabyte of digits", set("svix-timestamp", to(strings.Repeat("1", 1<<20))), ErrInvalidHeader},
}

func TestForgeries(t *testing.T) {
	v := newVerifier(t, Config{})
	if _, err := v.Verify(signed(t, goodBody), []byte(goodBody)); err != nil {
		t.Fatalf("the genuine delivery: %v", err)
	}
	for _, f := range forgeries {
		t.Run(f.name, func(t *testing.T) {
			h, body := signed(t, goodBody), goodBody
			f.do(h, &body)
			ev, err := v.Verify(h, []byte(body))
			if ev != nil || !errors.Is(err, f.want) {
				t.Fatalf("got %v, %v; want %v", ev, err, f.want)
			}
			text := err.Error()
			noSecret(t, text, testSecret(1))
			if s := h.Get("svix-signature"); len(s) > 10 && strings.Contains(text, s[3:10]) || strings.Contains(text, "Ada") || len(text) > 200 {
				t.Errorf("the text says too much: %s", text)
			}
		})
	}
}

func TestGoodVariations(t *testing.T) {
	v := newVerifier(t, Config{})
	for _, f := range []forgery{
		{name: "both families alike", do: func(h http.Header, _ *string) {
			for i, name := range svixNames {
				h.Set(standardNames[i], h.Get(name))
			}
		}},
		{name: "webhook names alone", do: func(h http.Header, _ *string) {
			for i, name := range svixNames {
				h.Set(standardNames[i], h.Get(name))
				h.Del(name)
			}
		}},
		{name: "one name of the other family too", do: func(h http.Header, _ *string) { h.Set("webhook-id", "msg_1") }},
		{name: "webhook names and one of svix", do: func(h http.Header, _ *string) {
			for i, name := range svixNames {
				h.Set(standardNames[i], h.Get(name))
			}
			h.Del("svix-timestamp")
		}},
		{name: "other schemes around it", do: set("svix-signature", func(s string) string { return "v1a,AAAA v2  " + s + " v1,short garbage " })},
		{name: "eighty others before it", do: set("svix-signature", func(s string) string { return strings.Repeat("v1,"+strings.Repeat("A", 43)+"= ", 80) + s })},
		{name: "an id of 255 bytes", do: resigned(strings.Repeat("~", 255), unix)},
	} {
		h, body := signed(t, goodBody), goodBody
		f.do(h, &body)
		if _, err := v.Verify(h, []byte(body)); err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
	}
}

func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r - 32
		case 'A' <= r && r <= 'Z':
			return r + 32
		}
		return r
	}, s)
}

// strayBits sets the trailing bits of the last base64 character, which lenient decoders
// ignore.
func strayBits(s string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	i := len(s) - 2
	return s[:i] + string(letters[strings.IndexByte(letters, s[i])|1]) + "="
}
