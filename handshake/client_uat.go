package handshake

import (
	"strconv"
	"strings"
	"unicode"
)

// signedOutUAT is the value of client_uat while the client is signed out. The choice of
// cookies compares this text, not its number.
const signedOutUAT = "0"

// parseClientUAT parses client_uat, the Unix time in seconds at which the client last
// changed. It returns 0 for signed out and for text that is not a number. It parses the
// longest number at the start of the text, as JavaScript's parseInt does, because
// clerk-js and the official SDKs do so. If it disagreed with them, a browser could be
// redirected in a loop.
func parseClientUAT(s string) float64 {
	if n, ok := seconds(s); ok {
		return n
	}
	s = strings.TrimLeftFunc(s, jsSpace)
	sign := 1.0
	if s != "" && (s[0] == '+' || s[0] == '-') {
		if s[0] == '-' {
			sign = -1
		}
		s = s[1:]
	}
	if len(s) > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') {
		n := 0.0
		for _, c := range []byte(s[2:]) {
			d := unhex(c)
			if d > 15 {
				break
			}
			n = n*16 + float64(d)
		}
		return sign * n
	}
	end := 0
	for end < len(s) && '0' <= s[end] && s[end] <= '9' {
		end++
	}
	s = strings.TrimLeft(s[:end], "0")
	n, _ := strconv.ParseFloat(s[:min(len(s), 400)], 64) // 0 without digits, infinite beyond all bounds
	return sign * n
}

// seconds parses the form that Clerk writes: up to 15 digits.
func seconds(s string) (n float64, ok bool) {
	whole := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		whole = whole*10 + int(c-'0')
	}
	return float64(whole), s != "" && len(s) <= 15
}

// jsSpace reports the white space that JavaScript trims.
func jsSpace(r rune) bool { return r == 0xfeff || r != 0x85 && unicode.IsSpace(r) }
