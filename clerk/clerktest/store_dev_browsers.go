package clerktest

import "slices"

// maxDevBrowsers is how many dev browsers are kept, not counting those that are
// signed in: every run of a test suite leaves some behind, and an emulator may run
// for weeks.
const maxDevBrowsers = 8192

func (s *store) addDevBrowserLocked(clientID string) *devBrowser {
	if n := len(s.DevBrowsers); n >= maxDevBrowsers && n%1024 == 0 { // seldom, because it looks at all of them
		s.dropDevBrowsersLocked()
	}
	d := &devBrowser{ID: s.ids.next("dvb"), ClientID: clientID, Created: s.madeLocked()}
	s.DevBrowsers[d.ID] = d
	return d
}

// dropDevBrowsersLocked forgets the older half of the dev browsers in which nobody
// is signed in, with their clients. Such a browser gets a new one when it comes
// back.
func (s *store) dropDevBrowsersLocked() {
	var idle []*devBrowser
	for _, d := range s.DevBrowsers {
		if len(s.clientSessionsLocked(d.ClientID)) == 0 {
			idle = append(idle, d)
		}
	}
	slices.SortFunc(idle, func(a, b *devBrowser) int { return a.Created.compare(b.Created) })
	for _, d := range idle[:len(idle)/2] {
		delete(s.DevBrowsers, d.ID)
		if c := s.Clients[d.ClientID]; c != nil {
			s.dropClientLocked(c)
		}
	}
}

// dropClientLocked forgets a client with what it was about to do.
func (s *store) dropClientLocked(c *client) {
	delete(s.clientTokens, c.Token)
	delete(s.SignIns, c.SignInID)
	delete(s.SignUps, c.SignUpID)
	delete(s.Clients, c.ID)
}
