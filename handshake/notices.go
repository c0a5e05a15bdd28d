package handshake

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/loglimit"
)

// notices are log lines for the developer. Strangers can cause them, so each kind is
// logged at most once a minute.
type notices struct {
	log *slog.Logger
	now func() time.Time

	lines [noticeKinds]loglimit.Line
}

type notice int

const (
	noticeLoop notice = iota
	noticeSignInLoop
	noticeOrganization
	noticeSkew
	noticeUnresolved
	noticeRedirect
	noticeBusy
	noticePanic
	noticeKinds
)

const noticeEvery = time.Minute

func (n *notices) due(k notice) bool {
	_, due := n.lines[k].Due(n.now(), noticeEvery)
	return due
}

// loop logs why a redirect loop did not end: because the handshake's result in the last
// request was refused, or because there was none.
func (n *notices) loop(reason clerk.Reason, answer error) {
	if !n.due(noticeLoop) {
		return
	}
	const circle = "clerk: a browser was redirected in a circle and counts as signed out: "
	switch {
	case answer != nil:
		n.log.Warn(circle+"the answer of its handshake was refused"+cure(answer), "reason", string(reason), "refusal", answer.Error())
	case reason.Is(clerk.ReasonSatelliteCookieNeedsSyncing):
		n.log.Warn(circle+"a satellite was not synced; is its Domain (CLERK_DOMAIN) configured in the Clerk Dashboard?", "reason", string(reason))
	default:
		n.log.Warn(circle+"it came back without an answer of the handshake; do its cookies reach this server, and is the handshake's Frontend API (CLERK_PUBLISHABLE_KEY, CLERK_PROXY_URL, CLERK_FAPI) that of the sign-in pages?", "reason", string(reason))
	}
}

// signInLoop logs why a browser is not sent to sign in again.
func (n *notices) signInLoop(reason clerk.Reason) {
	if n.due(noticeSignInLoop) {
		n.log.Warn("clerk: a browser was sent to sign in five times in a row and came back signed out; the sign-in page must be one of the same instance (CLERK_SIGN_IN_URL, CLERK_PUBLISHABLE_KEY) and its cookies must reach this server; reason says what was refused last", "reason", string(reason))
	}
}

// cure names the setting that most likely causes the refusal of a handshake's result.
func cure(err error) string {
	switch reasonOf(err) {
	case clerk.ReasonTokenInvalidSignature, clerk.ReasonJWKKidMismatch:
		return "; its key is of another instance: compare SecretKey (CLERK_SECRET_KEY), PublishableKey (CLERK_PUBLISHABLE_KEY) and JWTKey (CLERK_JWT_KEY)"
	case clerk.ReasonTokenInvalidAuthorizedParties:
		return "; list the origin in AuthorizedParties (CLERK_AUTHORIZED_PARTIES)"
	case clerk.ReasonTokenInvalidIssuer:
		return "; compare PublishableKey (CLERK_PUBLISHABLE_KEY), ProxyURL (CLERK_PROXY_URL), Domain (CLERK_DOMAIN) and Issuers"
	case clerk.ReasonTokenExpired, clerk.ReasonTokenNotActiveYet, clerk.ReasonTokenIATInTheFuture:
		return "; is the clock of this machine right? ClockSkew is what it may be off"
	case clerk.ReasonKeyNotTrusted:
		return "; with the emulator, set InsecureEmulator (CLERK_INSECURE_EMULATOR)"
	case clerk.ReasonUnexpectedError: // not a token's, the Backend API's
		return "; is SecretKey (CLERK_SECRET_KEY) of the instance of the Frontend API?"
	}
	return ""
}

func (n *notices) organization() {
	if n.due(noticeOrganization) {
		n.log.Warn("clerk: the organization in the URL could not be activated; does it exist, and is the user a member?")
	}
}

func (n *notices) clockSkew(err error) {
	if n.due(noticeSkew) {
		n.log.Warn("clerk: the clock of this machine is off; development instances tolerate it, production will not", "error", err)
	}
}

func (n *notices) unresolved(err error) {
	if n.due(noticeUnresolved) {
		n.log.Error("clerk: the answer of a handshake does not verify"+cure(err), "error", err)
	}
}

func (n *notices) refusedRedirect() {
	if n.due(noticeRedirect) {
		n.log.Warn("clerk: a redirect to an origin that is not configured was refused; list the origins of satellites in AllowedRedirectOrigins")
	}
}

func (n *notices) busy() {
	if n.due(noticeBusy) {
		n.log.Warn("clerk: more calls to the Backend API than Limits allow; requests that need one and find none left are answered as an outage")
	}
}

// panicked logs that the application's own Backend panicked. The panic value may hold a
// token, so only its type is logged.
func (n *notices) panicked(value any) {
	if n.due(noticePanic) {
		n.log.Error("clerk: a call to the Backend API panicked", "type", fmt.Sprintf("%T", value), "stack", string(debug.Stack()))
	}
}
