package forwarded

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/clerkkit/clerkkit/internal/endpoint"
)

// Origin is a web origin as serialized by browsers (https://url.spec.whatwg.org). The
// zero value means no origin.
type Origin struct {
	Scheme string // http or https
	Host   string // lower case; with the port unless it is the default port
}

// String returns scheme://host, or "" for none.
func (o Origin) String() string {
	if o == (Origin{}) {
		return ""
	}
	return o.Scheme + "://" + o.Host
}

// Loopback reports whether the host is loopback or the unspecified address.
func (o Origin) Loopback() bool {
	addr, err := netip.ParseAddr(strings.Trim(o.Hostname(), "[]"))
	return endpoint.Loopback(o.Hostname()) || err == nil && addr.IsUnspecified()
}

// Hostname returns the host without its port. An IPv6 address keeps its brackets.
func (o Origin) Hostname() string {
	host, _ := splitPort(o.Host)
	return host
}

// splitPort splits off the port.
func splitPort(hostport string) (host, port string) {
	if i := strings.LastIndexByte(hostport, ':'); i > strings.LastIndexByte(hostport, ']') {
		return hostport[:i], hostport[i+1:]
	}
	return hostport, ""
}

// ParseOrigin parses a scheme and a host with an optional port like browsers do. It
// refuses forms that browsers would normalize to another host: user names, hosts that
// are not ASCII, abbreviated IPv4 addresses.
func ParseOrigin(scheme, hostport string) (o Origin, ok bool) {
	own := ""
	switch {
	case strings.EqualFold(scheme, "https"):
		o.Scheme, own = "https", "443"
	case strings.EqualFold(scheme, "http"):
		o.Scheme, own = "http", "80"
	default:
		return Origin{}, false
	}
	host, port := splitPort(hostport)
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return Origin{}, false
		}
		port = strconv.FormatUint(n, 10)
	}
	if o.Host, ok = parseHost(host); !ok {
		return Origin{}, false
	}
	if port != "" && port != own {
		o.Host += ":" + port
	}
	return o, true
}

// parseHost accepts DNS names of letters, digits, dots, hyphens and underscores,
// dotted IPv4 addresses and IPv6 addresses in brackets.
func parseHost(s string) (string, bool) {
	if v6, ok := strings.CutPrefix(s, "["); ok {
		v6, ok = strings.CutSuffix(v6, "]")
		addr, err := netip.ParseAddr(v6)
		if !ok || err != nil || !addr.Is6() || addr.Is4In6() || addr.Zone() != "" {
			return "", false
		}
		return "[" + addr.String() + "]", true
	}
	if s == "" || s == "." {
		return "", false
	}
	upper := false
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '.', c == '_':
		case 'A' <= c && c <= 'Z':
			upper = true
		default:
			return "", false
		}
	}
	// A name whose last label is a number must be a valid IPv4 address.
	last := strings.TrimSuffix(s, ".")
	last = last[strings.LastIndexByte(last, '.')+1:]
	hex, isHex := strings.CutPrefix(strings.ToLower(last), "0x")
	if last != "" && strings.Trim(last, "0123456789") == "" || isHex && strings.Trim(hex, "0123456789abcdef") == "" {
		if addr, err := netip.ParseAddr(s); err != nil || !addr.Is4() {
			return "", false
		}
	}
	if upper {
		s = strings.ToLower(s)
	}
	return s, true
}
