package transport

import (
	"fmt"
	"strings"
)

// maxSegment bounds one part of a path. The identifiers and slugs of the Backend API are
// far shorter.
const maxSegment = 255

// segmentBytes are the characters that a part of a path may have in addition to letters and
// digits: those of Clerk's identifiers, slugs and keys ("role_set:default"), and no
// character that a URL, a proxy or a server gives a meaning of its own.
const segmentBytes = "-._~:@+=,"

// CheckSegment says why s cannot be one part of a path, or "" when it can. An identifier
// with a slash, a dot segment or an escape (%2e) would make the request reach another
// resource, on this server or behind a proxy that decodes it, so it is refused here and
// never escaped. The text does not repeat s, which may be a secret in the wrong place.
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
