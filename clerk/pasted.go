package clerk

import "strings"

// around are the characters that a paste or a settings file leaves around a value:
// quotes, typographic ones too, the byte order mark, and characters that nobody sees.
const around = "\"'`\u201c\u201d\u2018\u2019\ufeff\u200b\u00a0 \t\r\n"

// unpasted is a value of the environment without what does not belong to it. Docker's
// --env-file, for one, keeps quotes.
func unpasted(s string) string { return strings.Trim(s, around) }

// pastedProblem names what stands around a value that was not read by ConfigFromEnv,
// and placeholders of documents.
func pastedProblem(s string) string {
	switch inner := unpasted(s); {
	case inner == s && (strings.Contains(s, "...") || strings.Contains(s, "\u2026") || strings.HasPrefix(s, "<") || strings.HasPrefix(s, "$")):
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

// jwtKeyProblem names what people take for the public key. Package verify reads it.
func jwtKeyProblem(s string) string {
	s = unpasted(s)
	const cure = "; the PEM public key belongs here (Clerk Dashboard, API keys, JWKS Public Key)"
	switch {
	case isHTTP(s):
		return "is a URL" + cure
	case strings.HasPrefix(s, "{"), strings.HasPrefix(s, "["):
		return "is JSON, a key set perhaps" + cure
	case strings.HasPrefix(s, "sk_"), strings.HasPrefix(s, "pk_"), strings.HasPrefix(s, "whsec_"):
		return "is another kind of key" + cure
	case strings.Contains(s, "PRIVATE KEY"):
		return "is a private key" + cure
	case strings.Count(s, "-----BEGIN") > 1:
		return "has more than one PEM block; keep only the public key of the instance"
	}
	return ""
}
