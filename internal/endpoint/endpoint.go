// Package endpoint has the rules about server addresses that several packages share.
package endpoint

import (
	"net"
	"net/netip"
	"strings"
)

// Loopback reports whether host is always this machine: the name localhost and names
// below it (RFC 6761 section 6.3, in any case, with or without a final dot), an address
// in 127.0.0.0/8 (RFC 1122 section 3.2.1.3), also mapped to IPv6, or ::1 (RFC 4291
// section 2.5.3). host must have no port. An IPv6 address can have brackets.
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

// Hostname returns the host of host or host:port, without the brackets of an IPv6
// address.
func Hostname(hostport string) string {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	return strings.Trim(host, "[]")
}

// Reserved reports whether a host, with or without port, has a name that is never on the
// internet: below .test, .example or .invalid (RFC 2606, RFC 6761). Loopback names are
// for [Loopback].
func Reserved(hostport string) bool {
	host := strings.ToLower(Hostname(hostport))
	return strings.HasSuffix(host, ".test") || strings.HasSuffix(host, ".example") || strings.HasSuffix(host, ".invalid")
}

// WithoutVersion returns the base URL or path of an API without a final slash and
// without /v1 at its end. The kit adds /v1 in the paths below the base, but many
// documents show the base with it.
func WithoutVersion(base string) string {
	return strings.TrimSuffix(strings.TrimRight(base, "/"), "/v1")
}
