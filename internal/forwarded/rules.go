package forwarded

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
)

// Request is what is read of an HTTP request.
type Request struct {
	// RemoteAddr is the peer of the connection, ip:port; "" where it is not known.
	RemoteAddr string
	// Scheme is that of the connection; "" is http.
	Scheme string
	// Host is the authority of an absolute request target, else the Host header
	// (RFC 9112 section 3.2.2).
	Host   string
	Header Header
}

// Header gives all values of a header field by its canonical name.
type Header interface{ Values(name string) []string }

// Rules say what is believed. They are safe for concurrent use.
type Rules struct {
	public   Origin
	origins  []Origin
	party    func(origin string) bool
	hops     int
	anywhere bool // InsecureAnyRedirectOrigin
}

// New reads PublicURL, AuthorizedParties, AllowedRedirectOrigins,
// AuthorizedPartyFunc, InsecureAnyRedirectOrigin and TrustedProxyHops. What is no
// http or https origin is passed over: [clerk.Config.Validate] refuses mistakes, and
// the origin of a browser extension is none to redirect to.
func New(c clerk.Config) *Rules {
	r := &Rules{party: c.AuthorizedPartyFunc, hops: max(0, c.TrustedProxyHops), anywhere: c.InsecureAnyRedirectOrigin}
	if o, ok := parse(c.PublicURL); ok {
		r.public = o
		r.origins = append(r.origins, o)
	}
	for _, s := range slices.Concat(c.AuthorizedParties, c.AllowedRedirectOrigins) {
		if o, ok := parse(s); ok {
			r.origins = append(r.origins, o)
		}
	}
	return r
}

// parse reads an origin, or a URL of which it takes the origin.
func parse(s string) (Origin, bool) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return Origin{}, false
	}
	if i := strings.IndexAny(rest, `/\?#`); i >= 0 {
		rest = rest[:i]
	}
	return ParseOrigin(scheme, rest)
}

// Limited reports whether origins are configured.
func (r *Rules) Limited() bool { return len(r.origins) > 0 || r.party != nil }

// Configured reports whether o is a configured origin. AuthorizedPartyFunc is asked
// where no list names it.
func (r *Rules) Configured(o Origin) bool {
	return o != Origin{} && (slices.Contains(r.origins, o) || r.party != nil && r.party(o.String()))
}

// MayCarryToken reports whether a redirect that carries a token may go to o: to
// configured origins, and anywhere with InsecureAnyRedirectOrigin.
func (r *Rules) MayCarryToken(o Origin) bool { return r.anywhere && o != Origin{} || r.Configured(o) }

// Public is the answer of [Rules.Public].
type Public struct {
	// Origin is the public origin; the zero value where the request names no usable
	// host.
	Origin Origin
	// Doubtful is set where the value that was to count is none that a browser or a
	// proxy writes. The origin then is that of the connection.
	Doubtful bool
	// NotBelieved is set where forwarded fields name another host than the request,
	// and are not believed.
	NotBelieved bool
}

// Public returns the origin at which the browser asked, see the package comment. An
// AuthorizedPartyFunc is asked about values that strangers can write.
func (r *Rules) Public(req Request) Public {
	if r.public != (Origin{}) {
		return Public{Origin: r.public}
	}
	connection := cmp.Or(strings.ToLower(req.Scheme), "http")
	if !r.Limited() || r.anywhere {
		if r.hops > 0 {
			return r.counted(req, connection)
		}
		return asReceived(read(req.Header), req.Host, connection)
	}
	s := read(req.Header)
	var schemes []string
	switch {
	case connection == "https" && s.says("http"):
		schemes = []string{"https", "http"}
	case s.says("https"):
		schemes = []string{"https"}
	default:
		schemes = []string{connection}
	}
	// The host as received comes first: behind a proxy that sets no
	// X-Forwarded-Host, that field is the client's own.
	for _, host := range append([]string{req.Host}, s.hosts...) {
		for _, scheme := range schemes {
			if o, ok := r.configured(scheme, host, s.ports); ok {
				return Public{Origin: o}
			}
		}
	}
	return asReceived(s, req.Host, connection)
}

// configured makes a configured origin of a host, or of the host with one of the
// forwarded ports where it has none: nginx's $host is the name alone.
func (r *Rules) configured(scheme, host string, ports []string) (Origin, bool) {
	o, ok := ParseOrigin(scheme, host)
	if !ok {
		return o, false
	}
	if r.Configured(o) {
		return o, true
	}
	name, has := splitPort(host)
	if has != "" && (has != "80" || scheme != "https") {
		return o, false
	}
	// The port 80 is that of the connection to the proxy, which was asked over https.
	if has != "" {
		if o, ok = ParseOrigin(scheme, name); ok && r.Configured(o) {
			return o, true
		}
	}
	for _, port := range ports { // as with hosts, the nearest proxy's that fits
		if o, ok = ParseOrigin(scheme, name+":"+port); ok && r.Configured(o) {
			return o, true
		}
	}
	return Origin{}, false
}

// withoutPlainPort cuts the port 80 off a host that is taken for one on https: a
// proxy on plain http behind one with TLS writes its own port (nginx's
// $host:$server_port).
func withoutPlainPort(host string) string {
	if name, port := splitPort(host); port == "80" {
		return name
	}
	return host
}

// asReceived believes no forwarded host, and a forwarded scheme if it is https.
func asReceived(s said, host, connection string) (p Public) {
	if s.says("https") && connection != "https" {
		connection, host = "https", withoutPlainPort(host)
	}
	p.Origin, _ = ParseOrigin(connection, host)
	for _, h := range s.hosts {
		if o, ok := ParseOrigin(connection, h); ok && o != p.Origin {
			p.NotBelieved = true
		}
	}
	return p
}

// counted takes what the outermost trusted proxy was asked for: each proxy appends
// one value, so it is the one that many hops from the right. What stands left of it
// anyone may have sent. A host or scheme that no browser would have sent is not
// repaired but passed over.
func (r *Rules) counted(req Request, connection string) (p Public) {
	var ok bool
	p.Origin, ok = ParseOrigin(connection, req.Host)
	host, proto := req.Host, connection
	h, hasHost := fromRight(req.Header.Values(fieldHost), r.hops)
	s, hasProto := fromRight(req.Header.Values(fieldProto), r.hops)
	if !hasProto {
		s, hasProto = fromRight(req.Header.Values(fieldCloudFront), r.hops)
	}
	// Where the proxies write X-Forwarded-…, Forwarded is the client's own.
	if !hasHost && !hasProto && len(req.Header.Values(fieldFor)) == 0 {
		if e, present := elementFromRight(req.Header.Values(fieldForwarded), r.hops); present {
			h, hasHost = e.host, e.host != ""
			s, hasProto = e.proto, e.proto != ""
		}
	}
	if hasHost {
		host = h
	}
	if hasProto {
		proto = cmp.Or(scheme(s), s)
		if proto == "https" && connection != "https" {
			host = withoutPlainPort(host)
		}
	}
	// A field that is there and says nothing makes all of them say nothing.
	if host == "" || proto == "" {
		return p
	}
	o, usable := ParseOrigin(proto, host)
	if !usable {
		p.Doubtful = ok
		return p
	}
	p.Origin = o
	return p
}

// ClientAddr returns the address of the client: the X-Forwarded-For entry (or, where
// there is no such field, the Forwarded one) that TrustedProxyHops points to from
// the right, else the peer of the connection. It has no zone, IPv4 is never written
// as IPv6, and it is the zero Addr where nothing usable is known.
func (r *Rules) ClientAddr(req Request) netip.Addr {
	if r.hops > 0 {
		entry, present := fromRight(req.Header.Values(fieldFor), r.hops)
		if !present {
			e, _ := elementFromRight(req.Header.Values(fieldForwarded), r.hops)
			entry = e.from
		}
		if addr, ok := parseAddr(entry); ok {
			return addr
		}
	}
	addr, _ := parseAddr(req.RemoteAddr)
	return addr
}

// parseAddr reads an address as proxies write it: with a port, in brackets or
// quotes, or bare. "unknown" and obfuscated identifiers (RFC 7239 section 6) are
// none.
func parseAddr(s string) (netip.Addr, bool) {
	if len(s) > 1 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	addr, err := netip.ParseAddr(s)
	if err != nil {
		host, _ := splitPort(s)
		if v6, ok := strings.CutPrefix(host, "["); ok {
			host = strings.TrimSuffix(v6, "]")
		} else if strings.Contains(host, ":") {
			return netip.Addr{}, false
		}
		if addr, err = netip.ParseAddr(host); err != nil {
			return netip.Addr{}, false
		}
	}
	return addr.Unmap().WithZone(""), true
}
