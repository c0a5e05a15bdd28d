// Package hosts tells hosts and origins apart.
package hosts

import (
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// Reserved tells hosts, with or without port, that never are on the
// internet: loopback, and the names of RFC 2606 and RFC 6761.
func Reserved(hostport string) bool {
	host := Name(hostport)
	for _, suffix := range []string{".test", ".example", ".invalid"} {
		if strings.HasSuffix(host, suffix) {
			return true
		}
	}
	return Loopback(host)
}

// Name cuts the port off, and the brackets of an IPv6 address.
func Name(hostport string) string {
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		return strings.ToLower(h)
	}
	return strings.ToLower(strings.Trim(hostport, "[]"))
}

// Loopback tells names and addresses of this machine.
func Loopback(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

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
