package handshake

import (
	"net/netip"

	proxies "github.com/clerkkit/clerkkit/internal/forwarded"
)

// sender is where a request comes from, for strangers to be told apart when calls are
// shared out: an IPv4 address; or for IPv6 the /64, which is what one customer gets
// (RFC 6177), and the /56 and /48 around it, which one customer can get too. It is nil
// where it is not known. It is the peer of the connection, or of the outermost trusted
// proxy.
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
