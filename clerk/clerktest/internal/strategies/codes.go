package strategies

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// EmailCodeStrategy is a code sent to an e-mail address.
var EmailCodeStrategy = &Strategy{
	Name: "email_code", Object: "verification_otp", SignUp: true, Reverify: true,
	factors: func(u *state.User, second bool) []Factor {
		if second {
			return nil
		}
		return emailFactors("email_code", u)
	},
	prepare: func(p *Proof) *refusal.Error { return p.sendCode("email_code", p.Emails, "email_address_id", "email") },
	attempt: attemptCode,
}

// PhoneCodeStrategy is a code sent to a phone number, as first factor to any and
// as second to those reserved for it.
var PhoneCodeStrategy = &Strategy{
	Name: "phone_code", Object: "verification_otp", SignUp: true, Reverify: true,
	factors: func(u *state.User, second bool) []Factor {
		var out []Factor
		for _, i := range u.PhoneList {
			if !i.Usable() || i.SecondFactor != second {
				continue
			}
			f := Factor{Strategy: "phone_code", PhoneID: &i.ID, Safe: &i.Value}
			if second {
				f.Default = &i.DefaultPhone
			} else {
				primary := i.ID == u.PhoneID
				f.Primary = &primary
			}
			out = append(out, f)
		}
		return out
	},
	prepare: func(p *Proof) *refusal.Error { return p.sendCode("phone_code", p.Phones, "phone_number_id", "sms") },
	attempt: attemptCode,
}

// resetEmailStrategy and resetPhoneStrategy are codes that lead to a new
// password.
var resetEmailStrategy = &Strategy{
	Name: "reset_password_email_code", Object: "verification_otp", Resets: true,
	factors: func(u *state.User, second bool) []Factor {
		if second || u.PasswordHash == "" {
			return nil
		}
		return emailFactors("reset_password_email_code", u)
	},
	prepare: func(p *Proof) *refusal.Error {
		return p.sendCode("reset_password_email_code", p.Emails, "email_address_id", "email")
	},
	attempt: attemptCode,
}

var resetPhoneStrategy = &Strategy{
	Name: "reset_password_phone_code", Object: "verification_otp", Resets: true,
	factors: func(u *state.User, second bool) []Factor {
		if second || u.PasswordHash == "" {
			return nil
		}
		var out []Factor
		for _, i := range state.UsableOnly(u.PhoneList) {
			primary := i.ID == u.PhoneID
			out = append(out, Factor{Strategy: "reset_password_phone_code", PhoneID: &i.ID, Safe: &i.Value, Primary: &primary})
		}
		return out
	},
	prepare: func(p *Proof) *refusal.Error {
		return p.sendCode("reset_password_phone_code", p.Phones, "phone_number_id", "sms")
	},
	attempt: attemptCode,
}

func emailFactors(strategy string, u *state.User) []Factor {
	var out []Factor
	for _, i := range state.UsableOnly(u.EmailList) {
		primary := i.ID == u.EmailID
		out = append(out, Factor{Strategy: strategy, EmailID: &i.ID, Safe: &i.Value, Primary: &primary})
	}
	return out
}

func (p *Proof) sendCode(strategy string, to []state.Identification, param, channel string) *refusal.Error {
	i, err := p.pick(to, param)
	if err != nil {
		return err
	}
	p.start(strategy, i)
	p.V.Code = p.Tx.Code(i.Value)
	template := "verification_code"
	if strategy != "email_code" && strategy != "phone_code" {
		template = "reset_password_code"
	}
	p.Tx.Send(state.Message{Channel: channel, To: i.Value, Template: template, Code: p.V.Code})
	return nil
}

func attemptCode(p *Proof) *refusal.Error {
	code := p.Form.Get("code")
	if code == "" {
		return refusal.Param("code", "form_param_nil", "Enter code.")
	}
	return p.V.CheckCode(p.now(), code)
}
