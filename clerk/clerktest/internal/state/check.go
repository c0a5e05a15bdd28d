package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// Complete makes the tables that a file of an older emulator lacks, and refuses
// records that are null.
func (t *Tables) Complete() error {
	v := reflect.ValueOf(t).Elem()
	noNull(v)
	for i := range v.NumField() {
		field, name := v.Field(i), v.Type().Field(i).Name
		if field.Kind() != reflect.Map {
			continue
		}
		if field.IsNil() {
			field.Set(reflect.MakeMap(field.Type()))
		}
		if field.Type().Elem().Kind() != reflect.Pointer {
			continue
		}
		for records := field.MapRange(); records.Next(); {
			if records.Value().IsNil() {
				return fmt.Errorf("%s: a record is null", name)
			}
		}
	}
	return nil
}

// noNull makes raw JSON that is null nil again, which is how it was.
func noNull(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			noNull(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				noNull(v.Field(i))
			}
		}
	case reflect.Map:
		for records := v.MapRange(); records.Next(); {
			if record := records.Value(); record.Kind() == reflect.Pointer {
				noNull(record)
			} else {
				c := reflect.New(record.Type()).Elem()
				c.Set(record)
				noNull(c)
				v.SetMapIndex(records.Key(), c)
			}
		}
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			if string(v.Bytes()) == "null" {
				v.SetZero()
			}
			return
		}
		switch v.Type().Elem().Kind() {
		case reflect.Struct, reflect.Pointer, reflect.Slice, reflect.Map:
			for i := range v.Len() {
				noNull(v.Index(i))
			}
		}
	}
}

// rules say for each table what the code relies on. Records that only get
// lost by what is missing elsewhere (a session of a user who was deleted) are
// fine: that happens in a living instance too.
func (t *Tables) rules() map[string]func() error {
	rules := map[string]func() error{
		"Users": func() error {
			return each(t.Users, func(id string, u *User) string {
				switch {
				case u.ID != id || !validID(id, "user_"):
					return "is not its id"
				case !isObject(u.Public) || !isObject(u.Private) || !isObject(u.Unsafe):
					return "has metadata that is no object"
				case !isPrimary(u.EmailList, u.EmailID, u.Email) || !isPrimary(u.PhoneList, u.PhoneID, u.Phone):
					return "has a primary address or number that is none of its own"
				}
				return ""
			})
		},
		"Organizations": func() error {
			return each(t.Organizations, func(id string, o *Organization) string {
				switch {
				case o.ID != id || !validID(id, "org_"):
					return "is not its id"
				case o.Slug != "" && !ValidSlug(o.Slug):
					return "has a slug that is none"
				case !isObject(o.Public) || !isObject(o.Private):
					return "has metadata that is no object"
				}
				return ""
			})
		},
		"Roles": func() error {
			return each(t.Roles, func(key string, r *Role) string { return keyed(r.Key == key && r.ID != "") })
		},
		"Permissions": func() error {
			return each(t.Permissions, func(key string, p *Permission) string { return keyed(p.Key == key && p.ID != "") })
		},
		"RoleSets": func() error {
			initial := 0
			err := each(t.RoleSets, func(key string, set *RoleSet) string {
				if set.Initial {
					initial++
				}
				switch {
				case set.Key != key || set.ID == "":
					return "is not its key"
				case !slices.Contains(set.Roles, set.Default) || !slices.Contains(set.Roles, set.Creator):
					return "has not its default role or its creator's"
				case slices.ContainsFunc(set.Roles, func(key string) bool { return t.Roles[key] == nil }):
					return "has a role that is not there"
				}
				return ""
			})
			if err == nil && initial != 1 {
				err = fmt.Errorf("%d of them are for new organizations, instead of one", initial)
			}
			return err
		},
		"Instance": func() error { return nil }, // any will do
		"RedirectURLs": func() error {
			return each(t.RedirectURLs, func(id string, r *AllowedRedirect) string { return keyed(r.ID == id) })
		},
		"MessageTexts": func() error {
			return each(t.MessageTexts, func(key string, m *MessageTemplate) string {
				if _, err := BuiltInText(m.Channel, m.Slug); err != nil {
					return "is no template"
				}
				return keyed(m.Channel+"/"+m.Slug == key)
			})
		},
		"Satellites": func() error {
			return each(t.Satellites, func(id string, d *Satellite) string { return keyed(d.ID == id && d.Name != "") })
		},
		"Memberships": func() error {
			return each(t.Memberships, func(key MembershipKey, m *Membership) string {
				switch {
				case m.Key != key:
					return "is not its key"
				case t.Users[key.User] == nil:
					return "is of a user who is not there"
				case t.Organizations[key.Organization] == nil:
					return "is of an organization that is not there"
				case t.Roles[m.Role] == nil:
					return "has a role that is not there"
				case !isObject(m.Public) || !isObject(m.Private):
					return "has metadata that is no object"
				}
				return ""
			})
		},
		"Clients": func() error {
			return each(t.Clients, func(id string, c *Client) string {
				if c.ID != id || c.Token == "" {
					return "is not its id, or it has no token"
				}
				for _, sid := range c.SessionsOrder {
					if rec := t.Sessions[sid]; rec == nil || rec.ClientID != id {
						return "has a session that is not there, or not its own"
					}
				}
				return ""
			})
		},
		"DevBrowsers": func() error {
			return each(t.DevBrowsers, func(id string, d *devBrowser) string { return keyed(d.ID == id && id != "") })
		},
		"Sessions": func() error {
			states := []string{StatusActive, StatusPending, StatusEnded, StatusRemoved, StatusRevoked, StatusExpired, StatusReplaced, "abandoned"}
			return each(t.Sessions, func(id string, s *Session) string {
				switch {
				case s.ID != id || s.ClientID == "" || s.UserID == "":
					return "is not its id, or it has no client or user"
				case !slices.Contains(states, s.Status):
					return "has a status that does not exist"
				case s.Version < 0 || s.Version > 2:
					return "has a version that does not exist"
				case s.Actor != nil && !json.Valid(s.Actor):
					return "has an actor that is no JSON"
				}
				return ""
			})
		},
		"SignIns": func() error {
			return each(t.SignIns, func(id string, a *SignInAttempt) string { return keyed(a.ID == id) })
		},
		"SignUps": func() error {
			return each(t.SignUps, func(id string, a *SignUpAttempt) string {
				if a.Fields == nil || !isObject(a.Unsafe) {
					return "has no fields or metadata"
				}
				return keyed(a.ID == id)
			})
		},
		"Links": func() error {
			return eachSecret(t.Links, func(token string, l *Link) string {
				switch {
				case l.Token != token:
					return "is not its token"
				case l.Redirect == nil || l.Redirect.User != nil:
					return "leads nowhere"
				case l.Code != "" && l.Profile == nil:
					return "has a code for nobody"
				}
				return ""
			})
		},
		"Tickets": func() error {
			return eachSecret(t.Tickets, func(token string, k *Ticket) string { return keyed(k.Token == token) })
		},
		"Invitations": func() error {
			return each(t.Invitations, func(id string, i *Invitation) string {
				if i.OrganizationID != "" && t.Organizations[i.OrganizationID] == nil {
					return "is of an organization that is not there"
				}
				return keyed(i.ID == id)
			})
		},
		"Domains": func() error {
			return each(t.Domains, func(id string, d *OrganizationDomain) string {
				if t.Organizations[d.OrganizationID] == nil {
					return "is of an organization that is not there"
				}
				return keyed(d.ID == id)
			})
		},
		"Requests": func() error {
			return each(t.Requests, func(id string, r *MembershipRequest) string {
				if t.Organizations[r.OrganizationID] == nil {
					return "is of an organization that is not there"
				}
				return keyed(r.ID == id)
			})
		},
		"Waitlist": func() error {
			return each(t.Waitlist, func(email string, w *WaitlistEntry) string { return keyed(w.Email == email) })
		},
		"Templates": func() error {
			return each(t.Templates, func(name string, j *JWTTemplate) string {
				if !isObject(j.Claims) || j.Lifetime <= 0 || j.ClockSkew < 0 {
					return "has claims that are no object, or no lifetime"
				}
				return keyed(j.Name == name)
			})
		},
		"Images": func() error {
			return each(t.Images, func(id string, i *Image) string {
				if !slices.Contains(ImageTypes, i.Type) || len(i.Data) > MaxImage {
					return "is no picture that browsers may be shown"
				}
				return keyed(i.ID == id)
			})
		},
		"Allowlist": func() error {
			return each(t.Allowlist, func(id string, l *ListedIdentifier) string { return keyed(l.ID == id) })
		},
		"Blocklist": func() error {
			return each(t.Blocklist, func(id string, l *ListedIdentifier) string { return keyed(l.ID == id) })
		},
		"CodeChecks": func() error {
			return each(t.CodeChecks, func(id string, v *CodeCheck) string { return keyed(v.ID == id) })
		},
		"Outbox": func() error {
			if len(t.Outbox) > maxOutbox {
				return fmt.Errorf("more than %d messages", maxOutbox)
			}
			return nil
		},
		"Settings": func() (err error) {
			var bad []string
			if t.Settings, bad = t.Settings.WithDefaults(); len(bad) > 0 {
				err = fmt.Errorf("%s is not one of the values that it can have", bad[0])
			}
			return err
		},
		"Nonces":   func() error { return nil }, // any will do
		"Sequence": func() error { return nil },
	}
	maps.Copy(rules, t.machineRules())
	return rules
}

// Check refuses tables that do not agree with each other.
func (t *Tables) Check() error {
	rules := t.rules()
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		if err := rules[name](); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// each judges every record of a table by its key.
func each[K comparable, T any](table map[K]*T, judge func(K, *T) (problem string)) error {
	for key, record := range table {
		if problem := judge(key, record); problem != "" {
			return fmt.Errorf("%s %s", refusal.Quoted(fmt.Sprint(key)), problem)
		}
	}
	return nil
}

// eachSecret is each for keys that are tokens.
func eachSecret[T any](table map[string]*T, judge func(string, *T) (problem string)) error {
	for key, record := range table {
		if problem := judge(key, record); problem != "" {
			return errors.New("a record " + problem)
		}
	}
	return nil
}

func keyed(ok bool) string {
	if !ok {
		return "is not its key"
	}
	return ""
}

func isObject(raw json.RawMessage) bool {
	var members map[string]json.RawMessage
	return json.Unmarshal(raw, &members) == nil && members != nil
}

// isPrimary tells the primary one of addresses or numbers, or that there is none.
func isPrimary(list []Identification, id, value string) bool {
	if id == "" {
		return value == ""
	}
	i := FindIdentification(list, id)
	return i != nil && i.Value == value
}

func (t *Tables) HasSatellite(host string) bool {
	for _, d := range t.Satellites {
		if d.Name == strings.ToLower(host) {
			return true
		}
	}
	return false
}
