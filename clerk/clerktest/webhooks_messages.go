package clerktest

import (
	"cmp"
	"html"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

type emailEvent struct {
	ID             string         `json:"id"`
	Object         string         `json:"object"`
	Slug           string         `json:"slug"`
	FromName       string         `json:"from_email_name"`
	ReplyTo        *string        `json:"reply_to_email_name"`
	To             string         `json:"to_email_address"`
	EmailAddressID *string        `json:"email_address_id"`
	UserID         *string        `json:"user_id"`
	Subject        string         `json:"subject"`
	Body           string         `json:"body"`
	BodyPlain      string         `json:"body_plain"`
	Status         string         `json:"status"`
	Data           map[string]any `json:"data"`
	ByClerk        bool           `json:"delivered_by_clerk"`
}

type smsEvent struct {
	Object    string         `json:"object"`
	ID        string         `json:"id"`
	Slug      string         `json:"slug"`
	From      string         `json:"from_phone_number"`
	To        string         `json:"to_phone_number"`
	PhoneID   *string        `json:"phone_number_id"`
	UserID    *string        `json:"user_id"`
	Message   string         `json:"message"`
	Status    string         `json:"status"`
	Data      map[string]any `json:"data"`
	ByClerk   bool           `json:"delivered_by_clerk"`
	CreatedAt int64          `json:"created_at_ms"`
}

// smsSender is a number that cannot be anybody's.
const smsSender = "+12015550100"

// messageEvent is an e-mail or text message for applications that send them
// themselves. Its words are the emulator's; data has what Clerk's templates are
// made of.
func (e *Emulator) messageEvent(m *state.Message, u *state.User) any {
	subject, text := e.messageText(m)
	data := map[string]any{
		"app": map[string]any{
			"name": e.server.Settings().ApplicationName, "domain_name": e.server.Config.FrontendAPI, "url": e.server.Config.Origins[0], "logo_url": nil, "logo_image_url": nil,
		},
		"requested_at": m.Time.UTC().Format("02 January 2006, 15:04 MST"),
	}
	if m.Code != "" {
		data["otp_code"] = m.Code
	}
	if m.URL != "" {
		data["action_url"] = m.URL
		if strings.HasPrefix(m.Template, "magic_link") {
			data["magic_link"] = m.URL
		}
	}
	var userID, addressID *string
	if u != nil {
		userID = &u.ID
		data["user"] = map[string]any{"public_metadata": u.Public, "public_metadata_fallback": ""}
		list := slices.Concat(u.EmailList, u.PhoneList)
		if n := slices.IndexFunc(list, func(i state.Identification) bool { return i.Value == m.To }); n >= 0 {
			addressID = &list[n].ID
		}
	}
	t, own, byClerk := e.server.Store.OwnWords(m)
	if own && m.Channel == "sms" {
		text = state.RenderMessage(t.Body, data, false)
	}
	if m.Channel == "sms" {
		return smsEvent{
			Object: "sms_message", ID: m.ID, Slug: m.Template, From: smsSender, To: m.To, PhoneID: addressID, UserID: userID,
			Message: text, Status: "queued", Data: data, ByClerk: byClerk, CreatedAt: wire.Millis(m.Time),
		}
	}
	from, body := "notifications", "<!DOCTYPE html><html><body><p>"+html.EscapeString(text)+"</p></body></html>"
	if own {
		subject, body, from = state.RenderMessage(t.Subject, data, false), state.RenderMessage(t.Body, data, true), cmp.Or(t.From, from)
	}
	return emailEvent{
		ID: m.ID, Object: "email", Slug: m.Template, FromName: from, To: m.To, EmailAddressID: addressID, UserID: userID,
		Subject: subject, Body: body, BodyPlain: text,
		Status: "queued", Data: data, ByClerk: byClerk,
	}
}

func (e *Emulator) messageText(m *state.Message) (subject, text string) {
	app := e.server.Settings().ApplicationName
	switch {
	case m.Code != "" && strings.HasPrefix(m.Template, "reset_password"):
		subject, text = m.Code+" is your code to reset your password", m.Code+" is your code to reset your password for "+app+"."
	case m.Code != "":
		subject, text = m.Code+" is your verification code", m.Code+" is your verification code for "+app+"."
	case strings.HasPrefix(m.Template, "magic_link"):
		subject, text = "Sign in to "+app, "Open this link to go on to "+app+": "+m.URL
	case strings.HasSuffix(m.Template, "invitation"):
		subject, text = "Your invitation to "+app, "You are invited to "+app+": "+m.URL
	default:
		subject, text = "News from "+app, "This is the message "+m.Template+" of "+app+"."
	}
	return subject, strings.TrimSpace(text)
}
