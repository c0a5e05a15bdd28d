package handshake

import (
	"strings"
	"unicode/utf8"

	"github.com/clerkkit/clerkkit/clerk"
)

// cookies are the cookies of one request that the state machine knows, read in
// one pass over the Cookie fields.
type cookies struct {
	session, clientUAT, devBrowser twin

	refresh       cookie // suffixed only
	handshake     cookie // these three never have a suffix
	nonce         cookie
	redirectCount cookie
}

// twin is a cookie in its two forms: plain, and with the suffix of the instance.
type twin struct{ plain, suffixed cookie }

// cookie is one value. Of several cookies with one name the first counts, even if it is
// empty. An empty cookie counts as absent.
type cookie struct {
	value string
	seen  bool
}

// read parses the known cookies in the Cookie fields of h. suffix is the instance's, ""
// if no instance is known. Several fields count as one, because HTTP/2 may split them
// (RFC 9113 section 8.2.3).
//
// Names are compared byte for byte and never decoded. This parser exists because
// servers must read the same values as clerk-js and the official SDK, and net/http
// drops or changes some of them.
func (c *cookies) read(h Header, suffix string) {
	var long, decoded string // the last long value: the session token comes twice, mostly
	for _, field := range h.Values("Cookie") {
		for field != "" {
			var pair string
			pair, field, _ = strings.Cut(field, ";")
			name, value, ok := strings.Cut(pair, "=")
			if !ok {
				continue
			}
			name = trimBlank(name)
			if len(name) < 3 || name[:2] != "__" {
				continue
			}
			if known := c.find(name, suffix); known != nil && !known.seen {
				value = trimBlank(value)
				if len(value) < 64 {
					*known = cookie{decodeCookie(value), true}
					continue
				}
				if len(value) > maxCookie { // not Clerk's; to be refused, not decoded
					*known = cookie{value, true}
					continue
				}
				if value != long {
					long, decoded = value, decodeCookie(value)
				}
				*known = cookie{decoded, true}
			}
		}
	}
}

// find returns the field for the cookie with this name, nil for an unknown name.
func (c *cookies) find(name, suffix string) *cookie {
	switch name {
	case clerk.CookieSession:
		return &c.session.plain
	case clerk.CookieClientUAT:
		return &c.clientUAT.plain
	case clerk.CookieDevBrowser:
		return &c.devBrowser.plain
	case clerk.CookieHandshake:
		return &c.handshake
	case clerk.CookieHandshakeNonce:
		return &c.nonce
	case clerk.CookieRedirectCount:
		return &c.redirectCount
	}
	if suffix == "" {
		return nil
	}
	base, ok := strings.CutSuffix(name, suffix)
	base, underscore := strings.CutSuffix(base, "_")
	if !ok || !underscore {
		return nil
	}
	switch base {
	case clerk.CookieSession:
		return &c.session.suffixed
	case clerk.CookieClientUAT:
		return &c.clientUAT.suffixed
	case clerk.CookieDevBrowser:
		return &c.devBrowser.suffixed
	case clerk.CookieRefresh:
		return &c.refresh
	}
	return nil
}

func trimBlank(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

// decodeCookie decodes percent-encoding. If one escape is broken it decodes none. + is
// not a space. Bytes beyond ASCII are Latin-1.
func decodeCookie(s string) string {
	if !plainASCII(s) {
		s = fromLatin1(s)
	}
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			out = append(out, s[i])
			continue
		}
		// One whole character, as its UTF-8 bytes each escaped.
		first, ok := escaped(s, i)
		if !ok {
			return s
		}
		var char [utf8.UTFMax]byte
		n := utf8Length(first)
		if n == 0 {
			return s
		}
		for k := range n {
			if char[k], ok = escaped(s, i+3*k); !ok {
				return s
			}
		}
		if !utf8.Valid(char[:n]) {
			return s
		}
		out = append(out, char[:n]...)
		i += 3*n - 1
	}
	return string(out)
}

// utf8Length returns the length of a character from its first byte, 0 if no character
// begins with it.
func utf8Length(first byte) int {
	switch {
	case first < 0x80:
		return 1
	case first>>5 == 0b110:
		return 2
	case first>>4 == 0b1110:
		return 3
	case first>>3 == 0b11110:
		return 4
	}
	return 0
}

// escaped parses the escape %XX at s[i:].
func escaped(s string, i int) (byte, bool) {
	if i+2 >= len(s) || s[i] != '%' {
		return 0, false
	}
	hi, lo := unhex(s[i+1]), unhex(s[i+2])
	return hi<<4 | lo, hi < 16 && lo < 16
}

func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 0xff
}

// plainASCII checks 32 bytes at a time, because tokens are long.
func plainASCII(s string) bool {
	for ; len(s) >= 32; s = s[32:] {
		if (word(s)|word(s[8:])|word(s[16:])|word(s[24:]))&0x8080808080808080 != 0 {
			return false
		}
	}
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// word is the first eight bytes.
func word(s string) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func fromLatin1(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}
