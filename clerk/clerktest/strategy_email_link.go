package clerktest

import (
	"net/url"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// emailLinkStrategy is a link sent to an e-mail address. Nothing is attempted: the
// page that asked for it polls until the link was opened.
var emailLinkStrategy = &strategy{
	name: "email_link", object: "verification_email_link", signUp: true,
	enabled: func(set *state.Settings) bool { return set.EmailLink },
	factors: func(u *state.User, second bool) []factor {
		if second {
			return nil
		}
		return emailFactors("email_link", u)
	},
	prepare: func(p *proof) *refusal.Error {
		i, err := p.pick(p.emails, "email_address_id")
		if err != nil {
			return err
		}
		redirect, err := p.redirect("redirect_url")
		if err != nil {
			return err
		}
		p.start("email_link", i)
		target := p.target
		if target.Kind == state.TargetEmail {
			target.Item = i.ID
		}
		l := p.tx.PutLink(state.Link{Target: target, Redirect: redirect})
		p.v.Token = l.Token
		p.tx.Send(state.Message{
			Channel: "email", To: i.Value, Template: "magic_link_" + p.purpose,
			URL: p.e.faceURL() + "/v1/verify?token=" + url.QueryEscape(l.Token),
		})
		return nil
	},
}

// redirect reads a URL of the application.
func (p *proof) redirect(param string) (*url.URL, *refusal.Error) {
	value := p.form.Get(param)
	if value == "" {
		return nil, refusal.Missing(param)
	}
	u, err := p.e.redirectURL(value)
	if err != nil {
		bad, _ := err.(*refusal.Error) //nolint:errorlint // redirectURL returns nothing else
		return nil, bad
	}
	return u, nil
}
