package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// emailCodeStrategy is a code sent to an e-mail address.
var emailCodeStrategy = &strategy{
	name: "email_code", object: "verification_otp", signUp: true, reverify: true,
	factors: func(u *state.User, second bool) []factor {
		if second {
			return nil
		}
		return emailFactors("email_code", u)
	},
	prepare: func(p *proof) *refusal.Error { return p.sendCode("email_code", p.emails, "email_address_id", "email") },
	attempt: attemptCode,
}

// phoneCodeStrategy is a code sent to a phone number, as first factor to any and
// as second to those reserved for it.
var phoneCodeStrategy = &strategy{
	name: "phone_code", object: "verification_otp", signUp: true, reverify: true,
	factors: func(u *state.User, second bool) []factor {
		var out []factor
		for _, i := range u.PhoneList {
			if !i.Usable() || i.SecondFactor != second {
				continue
			}
			f := factor{Strategy: "phone_code", PhoneID: &i.ID, Safe: &i.Value}
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
	prepare: func(p *proof) *refusal.Error { return p.sendCode("phone_code", p.phones, "phone_number_id", "sms") },
	attempt: attemptCode,
}

// resetEmailStrategy and resetPhoneStrategy are codes that lead to a new
// password.
var resetEmailStrategy = &strategy{
	name: "reset_password_email_code", object: "verification_otp", resets: true,
	factors: func(u *state.User, second bool) []factor {
		if second || u.PasswordHash == "" {
			return nil
		}
		return emailFactors("reset_password_email_code", u)
	},
	prepare: func(p *proof) *refusal.Error {
		return p.sendCode("reset_password_email_code", p.emails, "email_address_id", "email")
	},
	attempt: attemptCode,
}

var resetPhoneStrategy = &strategy{
	name: "reset_password_phone_code", object: "verification_otp", resets: true,
	factors: func(u *state.User, second bool) []factor {
		if second || u.PasswordHash == "" {
			return nil
		}
		var out []factor
		for _, i := range state.UsableOnly(u.PhoneList) {
			primary := i.ID == u.PhoneID
			out = append(out, factor{Strategy: "reset_password_phone_code", PhoneID: &i.ID, Safe: &i.Value, Primary: &primary})
		}
		return out
	},
	prepare: func(p *proof) *refusal.Error {
		return p.sendCode("reset_password_phone_code", p.phones, "phone_number_id", "sms")
	},
	attempt: attemptCode,
}

func emailFactors(strategy string, u *state.User) []factor {
	var out []factor
	for _, i := range state.UsableOnly(u.EmailList) {
		primary := i.ID == u.EmailID
		out = append(out, factor{Strategy: strategy, EmailID: &i.ID, Safe: &i.Value, Primary: &primary})
	}
	return out
}

func (p *proof) sendCode(strategy string, to []state.Identification, param, channel string) *refusal.Error {
	i, err := p.pick(to, param)
	if err != nil {
		return err
	}
	p.start(strategy, i)
	p.v.Code = p.tx.Code(i.Value)
	template := "verification_code"
	if strategy != "email_code" && strategy != "phone_code" {
		template = "reset_password_code"
	}
	p.tx.Send(state.Message{Channel: channel, To: i.Value, Template: template, Code: p.v.Code})
	return nil
}

func attemptCode(p *proof) *refusal.Error {
	code := p.form.Get("code")
	if code == "" {
		return refusal.Param("code", "form_param_nil", "Enter code.")
	}
	return p.v.CheckCode(p.now(), code)
}
