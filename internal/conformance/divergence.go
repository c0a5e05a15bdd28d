package conformance

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/verify"
)

// divergence is a deliberate difference with the rule that recognizes its cases.
// DIVERGENCES.md describes it under the same id.
type divergence struct {
	id    string
	holds func(f *facts) bool
}

// Explain returns the id of the first divergence whose rule matches, or "". earlier are
// the cases before c in its sequence.
func Explain(c *Case, earlier []*Case, r *Result, diffs []Difference) string {
	f := newFacts(c, r, diffs)
	f.earlier = earlier
	for _, d := range divergences {
		if d.holds(f) {
			return d.id
		}
	}
	return ""
}

// Divergences returns all ids, in order.
func Divergences() (ids []string) {
	for _, d := range divergences {
		ids = append(ids, d.id)
	}
	return ids
}

// facts are the inputs of the rules for one case.
type facts struct {
	c       *Case
	earlier []*Case
	r       *Result
	diffs   []Difference

	production bool
	query      string // decoded parameter names and values, read lazily by has
	bearer     string
	cookies    map[string]string
	tokens     []string // all texts in request and responses with the form of a JWT
}

var jwtForm = regexp.MustCompile(`[A-Za-z0-9_+/-]{2,}=*\.[A-Za-z0-9_+/-]+=*\.[A-Za-z0-9_+/-]*=*`)

func newFacts(c *Case, r *Result, diffs []Difference) *facts {
	f := &facts{c: c, r: r, diffs: diffs, cookies: map[string]string{}}
	f.production = strings.HasPrefix(c.Options.PublishableKey, "pk_live_")
	target := c.Request.Href
	if target == "" {
		target = c.Request.URL
	}
	if u, err := url.Parse(target); err == nil {
		f.query = u.RawQuery
	}
	texts := []string{target}
	for _, h := range c.Request.Headers {
		switch strings.ToLower(h[0]) {
		case "authorization":
			f.bearer = strings.TrimSpace(h[1])
		case "cookie":
			for part := range strings.SplitSeq(h[1], ";") {
				name, value, ok := strings.Cut(part, "=")
				if _, dup := f.cookies[strings.TrimSpace(name)]; ok && !dup {
					f.cookies[strings.TrimSpace(name)] = strings.TrimSpace(value)
				}
			}
		}
		texts = append(texts, unescape(h[1]))
	}
	for _, a := range c.BAPI {
		if !strings.HasSuffix(a.Path, "/jwks") {
			texts = append(texts, string(a.JSON))
		}
	}
	for i := 0; i < len(texts); i++ { // grows, because a handshake token contains session tokens
		for _, t := range jwtForm.FindAllString(texts[i], -1) {
			f.tokens = append(f.tokens, t)
			if payload := part(t, 1); strings.Contains(payload, "eyJ") {
				texts = append(texts, payload)
			}
		}
	}
	return f
}

func unescape(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}

// part decodes one part of a token as leniently as the reference.
func part(token string, i int) string {
	parts := strings.Split(token, ".")
	if len(parts) < 3 {
		return ""
	}
	b, _ := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[i], "=")) // "" on failure
	return string(b)
}

// scripted reports whether the request has a header that only scripts and prefetches
// send, see scripted.go in package handshake.
func (f *facts) scripted() bool {
	for _, name := range []string{"hx-request", "x-turbo-request-id", "turbo-frame", "turbolinks-referrer", "x-pjax", "x-inertia", "x-up-version", "x-up-target",
		"x-livewire", "x-livewire-navigate", "datastar-request", "x-alpine-request", "x-barba", "rsc", "sec-purpose", "purpose", "x-purpose", "x-moz"} {
		for _, h := range f.c.Request.Headers {
			if strings.EqualFold(h[0], name) && h[1] != "false" {
				return true
			}
		}
	}
	with := f.header("x-requested-with")
	return with == "XMLHttpRequest" || with == "swup"
}

func (f *facts) header(name string) string {
	for _, h := range f.c.Request.Headers {
		if strings.EqualFold(h[0], name) {
			return h[1]
		}
	}
	return ""
}

func (f *facts) hasParam(name string) bool {
	for p := range strings.SplitSeq(f.query, "&") {
		n, v, _ := strings.Cut(p, "=")
		if unescape(n) == name && v != "" {
			return true
		}
	}
	return false
}

// onlyDiffers reports whether only the given fields differ.
func (f *facts) onlyDiffers(fields ...string) bool {
	for _, d := range f.diffs {
		if !slices.Contains(fields, d.Field) {
			return false
		}
	}
	return len(f.diffs) > 0
}

func (f *facts) reason() string {
	if f.r.Reason == nil {
		return ""
	}
	return *f.r.Reason
}

func (f *facts) wantReason() string {
	if f.c.Expect.Reason == nil {
		return ""
	}
	return *f.c.Expect.Reason
}

// mistake reports whether the kit refuses the configuration because of one of these
// fields.
func (f *facts) mistake(fields ...string) bool {
	return f.r.Error != nil && f.r.Error.Name == "ConfigError" && slices.Contains(fields, f.r.Error.Field)
}

// tokenLike reports whether some token in the case satisfies ok.
func (f *facts) tokenLike(ok func(token string) bool) bool { return slices.ContainsFunc(f.tokens, ok) }

func headerOf(token string) (h struct {
	Alg  any             `json:"alg"`
	Kid  any             `json:"kid"`
	Typ  any             `json:"typ"`
	Cat  any             `json:"cat"`
	Crit json.RawMessage `json:"crit"`
}) {
	_ = json.Unmarshal([]byte(part(token, 0)), &h) // zero on failure
	return h
}

// refusedReading reports whether strict decoding refuses a token that the reference
// decodes.
func refusedReading(token string) bool {
	u, err := verify.Decode(token)
	return err != nil || u.Claims == nil
}

// opaque reports whether the request presents an opaque machine token.
func (f *facts) opaque() bool {
	t := f.bearer[strings.LastIndexByte(f.bearer, ' ')+1:]
	return strings.HasPrefix(t, "ak_") || strings.HasPrefix(t, "mt_") || strings.HasPrefix(t, "oat_")
}

// gotCookies reports whether a handshake or a refresh can return a session token.
func (f *facts) gotCookies() bool {
	for name := range f.cookies {
		if strings.HasPrefix(name, "__clerk_handshake") || strings.HasPrefix(name, "__refresh_") {
			return true
		}
	}
	return f.hasParam("__clerk_handshake") || f.hasParam("__clerk_handshake_nonce")
}

func (f *facts) answers(test func(a *Answer) bool) bool {
	for i := range f.c.BAPI {
		if test(&f.c.BAPI[i]) {
			return true
		}
	}
	return false
}
