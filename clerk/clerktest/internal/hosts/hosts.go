// Package hosts parses and compares hosts and origins.
package hosts

import (
	"net/netip"
	"net/url"
	"strings"

	"github.com/clerkkit/clerkkit/internal/endpoint"
)

// Reserved reports whether a host, with or without port, is never on the internet:
// loopback, and the names of RFC 2606 and RFC 6761.
func Reserved(hostport string) bool {
	return endpoint.Reserved(hostport) || endpoint.Loopback(endpoint.Hostname(hostport))
}

// Name returns the host in lower case, without its port and the brackets of an IPv6
// address.
func Name(hostport string) string { return strings.ToLower(endpoint.Hostname(hostport)) }

// IsAddress reports whether host is an IP address.
func IsAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// ParseOrigin returns the origin of a URL as browsers write it: scheme, host in
// lower case, port unless it is the default one.
func ParseOrigin(s string) (origin string, ok bool) {
	u, err := url.Parse(s)
	if err != nil || u.User != nil || u.Hostname() == "" {
		return "", false
	}
	return OriginOf(u)
}

// OriginOf is [ParseOrigin] for a parsed URL. ok is false for other schemes than http
// and https.
func OriginOf(u *url.URL) (origin string, ok bool) {
	scheme := strings.ToLower(u.Scheme)
	if scheme != "http" && scheme != "https" {
		return "", false
	}
	host := strings.ToLower(u.Host)
	if port := u.Port(); scheme == "http" && port == "80" || scheme == "https" && port == "443" {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return scheme + "://" + strings.TrimSuffix(host, ":"), true
}

// Below reports whether host is domain or a subdomain of it.
func Below(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}
