package transport

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxExcerpt = 200  // bytes of a body in Error.Excerpt
	maxLine    = 1000 // bytes of one text field of an error response
)

// tokenLike matches credentials that must not be logged even if a response repeats
// them: Clerk's keys and tokens by their prefixes, JWTs, bearer credentials.
var tokenLike = regexp.MustCompile(`(?i)\b(?:(?:sk|ak|mt|oat|whsec|rt|ats|dvb)_[a-z0-9_+/=-]{6,}|eyj[a-z0-9_-]{6,}(?:\.[a-z0-9_-]*){0,2}|bearer\s+[^\s"'<>,;]+)`)

// redact replaces the given keys and everything that looks like a credential.
func redact(s string, keys ...string) string {
	for _, k := range keys {
		if k != "" {
			s = strings.ReplaceAll(s, k, "[redacted]")
		}
	}
	return tokenLike.ReplaceAllString(s, "[redacted]")
}

// excerpt returns the beginning of a body on one line. It redacts after cleaning, so
// that removing a control character inside a key does not restore the key. It truncates
// after redacting, so that no part of a key is left. It reads at most the first 4 KiB.
func excerpt(body []byte, keys ...string) string {
	const look = 4 << 10
	if len(body) > look {
		body = body[:look]
	}
	return cut(redact(clean(string(body)), keys...), maxExcerpt)
}

// line cleans and redacts a text of a response for use in an error message.
func line(s string, keys []string) string {
	if len(s) > 2*maxLine {
		s = cut(s, 2*maxLine)
	}
	return cut(redact(clean(s), keys...), maxLine)
}

// clean drops control characters and invalid UTF-8, and collapses white space.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
