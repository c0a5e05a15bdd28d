package clerktest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// newest returns the last records of a table, newest first, and how many more
// there are. It copies and sorts these alone, because the page is made every
// second.
func newest[K comparable, T any](table map[K]*T, key func(*T) state.Made) (shown []*T, more int) {
	top := state.Best[*T]{K: shownRecords, Compare: func(a, b *T) int { return key(b).Compare(key(a)) }}
	for _, record := range table {
		top.Add(record)
	}
	shown = top.Sorted()
	return shown, len(table) - len(shown)
}

// inspectRecords fills in what the store holds.
func (e *Emulator) inspectRecords(data *inspectorData, now time.Time) {
	e.server.Store.Apply(func(tx *state.Tx) {
		data.Totals.Users, data.Totals.Organizations, data.Totals.Sessions = len(tx.Users), len(tx.Organizations), len(tx.Sessions)
		data.More.Users = max(0, len(tx.UserOrder)-shownRecords)
		for _, u := range slices.Backward(tx.UserOrder[data.More.Users:]) {
			shown := inspectorUser{ID: u.ID, Name: u.DisplayName(), Note: u.Identifier(), Banned: u.Banned}
			if shown.Note == shown.Name {
				shown.Note = ""
			}
			data.Users = append(data.Users, shown)
		}
		organizations, more := newest(tx.Organizations, func(o *state.Organization) state.Made { return o.Created })
		data.More.Organizations = more
		for _, o := range organizations {
			data.Organizations = append(data.Organizations, inspectorOrganization{o.ID, o.Name, o.Slug, tx.Members[o.ID]})
		}
		for _, rec := range tx.Sessions {
			tx.Expire(rec)
			if rec.Live() {
				data.Totals.Live++
			}
		}
		sessions, more := newest(tx.Sessions, func(rec *state.Session) state.Made { return rec.Created })
		data.More.Sessions = more
		for _, rec := range sessions {
			shown := inspectorSession{ID: rec.ID, User: rec.UserID, Status: rec.Status, Live: rec.Live()}
			if u := tx.Users[rec.UserID]; u != nil {
				shown.User = u.DisplayName()
			}
			if o := tx.Organizations[rec.OrganizationID]; o != nil {
				shown.Organization = cmp.Or(o.Slug, o.ID)
			}
			if rec.Live() {
				shown.Expires = "in " + short(rec.ExpireAt.Sub(now))
			}
			data.Sessions = append(data.Sessions, shown)
		}
		data.Totals.Messages = len(tx.Outbox)
		data.More.Messages = max(0, len(tx.Outbox)-shownRecords)
		for _, m := range slices.Backward(tx.Outbox[data.More.Messages:]) {
			data.Messages = append(data.Messages, inspectorMessage{
				m.Time.UTC().Format("15:04:05"), m.To, strings.ReplaceAll(m.Template, "_", " "), m.Code, safeLink(m.URL),
			})
		}
	})
}

// inspect fills in the last messages and what became of them, without
// their payloads.
func (h *webhooks) inspect(data *inspectorData) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, ep := range h.endpoints {
		data.Endpoints = append(data.Endpoints, inspectorEndpoint{cmp.Or(ep.URL, "a handler"), ep.Disabled})
	}
	data.Totals.Webhooks = len(h.messages)
	data.More.Webhooks = max(0, len(h.messages)-shownRecords)
	for _, m := range slices.Backward(h.messages[data.More.Webhooks:]) {
		h.nameLocked(m)
		shown := inspectorWebhook{ID: m.id, Time: m.At.UTC().Format("15:04:05"), Type: m.Kind}
		for _, d := range m.deliveries {
			state := inspectorDelivery{State: d.state, URL: cmp.Or(d.endpoint.URL, "a handler")}
			if n := len(d.attempts); n > 0 {
				last := &d.attempts[n-1]
				state.Note = strconv.Itoa(last.Status)
				if last.Status == 0 {
					state.Note = "no answer"
				}
				if n > 1 {
					state.Note += ", " + strconv.Itoa(n) + " attempts"
				}
			}
			shown.Deliveries = append(shown.Deliveries, state)
		}
		data.Webhooks = append(data.Webhooks, shown)
	}
}
