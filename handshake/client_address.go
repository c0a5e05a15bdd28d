package handshake

import (
	"net/netip"

	proxies "github.com/clerkkit/clerkkit/internal/forwarded"
)

// sender returns the client's networks, by which the budget divides its calls: an IPv4
// address, or for IPv6 the /64 that one customer gets (RFC 6177) and the /56 and /48
// around it, which one customer can get too. The address is the peer of the connection,
// or of the outermost trusted proxy. It returns nil where the address is unknown.
func (q *exchange) sender() []string {
	r := proxies.Request{RemoteAddr: q.r.RemoteAddr, Header: q.r.Header}
	return networks(q.m.calls.forwarded.ClientAddr(r))
}

func networks(addr netip.Addr) []string {
	switch {
	case !addr.IsValid():
		return nil
	case addr.Is4():
		return []string{addr.String()}
	}
	list := make([]string, 0, 3)
	for _, bits := range [...]int{64, 56, 48} {
		if prefix, err := addr.Prefix(bits); err == nil {
			list = append(list, prefix.String())
		}
	}
	return list
}
