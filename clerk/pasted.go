package clerk

import "strings"

// around are the characters that a paste or a settings file leaves around a value:
// quotes, typographic quotes, the byte order mark and invisible characters.
const around = "\"'`\u201c\u201d\u2018\u2019\ufeff\u200b\u00a0 \t\r\n"

// unpasted removes the characters in around from an environment variable's value.
// Docker's --env-file, for example, keeps quotes.
func unpasted(s string) string { return strings.Trim(s, around) }

// pastedProblem returns what is wrong with a value that has characters of around at its
// ends, or is a placeholder from a document. ConfigFromEnv removes such characters; a
// value set in code is refused.
func pastedProblem(s string) string {
	switch inner := unpasted(s); {
	case inner == s && (strings.Contains(s, "...") || strings.Contains(s, "\u2026") || strings.HasPrefix(s, "<") || strings.HasPrefix(s, "$") || strings.HasPrefix(s, "{{") ||
		strings.HasPrefix(strings.ToLower(s), "your")):
		return "is a placeholder; copy the value from the Clerk Dashboard"
	case inner == s, inner == "":
		return ""
	case strings.HasPrefix(s, "\ufeff"):
		return "begins with a byte order mark; save the file without one"
	case strings.TrimSpace(s) != s:
		return "holds white space at its beginning or end"
	}
	return "is in quotes, which do not belong to it; leave them out"
}

// jwtKeyProblem recognizes what people give instead of the public key. Package verify
// parses the key itself.
func jwtKeyProblem(s string) string {
	s = unpasted(s)
	const cure = "; set the PEM public key (Clerk Dashboard, API keys, JWKS Public Key)"
	switch {
	case isHTTP(s):
		return "is a URL" + cure
	case strings.HasPrefix(s, "{"), strings.HasPrefix(s, "["):
		return "is JSON, perhaps a key set" + cure
	case strings.HasPrefix(s, "sk_"), strings.HasPrefix(s, "pk_"), strings.HasPrefix(s, "whsec_"):
		return "is another kind of key" + cure
	case strings.HasPrefix(s, "eyJ"):
		return "is a token" + cure
	case strings.HasPrefix(s, "/"), strings.HasPrefix(s, "./"), strings.HasPrefix(s, "@"), strings.HasSuffix(s, ".pem"):
		return "is the path of a file; the text in it belongs here"
	case strings.Contains(s, "PRIVATE KEY"):
		return "is a private key" + cure
	case strings.Count(s, "-----BEGIN") > 1:
		return "has more than one PEM block; keep only the public key of the instance"
	}
	return ""
}
