// Package endpoint has the rules about the addresses of servers that several packages
// need, each once.
package endpoint

import (
	"net/netip"
	"strings"
)

// Loopback reports whether host can only be this machine: by name (RFC 6761 section
// 6.3, with or without a final dot, in any case), or as an address of 127.0.0.0/8 (RFC
// 1122 section 3.2.1.3) or ::1 (RFC 4291 section 2.5.3), also mapped into IPv6. host
// has no port; an IPv6 address may have its brackets. Anything else is not loopback.
func Loopback(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		host = strings.TrimSuffix(inner, "]")
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// WithoutVersion returns the base URL or path of an API without a final slash and
// without /v1 at its end: that belongs to the paths below the base, and many documents
// show the Backend API with it.
func WithoutVersion(base string) string {
	return strings.TrimSuffix(strings.TrimRight(base, "/"), "/v1")
}
