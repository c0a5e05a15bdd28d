package handshake

import (
	"log/slog"
	"time"

	"github.com/clerkkit/clerkkit/internal/loglimit"
)

// originNotices warn that the origin of requests is probably wrong, and name the
// setting that corrects it. Strangers can cause some of them, so each is logged at most
// once an hour and holds no value from the request.
type originNotices struct {
	log   *slog.Logger
	fixed bool // PublicURL is set

	forwarded, plain, local, proxied loglimit.Line
}

const originNoticeEvery = time.Hour

func (n *originNotices) warn(line *loglimit.Line, now time.Time, text string) {
	if leftOut, due := line.Due(now, originNoticeEvery); due {
		n.log.Warn("clerk: "+text, loglimit.LeftOut(leftOut))
	}
}

func (n *originNotices) notBelieved(now time.Time) {
	n.warn(&n.forwarded, now, "X-Forwarded-Host or Forwarded names a host that makes none of the configured origins, and is not believed; "+
		"add the origin to AuthorizedParties (CLERK_AUTHORIZED_PARTIES), or set PublicURL (CLERK_PUBLIC_URL). If it is there, the scheme is another: "+
		"the proxy must send X-Forwarded-Proto too, and without that the scheme is http")
}

// redirecting checks the origin to which a live instance sends browsers back.
func (n *originNotices) redirecting(own *webURL, now time.Time) {
	switch {
	case n.fixed && (own.at().Loopback() || own.scheme == "http"):
		n.warn(&n.local, now, "a live instance sends browsers back to PublicURL (CLERK_PUBLIC_URL), which is a loopback address or plain http; set it to the https origin of the site")
	case own.at().Loopback():
		n.warn(&n.local, now, "a live instance sends browsers back to a loopback address: the proxy in front changes the Host and does not tell the original one in "+
			"X-Forwarded-Host, or that makes none of AuthorizedParties (CLERK_AUTHORIZED_PARTIES); PublicURL (CLERK_PUBLIC_URL) fixes the origin")
	case own.scheme == "http":
		n.warn(&n.plain, now, "a live instance sends browsers back to plain http: the proxy in front does not say in X-Forwarded-Proto that it was asked over https; "+
			"make it say so, or set PublicURL (CLERK_PUBLIC_URL)")
	}
}

func (n *originNotices) notProxied(now time.Time) {
	n.warn(&n.proxied, now, "no redirect to the proxied Frontend API, as the request's origin is not a configured one and a session token would go there; "+
		"add the origin to AuthorizedParties (CLERK_AUTHORIZED_PARTIES), or set PublicURL (CLERK_PUBLIC_URL)")
}
