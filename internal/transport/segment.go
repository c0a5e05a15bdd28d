package transport

import (
	"fmt"
	"strings"
)

// maxSegment is the maximum length of a path segment. The identifiers and slugs of the
// Backend API are far shorter.
const maxSegment = 255

// segmentBytes are the characters that a path segment may have in addition to letters
// and digits. They occur in Clerk's identifiers, slugs and keys ("role_set:default")
// and have no special meaning for URLs, proxies and servers.
const segmentBytes = "-._~:@+=,"

// CheckSegment returns why s cannot be a path segment, or "" if it can. An identifier
// with a slash, a dot segment or an escape (%2e) would make the request reach another
// resource, on this server or behind a proxy that decodes it. It is therefore refused
// and never escaped. The result does not contain s, which may be a misplaced secret.
func CheckSegment(s string) string {
	switch {
	case s == "":
		return "is empty"
	case strings.Trim(s, ".") == "":
		return "consists of dots, which would name another resource"
	case len(s) > maxSegment:
		return fmt.Sprintf("is longer than %d bytes", maxSegment)
	}
	for _, r := range s {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r < 0x80 && strings.ContainsRune(segmentBytes, r):
		case r <= ' ' || r >= 0x7f:
			return "holds white space, a control character or a character that is not ASCII"
		default:
			return fmt.Sprintf("holds %q, which would name another resource", r)
		}
	}
	return ""
}
