package forwarded

import (
	"slices"
	"strings"
)

// The fields that are read, by their canonical names.
const (
	fieldHost       = "X-Forwarded-Host"
	fieldProto      = "X-Forwarded-Proto"
	fieldPort       = "X-Forwarded-Port"
	fieldFor        = "X-Forwarded-For"
	fieldForwarded  = "Forwarded"
	fieldCloudFront = "Cloudfront-Forwarded-Proto" // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html
)

// maxValues is how many values of a list are read, from the right. No chain of proxies
// is longer, and anyone can write the values further left.
const maxValues = 8

// maxForwarded is the maximum size of Forwarded fields in bytes. They can be parsed
// only from the left.
const maxForwarded = 4 << 10

// fromRight returns the n-th value from the right, counting from 1, of a list in one or
// several fields (RFC 9110 section 5.3). If the list is shorter, it returns the first
// value: some proxies replace the field instead of appending, so the first value is
// theirs. It does not allocate. An empty value counts, because a proxy can write one
// (for a peer on a Unix socket). Skipping it would select a value further left that the
// client can write.
func fromRight(fields []string, n int) (value string, present bool) {
	for i := len(fields) - 1; i >= 0; i-- {
		for rest, more := fields[i], true; more; n-- {
			comma := strings.LastIndexByte(rest, ',')
			value, more = rest[comma+1:], comma >= 0
			if n <= 1 {
				return trim(value), true
			}
			rest = rest[:max(0, comma)]
		}
	}
	return trim(value), len(fields) > 0
}

// values returns the values of a list from the right, at most maxValues, without empty
// ones.
func values(fields []string) (out []string) {
	for i := len(fields) - 1; i >= 0; i-- {
		for rest, more := fields[i], true; more && len(out) < maxValues; {
			comma := strings.LastIndexByte(rest, ',')
			value := trim(rest[comma+1:])
			more = comma >= 0
			rest = rest[:max(0, comma)]
			if value != "" {
				out = append(out, value)
			}
		}
	}
	return out
}

func trim(s string) string { return strings.Trim(s, " \t") }

// scheme reads a forwarded scheme. It maps wss and ws to https and http, and returns ""
// for others.
func scheme(s string) string {
	switch {
	case strings.EqualFold(s, "https"), strings.EqualFold(s, "wss"):
		return "https"
	case strings.EqualFold(s, "http"), strings.EqualFold(s, "ws"):
		return "http"
	}
	return ""
}

// element is the Forwarded element of one proxy (RFC 7239 section 4).
type element struct{ from, host, proto string }

// parseForwarded parses Forwarded fields. The nearest proxy is last. If the grammar is
// violated anywhere, it returns nothing, because an unclosed quotation mark from the
// client would hide what the proxies appended.
func parseForwarded(fields []string) (list []element) {
	size := 0
	for _, f := range fields {
		size += len(f)
	}
	if size > maxForwarded {
		return nil
	}
	for _, s := range fields {
		var e element
		for {
			s = strings.TrimLeft(s, " \t")
			end := 0
			for end < len(s) && tokenByte(s[end]) {
				end++
			}
			name := s[:end]
			s = s[end:]
			if name != "" {
				var value string
				var ok bool
				if s, ok = strings.CutPrefix(s, "="); !ok {
					return nil
				}
				if value, s, ok = parseValue(s); !ok {
					return nil
				}
				var field *string
				switch {
				case strings.EqualFold(name, "for"):
					field = &e.from
				case strings.EqualFold(name, "host"):
					field = &e.host
				case strings.EqualFold(name, "proto"):
					field = &e.proto
				}
				if field != nil {
					if *field != "" { // "MUST NOT occur more than once per field-value" (section 4)
						return nil
					}
					*field = value
				}
			}
			s = strings.TrimLeft(s, " \t")
			if s == "" || s[0] == ',' {
				if e != (element{}) {
					list = append(list, e)
				}
				e = element{}
			}
			if s == "" {
				break
			}
			if s[0] != ',' && s[0] != ';' {
				return nil
			}
			s = s[1:]
		}
	}
	return list
}

// parseValue parses a token or a quoted string. It reads a token up to the next
// separator, because some proxies (AWS API Gateway, Vercel) omit the quotation marks
// that colons, brackets and base64 require.
func parseValue(s string) (value, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, ";,\" \t")
		if end < 0 {
			end = len(s)
		}
		return s[:end], s[end:], end > 0
	}
	var out []byte
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return string(out), s[i+1:], true
		case c == '\\' && i+1 < len(s):
			i++
			out = append(out, s[i])
		default:
			out = append(out, c)
		}
	}
	return "", "", false
}

// tokenByte reports whether c is a token character (RFC 9110 section 5.6.2).
func tokenByte(c byte) bool {
	return c > ' ' && c < 0x7f && strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) < 0
}

// elementFromRight is fromRight for Forwarded.
func elementFromRight(fields []string, n int) (e element, present bool) {
	list := parseForwarded(fields)
	if len(list) == 0 {
		return e, false
	}
	return list[max(0, len(list)-n)], true
}

// said has the origin values in the forwarded fields of a request, the nearest proxy
// first. They are not trusted.
type said struct {
	hosts   []string
	schemes []string // only http and https
	ports   []string
}

func (s *said) says(scheme string) bool { return slices.Contains(s.schemes, scheme) }

func read(h Header) (s said) {
	s.hosts = values(h.Values(fieldHost))
	protos := values(h.Values(fieldProto))
	protos = append(protos, values(h.Values(fieldCloudFront))...)
	if fields := h.Values(fieldForwarded); len(fields) > 0 {
		list := parseForwarded(fields)
		for i := len(list) - 1; i >= max(0, len(list)-maxValues); i-- {
			if list[i].host != "" {
				s.hosts = append(s.hosts, list[i].host)
			}
			protos = append(protos, list[i].proto)
		}
	}
	for _, p := range protos {
		if p = scheme(p); p != "" {
			s.schemes = append(s.schemes, p)
		}
	}
	s.ports = values(h.Values(fieldPort))
	return s
}
