package handshake

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/loglimit"
)

// notices tell the developer what no response can say. Strangers can cause them,
// so each kind is logged at most once a minute.
type notices struct {
	log *slog.Logger
	now func() time.Time

	lines [noticeKinds]loglimit.Line
}

type notice int

const (
	noticeLoop notice = iota
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

func (n *notices) loop(reason clerk.Reason) {
	if !n.due(noticeLoop) {
		return
	}
	if reason.Is(clerk.ReasonSatelliteCookieNeedsSyncing) {
		n.log.Warn("clerk: a satellite was redirected in a circle and counts as signed out; is its domain configured in the Clerk Dashboard?", "reason", string(reason))
		return
	}
	n.log.Warn("clerk: a browser was redirected in a circle and counts as signed out; do the secret key and the publishable key belong to one instance?", "reason", string(reason))
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
		n.log.Error("clerk: the answer of a handshake does not verify; do the secret key and the publishable key belong to one instance?", "error", err)
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

// panicked tells of a Backend of the application's own that panicked. What it
// panicked with may hold a token, so only its type is told.
func (n *notices) panicked(value any) {
	if n.due(noticePanic) {
		n.log.Error("clerk: a call to the Backend API panicked", "type", fmt.Sprintf("%T", value), "stack", string(debug.Stack()))
	}
}
