package handshake

import (
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
)

// The names of the handshake's query parameters. Those that are also cookies are
// in package clerk.
const (
	paramReturn           = "redirect_url"
	paramRedirectURL      = "__clerk_redirect_url"
	paramSynced           = "__clerk_synced"
	paramHandshakeHelp    = "__clerk_help"
	paramLegacyDevBrowser = "__dev_session"
)

// pairs yields the parameters of a query, decoded as a browser's URLSearchParams
// decodes them: + is a space, a broken escape stays as it is, and bytes that are
// not UTF-8 become U+FFFD. package net/url would drop some and reorder the rest.
func pairs(query string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for query != "" {
			var pair string
			pair, query, _ = strings.Cut(query, "&")
			if pair == "" {
				continue
			}
			name, value, _ := strings.Cut(pair, "=")
			if !yield(decodeForm(name), decodeForm(value)) {
				return
			}
		}
	}
}

// param returns the first parameter with this name.
func param(query, name string) (value string, ok bool) {
	if strings.IndexByte(query, '%') < 0 && !strings.Contains(query, name) {
		return "", false // most queries: nothing to decode
	}
	for n, v := range pairs(query) {
		if n == name {
			return v, true
		}
	}
	return "", false
}

// without returns the query in its serialized form, less the named parameters.
func without(query string, names ...string) string {
	var out []byte
	for n, v := range pairs(query) {
		drop := false
		for _, name := range names {
			drop = drop || n == name
		}
		if !drop {
			out = appendParam(out, n, v)
		}
	}
	return string(out)
}

// leaveOut returns the query as it is, less the named parameters. The rest is the
// application's: it may be signed, or mean another thing in another spelling.
func leaveOut(query string, names ...string) string {
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if !slices.Contains(names, decodeForm(name)) {
			kept = append(kept, pair)
		}
	}
	return strings.Join(kept, "&")
}

// setQuery replaces the query. An empty query also removes the question mark.
func (u *webURL) setQuery(query string) { u.query, u.hasQuery = query, query != "" }

// appendParam appends name=value to a serialized query.
func appendParam(dst []byte, name, value string) []byte {
	if len(dst) > 0 {
		dst = append(dst, '&')
	}
	return appendForm(append(appendForm(dst, name), '='), value)
}

// appendForm escapes as application/x-www-form-urlencoded.
func appendForm(dst []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '*', c == '-', c == '.', c == '_':
			dst = append(dst, c)
		case c == ' ':
			dst = append(dst, '+')
		default:
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return dst
}

func decodeForm(s string) string {
	if strings.IndexByte(s, '%') >= 0 || strings.IndexByte(s, '+') >= 0 {
		out := make([]byte, 0, len(s))
		for i := 0; i < len(s); i++ {
			switch c, ok := escaped(s, i); {
			case ok:
				out = append(out, c)
				i += 2
			case s[i] == '+':
				out = append(out, ' ')
			default:
				out = append(out, s[i])
			}
		}
		s = string(out)
	}
	if utf8.ValidString(s) {
		return s
	}
	return replaceInvalid(s)
}

// replaceInvalid replaces each maximal invalid part of a character by one U+FFFD, as
// browsers do. strings.ToValidUTF8 would replace each run.
func replaceInvalid(s string) string {
	var out []byte
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 {
			size = invalidPrefix(s)
		}
		out = utf8.AppendRune(out, r)
		s = s[size:]
	}
	return string(out)
}

// invalidPrefix is the length of the broken character that s begins with: as
// many bytes as could still have become a valid one.
func invalidPrefix(s string) int {
	n := utf8Length(s[0])
	if s[0] < 0xc2 || s[0] > 0xf4 {
		n = 1
	}
	for i := 1; i < n && i < len(s); i++ {
		low, high := byte(0x80), byte(0xbf)
		if i == 1 {
			switch s[0] {
			case 0xe0:
				low = 0xa0
			case 0xed:
				high = 0x9f
			case 0xf0:
				low = 0x90
			case 0xf4:
				high = 0x8f
			}
		}
		if s[i] < low || s[i] > high {
			return i
		}
	}
	return min(n, len(s))
}
