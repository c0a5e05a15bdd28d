package clerk

import (
	"encoding/json"
	"math/big"
	"strconv"
	"strings"

	"github.com/clerkkit/clerkkit/internal/jsonscan"
)

// Version 2 tokens pack permissions: o.per lists permission names, and o.fpm has
// for each feature of fea a number whose bits, lowest first, say which of the
// names are granted. org:teams:read is bit "read" of the number of "teams".
//
// Where fea also has features of the user (u:…), Clerk's documentation counts them to
// find the number, and its JavaScript SDK does not. The reading whose count of features
// equals the count of numbers decides. Where neither does, only permissions that both
// readings grant are granted.

// permissionReader walks the grants of a version 2 token.
type permissionReader struct {
	features, per, fpm string
	scoped, all        bool // which readings count
}

func (c *Claims) permissionReader() (r permissionReader, ok bool) {
	if !c.v2 || c.per == "" || c.fpm == "" || c.features == "" {
		return r, false
	}
	r = permissionReader{features: c.features, per: c.per, fpm: c.fpm}
	numbers, all, scoped := strings.Count(c.fpm, ",")+1, 0, 0
	for f := range strings.SplitSeq(c.features, ",") {
		all++
		if _, ok := orgFeature(f); ok {
			scoped++
		}
	}
	r.scoped, r.all = numbers == scoped, numbers == all
	if !r.scoped && !r.all {
		r.scoped, r.all = true, true // both must grant
	} else if r.scoped {
		r.all = false
	}
	return r, true
}

// orgFeature returns the name of a feature that an organization has: o:name,
// ou:name or uo:name.
func orgFeature(element string) (name string, ok bool) {
	scope, name, ok := strings.Cut(strings.TrimSpace(element), ":")
	return name, ok && (scope == "o" || scope == "ou" || scope == "uo")
}

// mask returns the granted permissions of the feature at the two indexes.
func (r *permissionReader) mask(scopedIndex, allIndex int) mask {
	switch {
	case !r.all:
		return parseMask(nth(r.fpm, scopedIndex))
	case !r.scoped:
		return parseMask(nth(r.fpm, allIndex))
	}
	return parseMask(nth(r.fpm, scopedIndex)).and(parseMask(nth(r.fpm, allIndex)))
}

// nth returns element i of a comma-separated list, "" beyond its end.
func nth(list string, i int) string {
	for e := range strings.SplitSeq(list, ",") {
		if i == 0 {
			return strings.TrimSpace(e)
		}
		i--
	}
	return ""
}

// mask is a number of any length, as bits.
type mask struct {
	low  uint64
	wide *big.Int // set where 64 bits do not do
}

// parseMask parses a decimal number. Any other text has no bits.
func parseMask(decimal string) mask {
	if n, err := strconv.ParseUint(decimal, 10, 64); err == nil {
		return mask{low: n}
	}
	if decimal == "" || strings.Trim(decimal, "0123456789") != "" {
		return mask{}
	}
	n, _ := new(big.Int).SetString(decimal, 10)
	return mask{wide: n}
}

func (m mask) bit(i int) bool {
	if m.wide != nil {
		return m.wide.Bit(i) == 1
	}
	return i < 64 && m.low>>uint(i)&1 == 1
}

func (m mask) and(n mask) mask {
	if m.wide == nil && n.wide == nil {
		return mask{low: m.low & n.low}
	}
	return mask{wide: new(big.Int).And(m.integer(), n.integer())}
}

func (m mask) integer() *big.Int {
	if m.wide != nil {
		return m.wide
	}
	return new(big.Int).SetUint64(m.low)
}

// hasPermission looks up one permission, org:feature:name, without listing all.
func (c *Claims) hasPermission(permission string) bool {
	if !c.v2 {
		found := false
		if c.orgPermissions != "" {
			_ = jsonscan.Array(c.orgPermissions, func(e jsonscan.Value) error {
				found = found || e.Text() == permission
				return nil
			})
		}
		return found
	}
	r, ok := c.permissionReader()
	if !ok {
		return false
	}
	want, ok := strings.CutPrefix(permission, "org:")
	if !ok || strings.HasPrefix(want, ":") {
		return false
	}
	scoped, all := 0, 0
	for f := range strings.SplitSeq(r.features, ",") {
		if feature, ok := orgFeature(f); ok {
			if name, ok := strings.CutPrefix(want, feature+":"); ok {
				bit := 0
				for p := range strings.SplitSeq(r.per, ",") {
					if strings.TrimSpace(p) == name && r.mask(scoped, all).bit(bit) {
						return true
					}
					bit++
				}
			}
			scoped++
		}
		all++
	}
	return false
}

// Permissions returns the permissions in the active organization, each as
// org:feature:name. System permissions are not in tokens.
func (c *Claims) Permissions() []string {
	c = c.read()
	if !c.v2 {
		var list []string
		if c.orgPermissions != "" {
			_ = json.Unmarshal([]byte(c.orgPermissions), &list)
		}
		return list
	}
	r, ok := c.permissionReader()
	if !ok {
		return nil
	}
	var list []string
	scoped, all := 0, 0
	for f := range strings.SplitSeq(r.features, ",") {
		if feature, ok := orgFeature(f); ok {
			granted, bit := r.mask(scoped, all), 0
			for p := range strings.SplitSeq(r.per, ",") {
				if granted.bit(bit) {
					list = append(list, "org:"+feature+":"+strings.TrimSpace(p))
				}
				bit++
			}
			scoped++
		}
		all++
	}
	return list
}
