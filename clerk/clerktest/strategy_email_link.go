package clerktest

import (
	"net/url"
)

// emailLinkStrategy is a link sent to an e-mail address. Nothing is attempted: the
// page that asked for it polls until the link was opened.
var emailLinkStrategy = &strategy{
	name: "email_link", object: "verification_email_link", signUp: true,
	enabled: func(set *Settings) bool { return set.EmailLink },
	factors: func(u *user, second bool) []factor {
		if second {
			return nil
		}
		return emailFactors("email_link", u)
	},
	prepare: func(p *proof) *apiError {
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
		if target.Kind == targetEmail {
			target.Item = i.ID
		}
		l := p.tx.putLink(link{Target: target, Redirect: redirect})
		p.v.Token = l.Token
		p.tx.send(Message{
			Channel: "email", To: i.Value, Template: "magic_link_" + p.purpose,
			URL: p.e.faceURL() + "/v1/verify?token=" + url.QueryEscape(l.Token),
		})
		return nil
	},
}

// redirect reads a URL of the application.
func (p *proof) redirect(param string) (*url.URL, *apiError) {
	value := p.form.Get(param)
	if value == "" {
		return nil, errMissing(param)
	}
	u, err := p.e.redirectURL(value)
	if err != nil {
		bad, _ := err.(*apiError) //nolint:errorlint // redirectURL returns nothing else
		return nil, bad
	}
	return u, nil
}
