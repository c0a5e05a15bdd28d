package state

import (
	"slices"
	"time"
)

// Message is an e-mail or text message: clerktest.Message, which says more of each
// field.
type Message struct {
	ID       string
	Time     time.Time
	Channel  string
	To       string
	Template string
	Code     string
	URL      string
}

// maxOutbox bounds the outbox: an emulator may run for weeks.
const maxOutbox = 4096

func (tx *Tx) Send(m Message) {
	prefix := "ema"
	if m.Channel == "sms" {
		prefix = "sms"
	}
	m.ID, m.Time = tx.IDs.Next(prefix), tx.Now()
	if len(tx.Outbox) >= maxOutbox {
		tx.Outbox = slices.Clone(tx.Outbox[maxOutbox/2:])
	}
	tx.Outbox = append(tx.Outbox, m)
	Emit(tx, m.Channel+".created", &m)
}

// forgetMessages takes the messages with a link out of the outbox.
func (tx *Tx) forgetMessages(link string) {
	tx.Outbox = slices.DeleteFunc(slices.Clone(tx.Outbox), func(m Message) bool { return m.URL == link })
}
