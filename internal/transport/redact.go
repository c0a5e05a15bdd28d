package transport

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxExcerpt = 200  // bytes of a body that is kept in Error.Excerpt
	maxLine    = 1000 // bytes of one text field of an error answer
)

// tokenLike finds what must not reach a log even when an answer repeats it: Clerk's keys
// and tokens by their prefixes, JWTs, bearer credentials.
var tokenLike = regexp.MustCompile(`(?i)\b(?:(?:sk|ak|mt|oat|whsec|rt|ats|dvb)_[a-z0-9_+/=-]{6,}|eyj[a-z0-9_-]{6,}(?:\.[a-z0-9_-]*){0,2}|bearer\s+[^\s"'<>,;]+)`)

// redact blots out the given keys and everything that looks like a credential.
func redact(s string, keys ...string) string {
	for _, k := range keys {
		if k != "" {
			s = strings.ReplaceAll(s, k, "[redacted]")
		}
	}
	return tokenLike.ReplaceAllString(s, "[redacted]")
}

// excerpt is the beginning of a body on one line. It is redacted after it is cleaned, so
// that a key with a control character inside does not become whole again, and cut after
// that, so that no half of a key is left, and looks at no more than the first 4 KiB.
func excerpt(body []byte, keys ...string) string {
	const look = 4 << 10
	if len(body) > look {
		body = body[:look]
	}
	return cut(redact(clean(string(body)), keys...), maxExcerpt)
}

// line makes a text from an answer fit for an error message.
func line(s string, keys []string) string {
	if len(s) > 2*maxLine {
		s = cut(s, 2*maxLine)
	}
	return cut(redact(clean(s), keys...), maxLine)
}

// clean drops control characters and invalid UTF-8 and folds white space.
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
