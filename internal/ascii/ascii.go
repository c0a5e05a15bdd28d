// Package ascii has the rules about the characters of keys and of header fields, each once.
package ascii

// Printable reports whether s holds nothing but printable ASCII, spaces included: it can
// stand in a header field (RFC 9110 section 5.5) and ends none.
func Printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// Visible is Printable without spaces: what keys, ids and tokens are made of.
func Visible(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
