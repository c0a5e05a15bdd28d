package forwarded

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
)

// Request has the parts of an HTTP request that the rules use.
type Request struct {
	// RemoteAddr is the peer of the connection, ip:port, or "" if unknown.
	RemoteAddr string
	// Scheme is the scheme of the connection; "" means http.
	Scheme string
	// Host is the authority of an absolute request target, else the Host header
	// (RFC 9112 section 3.2.2).
	Host   string
	Header Header
}

// Header returns all values of a header field by its canonical name.
type Header interface{ Values(name string) []string }

// Rules decide which values are trusted. They are safe for concurrent use.
type Rules struct {
	public   Origin
	origins  []Origin
	party    func(origin string) bool
	hops     int
	anywhere bool // InsecureAnyRedirectOrigin
}

// New uses PublicURL, AuthorizedParties, AllowedRedirectOrigins, AuthorizedPartyFunc,
// InsecureAnyRedirectOrigin and TrustedProxyHops of c. It ignores values that are not
// http or https origins: [clerk.Config.Validate] refuses mistakes, and the origin of a
// browser extension is not a target for redirects.
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

// parse parses an origin or the origin of a URL.
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

// Configured reports whether o is a configured origin. It calls AuthorizedPartyFunc if
// no list contains o.
func (r *Rules) Configured(o Origin) bool {
	return o != Origin{} && (slices.Contains(r.origins, o) || r.party != nil && r.party(o.String()))
}

// MayCarryToken reports whether a redirect with a token may go to o: to configured
// origins, or to any origin with InsecureAnyRedirectOrigin.
func (r *Rules) MayCarryToken(o Origin) bool { return r.anywhere && o != Origin{} || r.Configured(o) }

// Public is the result of [Rules.Public].
type Public struct {
	// Origin is the public origin, or zero if the request has no valid host.
	Origin Origin
	// Doubtful is set if the selected value is not one that a browser or a proxy writes.
	// Origin is then that of the connection.
	Doubtful bool
	// NotBelieved is set if forwarded fields name another host than the request and are
	// not trusted.
	NotBelieved bool
}

// Public returns the origin to which the browser sent the request, see the package
// comment. It calls AuthorizedPartyFunc with values that clients can forge.
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
	// Try the host as received first: if the proxy does not set X-Forwarded-Host, that
	// field comes from the client.
	for _, host := range append([]string{req.Host}, s.hosts...) {
		for _, scheme := range schemes {
			if o, ok := r.configured(scheme, host, s.ports); ok {
				return Public{Origin: o}
			}
		}
	}
	return asReceived(s, req.Host, connection)
}

// configured returns the configured origin with this host. If the host has no port, it
// also tries the forwarded ports, because nginx's $host has no port.
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
	// Port 80 is that of the proxy's own connection; the browser used https.
	if has != "" {
		if o, ok = ParseOrigin(scheme, name); ok && r.Configured(o) {
			return o, true
		}
	}
	for _, port := range ports { // as with hosts, prefer the nearest proxy
		if o, ok = ParseOrigin(scheme, name+":"+port); ok && r.Configured(o) {
			return o, true
		}
	}
	return Origin{}, false
}

// withoutPlainPort removes port 80 from the host of an https origin. A proxy on plain
// http behind a proxy with TLS writes its own port (nginx's $host:$server_port).
func withoutPlainPort(host string) string {
	if name, port := splitPort(host); port == "80" {
		return name
	}
	return host
}

// asReceived ignores forwarded hosts, and uses a forwarded scheme only if it is https.
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

// counted returns the origin that the outermost trusted proxy received. Each proxy
// appends one value, so it is the value TrustedProxyHops from the right. Anyone can
// write the values further left. An invalid host or scheme is ignored, not repaired.
func (r *Rules) counted(req Request, connection string) (p Public) {
	var ok bool
	p.Origin, ok = ParseOrigin(connection, req.Host)
	host, proto := req.Host, connection
	h, hasHost := fromRight(req.Header.Values(fieldHost), r.hops)
	s, hasProto := fromRight(req.Header.Values(fieldProto), r.hops)
	if !hasProto {
		s, hasProto = fromRight(req.Header.Values(fieldCloudFront), r.hops)
	}
	// If the proxies write X-Forwarded-…, Forwarded comes from the client.
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
	// If a field is present but empty, ignore all of them.
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

// ClientAddr returns the address of the client: the X-Forwarded-For entry (or the
// Forwarded element, if there is no such field) that is TrustedProxyHops from the
// right, else the peer of the connection. It has no zone, and IPv4 is never mapped to
// IPv6. It is the zero Addr if there is no valid address.
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

// parseAddr parses an address as proxies write it: with or without a port, brackets or
// quotes. It refuses "unknown" and obfuscated identifiers (RFC 7239 section 6).
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
