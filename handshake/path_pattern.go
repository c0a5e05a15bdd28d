package handshake

import (
	"regexp"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
)

// pathPatterns matches paths against patterns in the syntax of path-to-regexp 6,
// with which Clerk's SDKs describe organization pages: /orgs/:slug/(.*). Matching
// ignores case and one final slash, and does not decode the path. The patterns
// become one regular expression of package regexp, so no pattern can be slow.
type pathPatterns struct {
	re     *regexp.Regexp
	groups []string // the parameter of each group, "" for an unnamed one
}

// pathParams are the parameters that name an organization.
type pathParams struct{ id, slug string }

// compilePatterns returns nil without patterns. field is named in errors.
func compilePatterns(field string, patterns []string) (*pathPatterns, error) {
	if len(patterns) == 0 {
		return nil, nil
	}
	p := &pathPatterns{}
	sources := make([]string, len(patterns))
	for i, pattern := range patterns {
		source, problem := p.translate(pattern)
		if problem != "" {
			return nil, &clerk.ConfigError{Field: field, Problem: "holds a pattern that " + problem + ": " + pattern}
		}
		sources[i] = "^" + source + `[/#?]?$`
	}
	var err error
	if p.re, err = regexp.Compile("(?i:" + strings.Join(sources, "|") + ")"); err != nil || p.re.NumSubexp() != len(p.groups) {
		return nil, &clerk.ConfigError{Field: field, Problem: "holds a regular expression that package regexp does not read"}
	}
	return p, nil
}

func (p *pathPatterns) match(path string) (params pathParams, ok bool) {
	if p == nil {
		return params, false
	}
	m := p.re.FindStringSubmatchIndex(path)
	if m == nil {
		return params, false
	}
	for i, name := range p.groups {
		start, end := m[2*i+2], m[2*i+3]
		if start < 0 {
			continue
		}
		switch name {
		case "id":
			params.id = path[start:end]
		case "slug":
			params.slug = path[start:end]
		}
	}
	return params, true
}

// patternToken is a lexical element of a pattern.
type patternToken struct {
	kind  byte // one of the constants below
	value string
}

const (
	tokenText     = 't'
	tokenEscaped  = '\\'
	tokenName     = ':'
	tokenGroup    = '('
	tokenModifier = '*'
	tokenOpen     = '{'
	tokenClose    = '}'
	tokenEnd      = 0
)

func lexPattern(s string) (tokens []patternToken, problem string) {
	for i := 0; i < len(s); {
		c := s[i]
		switch c {
		case '*', '+', '?':
			tokens = append(tokens, patternToken{tokenModifier, s[i : i+1]})
		case '\\':
			if i+1 == len(s) {
				return nil, "ends in a backslash"
			}
			i++
			tokens = append(tokens, patternToken{tokenEscaped, s[i : i+1]})
		case '{', '}':
			tokens = append(tokens, patternToken{c, s[i : i+1]})
		case ':':
			end := i + 1
			for end < len(s) && nameByte(s[end]) {
				end++
			}
			if end == i+1 {
				return nil, "has a colon without a name"
			}
			tokens = append(tokens, patternToken{tokenName, s[i+1 : end]})
			i = end - 1
		case '(':
			group, problem := lexGroup(s[i+1:])
			if problem != "" {
				return nil, problem
			}
			tokens = append(tokens, patternToken{tokenGroup, group})
			i += len(group) + 1
		default:
			tokens = append(tokens, patternToken{tokenText, s[i : i+1]})
		}
		i++
	}
	return append(tokens, patternToken{kind: tokenEnd}), ""
}

func nameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}

// lexGroup returns the regular expression up to the closing parenthesis.
func lexGroup(s string) (group, problem string) {
	if strings.HasPrefix(s, "?") {
		return "", "has a group that begins with a question mark"
	}
	depth := 1
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case ')':
			if depth--; depth == 0 {
				if i == 0 {
					return "", "has an empty group"
				}
				return s[:i], ""
			}
		case '(':
			depth++
			if i+1 >= len(s) || s[i+1] != '?' {
				return "", "has a capturing group inside a group"
			}
		}
	}
	return "", "has a parenthesis that is not closed"
}

// translate turns one pattern into a regular expression, and notes its groups.
func (p *pathPatterns) translate(pattern string) (source, problem string) {
	tokens, problem := lexPattern(pattern)
	if problem != "" {
		return "", problem
	}
	t := translator{patterns: p, tokens: tokens}
	for t.tokens[0].kind != tokenEnd {
		if problem := t.step(); problem != "" {
			return "", problem
		}
	}
	t.flush()
	return t.out.String(), ""
}

type translator struct {
	patterns *pathPatterns
	tokens   []patternToken
	text     string // literal text that is not written yet
	before   string // the literal text right before, "" after a parameter
	after    bool   // a parameter stands right before
	out      strings.Builder
}

func (t *translator) next(kind byte) string {
	if tok := t.tokens[0]; tok.kind == kind {
		t.tokens = t.tokens[1:]
		return tok.value
	}
	return ""
}

func (t *translator) flush() {
	if t.text != "" {
		t.out.WriteString(regexp.QuoteMeta(t.text))
		t.before, t.after, t.text = t.text, false, ""
	}
}

func (t *translator) step() (problem string) {
	char := t.next(tokenText)
	name, group := t.next(tokenName), t.next(tokenGroup)
	if name != "" || group != "" {
		prefix := char
		if char != "." && char != "/" {
			t.text += char
			prefix = ""
		}
		t.flush()
		return t.parameter(name, group, prefix, "", t.next(tokenModifier))
	}
	if char == "" {
		char = t.next(tokenEscaped)
	}
	if char != "" {
		t.text += char
		return ""
	}
	t.flush()
	if t.next(tokenOpen) == "" {
		return "has a modifier or brace out of place"
	}
	prefix := t.literals()
	name, group = t.next(tokenName), t.next(tokenGroup)
	suffix := t.literals()
	if t.next(tokenClose) == "" {
		return "has a brace that is not closed"
	}
	modifier := t.next(tokenModifier)
	if name == "" && group == "" {
		t.out.WriteString("(?:" + regexp.QuoteMeta(prefix+suffix) + ")" + modifier)
		t.before, t.after = "", true
		return ""
	}
	return t.parameter(name, group, prefix, suffix, modifier)
}

func (t *translator) literals() (s string) {
	for t.tokens[0].kind == tokenText || t.tokens[0].kind == tokenEscaped {
		s += t.tokens[0].value
		t.tokens = t.tokens[1:]
	}
	return s
}

func (t *translator) parameter(name, group, prefix, suffix, modifier string) (problem string) {
	if group == "" {
		var problem string
		if group, problem = t.segment(prefix); problem != "" {
			return problem
		}
	}
	many := modifier == "*" || modifier == "+"
	if many && (name == "id" || name == "slug") {
		return "repeats :" + name + ", so that it does not name one organization"
	}
	pre, suf := regexp.QuoteMeta(prefix), regexp.QuoteMeta(suffix)
	switch {
	case pre == "" && suf == "":
		if many {
			return "repeats a parameter that has nothing before or after it"
		}
		t.out.WriteString("(" + group + ")" + modifier)
	case many:
		optional := ""
		if modifier == "*" {
			optional = "?"
		}
		t.out.WriteString("(?:" + pre + "((?:" + group + ")(?:" + suf + pre + "(?:" + group + "))*)" + suf + ")" + optional)
	default:
		t.out.WriteString("(?:" + pre + "(" + group + ")" + suf + ")" + modifier)
	}
	t.patterns.groups = append(t.patterns.groups, name)
	t.before, t.after = "", true
	return ""
}

// segment returns the default expression of a parameter: one path segment, which also
// ends where the text before it occurs again.
func (t *translator) segment(prefix string) (group, problem string) {
	stop := prefix
	if stop == "" {
		stop = t.before
	}
	if t.after && stop == "" {
		return "", "has two parameters with nothing between them"
	}
	if stop == "" || strings.ContainsAny(stop, "/#?") {
		return `[^/#?]+?`, ""
	}
	if len(stop) > 1 {
		return "", "has a parameter after more than one character without a slash"
	}
	return `[^/#?` + regexp.QuoteMeta(stop) + `]+?`, ""
}
