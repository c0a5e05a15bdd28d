package state

import (
	"slices"
)

// maxDevBrowsers is how many dev browsers are kept, not counting those that are
// signed in: every run of a test suite leaves some behind, and an emulator may run
// for weeks.
const maxDevBrowsers = 8192

func (tx *Tx) addDevBrowser(clientID string) *devBrowser {
	if n := len(tx.DevBrowsers); n >= maxDevBrowsers && n%1024 == 0 { // seldom, because it looks at all of them
		tx.dropDevBrowsers()
	}
	d := &devBrowser{ID: tx.IDs.Next("dvb"), ClientID: clientID, Created: tx.Made()}
	tx.DevBrowsers[d.ID] = d
	return d
}

// dropDevBrowsers forgets the older half of the dev browsers in which nobody
// is signed in, with their clients. Such a browser gets a new one when it comes
// back.
func (tx *Tx) dropDevBrowsers() {
	var idle []*devBrowser
	for _, d := range tx.DevBrowsers {
		if len(tx.ClientSessions(d.ClientID)) == 0 {
			idle = append(idle, d)
		}
	}
	slices.SortFunc(idle, func(a, b *devBrowser) int { return a.Created.Compare(b.Created) })
	for _, d := range idle[:len(idle)/2] {
		delete(tx.DevBrowsers, d.ID)
		if c := tx.Clients[d.ClientID]; c != nil {
			tx.dropClient(c)
		}
	}
}

// dropClient forgets a client with what it was about to do.
func (tx *Tx) dropClient(c *Client) {
	delete(tx.ClientTokens, c.Token)
	delete(tx.SignIns, c.SignInID)
	delete(tx.SignUps, c.SignUpID)
	delete(tx.Clients, c.ID)
}
