package conformance

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Case is a recorded request and the result of the official SDK.
type Case struct {
	ID       string            `json:"id"`
	Group    string            `json:"group"`
	Tags     []string          `json:"tags,omitempty"`
	Sequence string            `json:"sequence,omitempty"` // cases with one sequence share a key cache
	Entry    string            `json:"entry,omitempty"`    // "no-api-client": without a Backend
	Now      float64           `json:"now"`                // Unix milliseconds
	Env      map[string]string `json:"env,omitempty"`
	Options  Options           `json:"options"`
	Request  CaseRequest       `json:"request"`
	BAPI     []Answer          `json:"bapi"`
	Expect   Expect            `json:"expect"`
}

// Options is the configuration. null and absent mean the same.
type Options struct {
	PublishableKey    string   `json:"publishableKey,omitempty"`
	SecretKey         string   `json:"secretKey,omitempty"`
	MachineSecretKey  string   `json:"machineSecretKey,omitempty"`
	JWTKey            string   `json:"jwtKey,omitempty"`
	APIURL            string   `json:"apiUrl,omitempty"`
	Domain            string   `json:"domain,omitempty"`
	IsSatellite       bool     `json:"isSatellite,omitempty"`
	SatelliteAutoSync any      `json:"satelliteAutoSync,omitempty"`
	ProxyURL          string   `json:"proxyUrl,omitempty"`
	SignInURL         string   `json:"signInUrl,omitempty"`
	AuthorizedParties strs     `json:"authorizedParties"`
	Audience          strs     `json:"audience"`
	ClockSkewInMS     any      `json:"clockSkewInMs,omitempty"`
	AcceptsToken      accepts  `json:"acceptsToken"`
	OrganizationSync  *orgSync `json:"organizationSyncOptions,omitempty"`
}

type orgSync struct {
	OrganizationPatterns    []string `json:"organizationPatterns,omitempty"`
	PersonalAccountPatterns []string `json:"personalAccountPatterns,omitempty"`
}

// strs is a string or a list of strings.
type strs []string

// UnmarshalJSON implements json.Unmarshaler.
func (s *strs) UnmarshalJSON(b []byte) error {
	var one *string
	if json.Unmarshal(b, &one) == nil {
		if *s = nil; one != nil {
			*s = strs{*one}
		}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(s))
}

// accepts is a kind of token, a list of them, or "any".
type accepts struct {
	list   []string
	isList bool
}

// MarshalJSON implements json.Marshaler.
func (a accepts) MarshalJSON() ([]byte, error) {
	switch {
	case a.isList && a.list == nil:
		return []byte("[]"), nil
	case a.isList:
		return json.Marshal(a.list)
	case len(a.list) == 0:
		return []byte("null"), nil
	}
	return json.Marshal(a.list[0])
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *accepts) UnmarshalJSON(b []byte) error {
	var one *string
	if json.Unmarshal(b, &one) == nil {
		if *a = (accepts{}); one != nil {
			a.list = []string{*one}
		}
		return nil
	}
	a.isList = true
	return json.Unmarshal(b, &a.list)
}

// CaseRequest is the HTTP request.
type CaseRequest struct {
	Method  string      `json:"method"`
	URL     string      `json:"url"`
	Href    string      `json:"href,omitempty"` // normalized URL, if it differs
	Headers [][2]string `json:"headers"`
}

// Answer is a scripted response of the Backend API.
type Answer struct {
	Method       string            `json:"method"`
	Path         string            `json:"path"`
	Status       int               `json:"status,omitempty"`
	JSON         json.RawMessage   `json:"json,omitempty"`
	Text         *string           `json:"text,omitempty"`
	ContentType  *string           `json:"contentType,omitempty"`
	Headers      map[string]string `json:"headers,omitempty"`
	NetworkError any               `json:"networkError,omitempty"`
}

// Expect is the result of the official SDK.
type Expect struct {
	Error *struct {
		Name    string `json:"name"`
		Message string `json:"message"`
		Code    string `json:"code"`
		Crash   bool   `json:"crash"`
	} `json:"error,omitempty"`
	Status             string         `json:"status"`
	Reason             *string        `json:"reason"`
	TokenType          *string        `json:"tokenType"`
	Headers            map[string]any `json:"headers"`
	SetCookie          []string       `json:"setCookie"`
	Location           *string        `json:"location"`
	Auth               map[string]any `json:"auth"`
	AuthPendingAllowed map[string]any `json:"authPendingAllowed"`
	Quirks             []string       `json:"quirks"`
}

// header holds the request header as received: one byte for each code point, without
// white space around values.
type header map[string][]string

func (c *Case) header() header {
	h := make(header, len(c.Request.Headers))
	for _, f := range c.Request.Headers {
		name := strings.ToLower(f[0])
		h[name] = append(h[name], strings.Trim(latin1(f[1]), " \t\r\n"))
	}
	return h
}

// Values implements handshake.Header.
func (h header) Values(name string) []string { return h[strings.ToLower(name)] }

func latin1(s string) string {
	if len(s) == utf8.RuneCountInString(s) {
		return s
	}
	b := make([]byte, 0, len(s))
	for _, r := range s {
		b = append(b, byte(r)) // header values hold U+0000 to U+00FF
	}
	return string(b)
}
