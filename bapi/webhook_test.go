package bapi

import (
	"encoding/json"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/webhook"
)

// TestWebhookPayloads decodes the data of every event into its type with
// webhook.Decode.
func TestWebhookPayloads(t *testing.T) {
	if len(eventTypes) != 46 {
		t.Errorf("%d events, want 46", len(eventTypes))
	}
	for event, name := range eventTypes {
		full := sampleOf(name)
		for _, at := range answerTypes {
			if at.name != name {
				continue
			}
			v := at.fresh()
			if err := json.Unmarshal([]byte(full), v); err != nil {
				t.Errorf("%s into %s: %v", event, name, err)
			}
		}
	}
	u, err := webhook.Decode[User](&webhook.Event{Type: "user.created", Data: json.RawMessage(`{"id":"user_1","object":"user","email_addresses":[{"email_address":"ada@example.com"}],"zz":1}`)})
	if err != nil || u.ID != "user_1" || u.EmailAddresses[0].EmailAddress != "ada@example.com" {
		t.Errorf("%+v %v", u, err)
	}
	if extra, ok := u.RawField("zz"); !ok || extra != "1" {
		t.Errorf("the unknown field is %q", extra)
	}
	d, err := webhook.Decode[DeletedObject](&webhook.Event{Type: "user.deleted", Data: json.RawMessage(`{"id":"user_1","object":"user","deleted":true}`)})
	if err != nil || !d.Deleted || d.ID != "user_1" {
		t.Errorf("%+v %v", d, err)
	}
}
