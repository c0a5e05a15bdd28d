package conformance

import (
	"encoding/json"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// mixCases is the number of mixed cases that a change must pass.
const mixCases = 5000

// TestMixedRecordedCases combines recorded cases: the configuration of one, the request
// of another, headers and cookies of a third. It needs the recorded cases, and the
// official SDK for the expected results.
func TestMixedRecordedCases(t *testing.T) {
	if os.Getenv("CLERKKIT_CONFORMANCE_JS") == "" {
		t.Skip("CLERKKIT_CONFORMANCE_JS is not set: run make conformance")
	}
	byTime := map[float64][]*Case{}
	var times []float64 // one per case
	for _, c := range recorded(t) {
		if c.Sequence == "" && c.Compared() && !prototypeKey(c) {
			byTime[c.Now] = append(byTime[c.Now], c)
			times = append(times, c.Now)
		}
	}
	g := &mixer{mathrand.New(mathrand.NewPCG(1, 2))}
	cases := make([]*Case, mixCases)
	for i := range cases {
		pool := byTime[times[g.IntN(len(times))]]
		cases[i] = g.mix(pool)
		cases[i].ID = fmt.Sprintf("mix-%05d", i)
	}
	ask(t, cases)
	report(t, cases, RunAll(cases))
}

// prototypeKey reports whether a key id is a property of every JavaScript object.
func prototypeKey(c *Case) bool {
	f := newFacts(c, &Result{}, nil)
	return f.tokenLike(func(token string) bool {
		kid, _ := headerOf(token).Kid.(string)
		return slices.Contains([]string{"__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"}, kid)
	})
}

type mixer struct{ *mathrand.Rand }

func (g *mixer) chance(percent int) bool { return g.IntN(100) < percent }

func (g *mixer) mix(pool []*Case) *Case {
	pick := func() *Case { return pool[g.IntN(len(pool))] }
	a, b := pick(), pick()
	c := &Case{Group: "mixed", Now: b.Now, Entry: b.Entry, Options: a.Options, Request: b.Request}
	if g.chance(50) {
		c.Options.JWTKey = b.Options.JWTKey
	}
	if g.chance(70) {
		c.Options.PublishableKey, c.Options.SecretKey = b.Options.PublishableKey, b.Options.SecretKey
	}
	if g.chance(30) {
		c.Env = a.Env
	}
	c.Request.Headers = slices.Clone(c.Request.Headers)
	if g.chance(50) {
		g.takeHeaders(c, pick())
	}
	if g.chance(30) {
		g.shuffleCookies(c, pick())
	}
	if g.chance(15) {
		takeQuery(c, pick())
	}
	c.BAPI = slices.Clone(b.BAPI)
	for _, answer := range a.BAPI {
		if !strings.HasSuffix(answer.Path, "/jwks") {
			c.BAPI = append(c.BAPI, answer)
		}
	}
	return c
}

// takeHeaders replaces a few headers by those of another case.
func (g *mixer) takeHeaders(c, from *Case) {
	names := []string{"cookie", "authorization", "referer", "host", "x-forwarded-host", "x-forwarded-proto", "sec-fetch-dest", "origin", "accept"}
	g.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	names = names[:1+g.IntN(4)]
	taken := func(h [2]string) bool { return slices.Contains(names, strings.ToLower(h[0])) }
	c.Request.Headers = slices.DeleteFunc(c.Request.Headers, taken)
	for _, h := range from.Request.Headers {
		if taken(h) {
			c.Request.Headers = append(c.Request.Headers, h)
		}
	}
}

func cookieHeader(c *Case) int {
	return slices.IndexFunc(c.Request.Headers, func(h [2]string) bool { return strings.EqualFold(h[0], "cookie") })
}

func (g *mixer) shuffleCookies(c, from *Case) {
	i, j := cookieHeader(c), cookieHeader(from)
	if i < 0 || j < 0 {
		return
	}
	list := strings.Split(c.Request.Headers[i][1]+";"+from.Request.Headers[j][1], ";")
	g.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	c.Request.Headers[i][1] = strings.Join(list, "; ")
}

// takeQuery appends the query of another case.
func takeQuery(c, from *Case) {
	target := func(c *Case) string {
		u := c.Request.Href
		if u == "" {
			u = c.Request.URL
		}
		u, _, _ = strings.Cut(u, "#")
		return u
	}
	_, query, ok := strings.Cut(target(from), "?")
	if !ok {
		return
	}
	separator := "?"
	if strings.Contains(target(c), "?") {
		separator = "&"
	}
	c.Request.URL, c.Request.Href = target(c)+separator+query, ""
}

// TestCaseRoundTrip: encoding a case for the official SDK loses nothing.
func TestCaseRoundTrip(t *testing.T) {
	for _, text := range []string{
		`{"id":"a","group":"","now":1,"options":{"acceptsToken":[]},"request":{"method":"GET","url":"/","headers":null},"bapi":null}`,
		`{"id":"a","group":"","now":1,"options":{"acceptsToken":["x"],"audience":"y","authorizedParties":["z"]},"request":{"method":"GET","url":"/","headers":null},"bapi":null}`,
		`{"id":"a","group":"","now":1,"options":{"acceptsToken":"any"},"request":{"method":"GET","url":"/","headers":null},"bapi":[{"method":"GET","path":"/","status":200,"json":{"a":1},"networkError":true}]}`,
	} {
		var a, b Case
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			t.Fatal(err)
		}
		out, err := json.Marshal(&a)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(out, &b); err != nil {
			t.Fatal(err)
		}
		if x, y := fmt.Sprintf("%+v", a), fmt.Sprintf("%+v", b); x != y {
			t.Errorf("%s\n%s", x, y)
		}
	}
}
