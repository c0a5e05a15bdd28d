package strategies

import (
	"net/url"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// EmailStrategies verify an e-mail address.
func (e *API) EmailStrategies() []string {
	if e.Settings().EmailLink {
		return []string{EmailCodeStrategy.Name, EmailLinkStrategy.Name}
	}
	return []string{EmailCodeStrategy.Name}
}

// EmailLinkStrategy is a link sent to an e-mail address. Nothing is attempted: the
// page that asked for it polls until the link was opened.
var EmailLinkStrategy = &Strategy{
	Name: "email_link", Object: "verification_email_link", SignUp: true,
	enabled: func(set *state.Settings) bool { return set.EmailLink },
	factors: func(u *state.User, second bool) []Factor {
		if second {
			return nil
		}
		return emailFactors("email_link", u)
	},
	prepare: func(p *Proof) *refusal.Error {
		i, err := p.pick(p.Emails, "email_address_id")
		if err != nil {
			return err
		}
		redirect, err := p.redirect("redirect_url")
		if err != nil {
			return err
		}
		p.start("email_link", i)
		target := p.Target
		if target.Kind == state.TargetEmail {
			target.Item = i.ID
		}
		l := p.Tx.PutLink(state.Link{Target: target, Redirect: redirect})
		p.V.Token = l.Token
		p.Tx.Send(state.Message{
			Channel: "email", To: i.Value, Template: "magic_link_" + p.Purpose,
			URL: p.E.FaceURL() + "/v1/verify?token=" + url.QueryEscape(l.Token),
		})
		return nil
	},
}

// redirect reads a URL of the application.
func (p *Proof) redirect(param string) (*url.URL, *refusal.Error) {
	value := p.Form.Get(param)
	if value == "" {
		return nil, refusal.Missing(param)
	}
	u, err := p.E.RedirectURL(value)
	if err != nil {
		bad, _ := err.(*refusal.Error) //nolint:errorlint // RedirectURL returns nothing else
		return nil, bad
	}
	return u, nil
}
