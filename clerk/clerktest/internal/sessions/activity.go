package sessions

import (
	"regexp"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// SessionActivity is a session with the device that it was last seen on.
type SessionActivity struct {
	answers.SessionResource
	Activity activityResource `json:"latest_activity"`
}

type activityResource struct {
	Object         string `json:"object"`
	ID             string `json:"id"`
	IsMobile       bool   `json:"is_mobile"`
	DeviceType     string `json:"device_type"`
	BrowserName    string `json:"browser_name"`
	BrowserVersion string `json:"browser_version"`
	IPAddress      string `json:"ip_address"`
	City           string `json:"city"`
	Country        string `json:"country"`
}

// browsers are in the order in which they are looked for: most call themselves
// by the names of others, too.
var browsers = []struct {
	name    string
	version *regexp.Regexp
}{
	{"Edge", regexp.MustCompile(`Edg(?:e|A|iOS)?/([\d.]+)`)},
	{"Opera", regexp.MustCompile(`OPR/([\d.]+)`)},
	{"Chrome", regexp.MustCompile(`(?:Headless)?Chrome/([\d.]+)`)},
	{"Chrome", regexp.MustCompile(`CriOS/([\d.]+)`)},
	{"Firefox", regexp.MustCompile(`(?:Firefox|FxiOS)/([\d.]+)`)},
	{"Safari", regexp.MustCompile(`Version/([\d.]+).* Safari/`)},
}

// devices are looked for in this order, too: Android is a Linux.
var devices = []struct {
	mark, name string
	mobile     bool
}{
	{"iPhone", "iPhone", true}, {"iPad", "iPad", true}, {"Android", "Android", true},
	{"Windows", "Windows", false}, {"Macintosh", "Macintosh", false}, {"CrOS", "Chrome OS", false}, {"Linux", "Linux", false},
}

// Activity describes a device by the User-Agent header of its browser. What it
// does not recognize stays empty.
func Activity(sessionID, agent string) activityResource {
	r := activityResource{Object: "session_activity", ID: "sess_activity_" + strings.TrimPrefix(sessionID, "sess_"), IPAddress: "127.0.0.1"}
	for _, b := range browsers {
		if m := b.version.FindStringSubmatch(agent); m != nil {
			r.BrowserName, r.BrowserVersion = b.name, m[1]
			break
		}
	}
	for _, d := range devices {
		if strings.Contains(agent, d.mark) {
			r.DeviceType, r.IsMobile = d.name, d.mobile
			break
		}
	}
	return r
}

// Agent is the User-Agent header of the browser of a client.
func Agent(s *state.Store, clientID string) string {
	return state.With(s, func(tx *state.Tx) string {
		if c := tx.Clients[clientID]; c != nil {
			return c.UserAgent
		}
		return ""
	})
}
