package handshake

import (
	"net/netip"
	"strings"
)

// sender is the network that a request comes from, for strangers to be told apart
// when calls are shared out: an IPv4 address or the /64 of an IPv6 address, which
// is what one customer gets (RFC 6177). It is "" where it is not known. It is the
// peer of the connection, or of the outermost trusted proxy.
func (q *exchange) sender() string {
	text := q.r.RemoteAddr
	if q.m.hops > 0 && q.r.Header != nil {
		if v, ok := forwarded(q.r.Header.Values("X-Forwarded-For"), q.m.hops); ok {
			text = v
		}
	}
	return network(text)
}

// network reads an address with or without port, brackets and quotes.
func network(text string) string {
	text = strings.Trim(text, "\" \t")
	if len(text) > 64 {
		return ""
	}
	addr, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		with, err := netip.ParseAddrPort(text)
		if err != nil {
			return ""
		}
		addr = with.Addr()
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	prefix, err := addr.Prefix(64)
	if err != nil {
		return ""
	}
	return prefix.String()
}
