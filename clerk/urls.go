package clerk

import (
	"net"
	"net/url"
	"strings"

	"github.com/clerkkit/clerkkit/internal/endpoint"
)

func parseBaseURL(s string) (*url.URL, string) {
	if problem := pastedProblem(s); problem != "" {
		return nil, problem
	}
	u, err := url.Parse(s)
	switch {
	case err != nil, u.Hostname() == "":
		return nil, "is not an absolute URL"
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, "is not an http or https URL"
	case u.User != nil:
		return nil, "holds a user name"
	case strings.ContainsAny(s, "?#"):
		return nil, "holds a query or fragment"
	}
	return u, ""
}

func isHTTP(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// isPath excludes //host and /\host, which browsers read as another origin, also
// with tabs and line breaks between.
func isPath(s string) bool {
	_, err := url.Parse(s) // refuses control characters
	return err == nil && strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") && !strings.HasPrefix(s, `/\`)
}

// hostname is the host of a publishable key or of a URL, without path, port and brackets.
func hostname(hostport string) string {
	host, _, _ := strings.Cut(hostport, "/")
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return strings.Trim(host, "[]")
}

func loopbackHost(hostport string) bool { return endpoint.Loopback(hostname(hostport)) }

// reservedHost tells names that never are on the internet (RFC 2606, RFC 6761).
func reservedHost(hostport string) bool {
	host := hostname(hostport)
	return strings.HasSuffix(host, ".test") || strings.HasSuffix(host, ".example") || strings.HasSuffix(host, ".invalid")
}
