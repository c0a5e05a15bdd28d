package conformance

import (
	"slices"
	"strings"
)

// movedToForwarded reports whether the kit's Location equals the reference's except for
// the application's scheme, which is the forwarded one: in redirect_url, and at the
// start if the redirect stays on the application's origin, as at the end of a handshake
// and with a ProxyURL that is a path.
func (f *facts) movedToForwarded() bool {
	proto := strings.ToLower(strings.TrimSpace(strings.Split(f.header("x-forwarded-proto"), ",")[0]))
	if f.header("host") != "" || f.header("x-forwarded-host") != "" || proto != "http" && proto != "https" ||
		f.r.Location == nil || f.c.Expect.Location == nil {
		return false
	}
	scheme, rest, _ := strings.Cut(f.c.Request.URL, "://")
	host, _, _ := strings.Cut(rest, "/")
	want := strings.Replace(*f.c.Expect.Location, "redirect_url="+scheme+"%3A", "redirect_url="+proto+"%3A", 1)
	if path, own := strings.CutPrefix(want, scheme+"://"+host+"/"); own {
		want = proto + "://" + host + "/" + path
	}
	return *f.r.Location == want
}

// dropsForeignCookies reports whether the kit sets the reference's cookies except those
// that are not Clerk's or contain characters other than printable ASCII.
func (f *facts) dropsForeignCookies() bool {
	kept := slices.DeleteFunc(slices.Clone(f.c.Expect.SetCookie), func(line string) bool {
		name, _, assigned := strings.Cut(strings.Split(line, ";")[0], "=")
		clerks := strings.HasPrefix(name, "__clerk_")
		for _, base := range []string{"__session", "__refresh", "__client"} {
			clerks = clerks || name == base || strings.HasPrefix(name, base+"_")
		}
		return !clerks || !assigned || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r > '~' })
	})
	return slices.Equal(kept, f.r.SetCookie)
}

// schemeHasBlank reports whether a space follows the forwarded scheme, and the kit uses
// that scheme while the reference ignores it.
func (f *facts) schemeHasBlank() bool {
	first, _, list := strings.Cut(f.header("x-forwarded-proto"), ",")
	proto := strings.ToLower(strings.TrimSpace(first))
	if !list || first == strings.TrimRight(first, " \t") || f.r.Location == nil || f.c.Expect.Location == nil {
		return false
	}
	scheme, _, _ := strings.Cut(f.c.Request.URL, "://")
	return *f.r.Location == strings.Replace(*f.c.Expect.Location, "redirect_url="+scheme+"%3A", "redirect_url="+proto+"%3A", 1)
}
