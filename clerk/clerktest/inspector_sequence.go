package clerktest

import (
	"fmt"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// sequence is the picture of a handshake: who asked whom for what.
type sequence struct {
	Lanes         []sequenceLane
	Steps         []sequenceStep
	Height, Foot  int
	Time, Summary string
}

type sequenceLane struct {
	X    int
	Name string
}

// sequenceStep is one arrow. What the emulator did not see itself, but must have
// happened, is inferred.
type sequenceStep struct {
	From, To, Middle, Y int
	Label, Title        string
	Head                string // of the arrow: points of a polygon
	Inferred, Back      bool
}

// Lanes of the picture.
const (
	laneBrowser = iota
	laneApp
	laneFAPI
	laneBAPI
)

// How far apart things are in the picture.
const (
	sequenceTop = 62
	sequenceGap = 34
)

// after is how many requests after a handshake are looked through for those of
// the application that belong to it.
const after = 12

// newSequence draws a handshake from the log, nil if there was none.
func newSequence(requests []wire.LoggedRequest, last uint64, shake *wire.HandshakeTrace) *sequence {
	if shake == nil || last-shake.Seq >= uint64(len(requests)) {
		return nil
	}
	at := len(requests) - 1 - int(last-shake.Seq) //nolint:gosec // less than the length
	s := &sequence{
		Lanes: []sequenceLane{{46, "Browser"}, {202, "App"}, {362, "FAPI"}, {490, "BAPI"}},
		Time:  requests[at].Time.UTC().Format("15:04:05"), Summary: shake.Outcome,
	}
	page := shortPath(shake.Page)
	reason := shake.Reason
	if reason == "" {
		reason = "handshake"
	}
	form := map[bool]string{true: "nonce", false: "token"}[shake.Format == "__clerk_handshake_nonce"]
	s.add(laneBrowser, laneApp, "GET "+page, "The browser opens "+shake.Page, true)
	s.add(laneApp, laneBrowser, "307 "+reason, "The application cannot tell who it is: "+reason, true)
	s.add(laneBrowser, laneFAPI, "GET /v1/client/handshake", "The browser asks the Frontend API", false)
	s.add(laneFAPI, laneBrowser, "307 "+shake.Outcome+", by "+form, "The answer: "+shake.Outcome+", as "+shake.Format, false)
	s.add(laneBrowser, laneApp, "GET "+page+" + "+form, "The browser brings the answer to the application", true)
	seen := map[string]bool{}
	for i := at + 1; i < len(requests) && i <= at+after; i++ {
		r := &requests[i]
		if r.Operation == "handshake" {
			break // another one
		}
		if r.API != string(wire.APIBackend) && r.Operation != "getJWKS" || seen[r.Operation] {
			continue
		}
		switch r.Operation {
		case "GetHandshakePayload":
			s.add(laneApp, laneBAPI, "GET handshake_payload", r.Method+" "+r.Path, false)
		case "GetJWKS":
			s.add(laneApp, laneBAPI, "GET /v1/jwks", "The application fetches the keys, once", false)
		case "getJWKS":
			s.add(laneApp, laneFAPI, "GET jwks.json", "The application fetches the keys, once", false)
		default:
			continue
		}
		seen[r.Operation] = true
	}
	s.add(laneApp, laneBrowser, "cookies, "+shake.Outcome, "The application sets the cookies and goes on: "+shake.Outcome, true)
	s.Height = sequenceTop + len(s.Steps)*sequenceGap + 2
	s.Foot = s.Height - 14
	return s
}

func (s *sequence) add(from, to int, label, title string, inferred bool) {
	step := sequenceStep{
		From: s.Lanes[from].X, To: s.Lanes[to].X, Y: sequenceTop + len(s.Steps)*sequenceGap, Label: label, Title: title, Inferred: inferred, Back: to < from,
	}
	step.Middle = (step.From + step.To) / 2
	tip, base := step.To-2, step.To-10
	if step.Back {
		tip, base = step.To+2, step.To+10
	}
	step.Head = points(tip, step.Y, base, step.Y-4, base, step.Y+4)
	s.Steps = append(s.Steps, step)
}

// points are the corners of a triangle, as SVG has them.
func points(x1, y1, x2, y2, x3, y3 int) string {
	return fmt.Sprintf("%d,%d %d,%d %d,%d", x1, y1, x2, y2, x3, y3)
}

// shortPath is the path of a page, without its host and not too long.
func shortPath(page string) string {
	_, path, _ := strings.Cut(page, "/")
	path = "/" + path
	if len(path) > 14 {
		path = strings.ToValidUTF8(path[:13], "") + "…"
	}
	return path
}
