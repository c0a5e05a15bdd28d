package handshake

import (
	"net/netip"

	proxies "github.com/clerkkit/clerkkit/internal/forwarded"
)

// noHeader is the header of a request that has none.
type noHeader struct{}

func (noHeader) Values(string) []string { return nil }

// sender is the network that a request comes from, for strangers to be told apart
// when calls are shared out: an IPv4 address or the /64 of an IPv6 address, which
// is what one customer gets (RFC 6177). It is "" where it is not known. It is the
// peer of the connection, or of the outermost trusted proxy.
func (q *exchange) sender() string {
	r := proxies.Request{RemoteAddr: q.r.RemoteAddr, Header: q.r.Header}
	if q.r.Header == nil {
		r.Header = noHeader{}
	}
	return network(q.m.calls.forwarded.ClientAddr(r))
}

func network(addr netip.Addr) string {
	switch {
	case !addr.IsValid():
		return ""
	case addr.Is4():
		return addr.String()
	}
	prefix, err := addr.Prefix(64)
	if err != nil {
		return ""
	}
	return prefix.String()
}
