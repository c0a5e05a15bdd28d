// Command webhookjs prints webhook deliveries and the results of package webhook, one
// JSON object per line. Deliveries are genuine ones by webhook.Signer, and the same
// with one change. check.mjs verifies each with the npm libraries. run.sh runs the
// whole comparison.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/webhook"
)

// delivery is one line of output.
type delivery struct {
	Kind     string            `json:"kind"`
	Genuine  bool              `json:"genuine"`
	Accepted bool              `json:"accepted"`
	Secrets  []string          `json:"secrets"`
	Header   map[string]string `json:"header"`
	Body     string            `json:"body"`
}

const rounds = 200

func main() {
	out := bufio.NewWriter(os.Stdout)
	err := errors.Join(run(out), out.Flush())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(out io.Writer) error {
	random := rand.New(rand.NewPCG(7, 11)) // deterministic cases
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	for round := range rounds {
		genuine, err := sign(random, round)
		if err != nil {
			return err
		}
		cases := []delivery{genuine}
		for _, kind := range slices.Sorted(maps.Keys(changes)) {
			d := genuine
			d.Kind, d.Genuine, d.Header = kind, false, maps.Clone(genuine.Header)
			changes[kind](random, &d)
			cases = append(cases, d)
		}
		for _, d := range cases {
			if err := judge(&d); err != nil {
				return err
			}
			if err := lines.Encode(d); err != nil {
				return err
			}
		}
	}
	return nil
}

func secret(random *rand.Rand) string {
	raw := make([]byte, 24+random.IntN(41))
	for i := range raw {
		raw[i] = byte(random.IntN(256))
	}
	return "whsec_" + base64.StdEncoding.EncodeToString(raw)
}

// sign returns a delivery signed now, because the libraries use the system clock.
func sign(random *rand.Rand, round int) (delivery, error) {
	d := delivery{Kind: "genuine", Genuine: true, Header: map[string]string{}}
	for range 1 + random.IntN(3) {
		d.Secrets = append(d.Secrets, secret(random))
	}
	names := []string{"Ada", "Žofie", "张伟", "👩‍🚀", "<&>", "\u2028"}
	body, err := json.Marshal(map[string]any{
		"object": "event", "type": webhook.UserUpdated, "instance_id": "ins_1", "timestamp": time.Now().UnixMilli(),
		"data": map[string]any{"id": "user_" + strconv.Itoa(round), "first_name": names[random.IntN(len(names))], "pad": strings.Repeat("x", random.IntN(2000))},
	})
	if err != nil {
		return d, err
	}
	d.Body = string(body)
	signer, err := webhook.NewSigner(d.Secrets...)
	if err != nil {
		return d, err
	}
	h := http.Header{}
	at := time.Now().Add(time.Duration(random.IntN(580)-290) * time.Second)
	if err := signer.Sign(h, "msg_"+strconv.Itoa(round), at, body); err != nil {
		return d, err
	}
	for _, name := range []string{"svix-id", "svix-timestamp", "svix-signature"} {
		d.Header[name] = h.Get(name)
	}
	return d, nil
}

func judge(d *delivery) error {
	v, err := webhook.New(webhook.Config{Secrets: d.Secrets})
	if err != nil {
		return err
	}
	h := http.Header{}
	for name, value := range d.Header {
		h.Set(name, value)
	}
	_, err = v.Verify(h, []byte(d.Body))
	d.Accepted = err == nil
	return nil
}

// changes are changes to a genuine delivery. Some leave it valid, at least for some of
// the libraries.
var changes = map[string]func(*rand.Rand, *delivery){
	"another secret":     func(r *rand.Rand, d *delivery) { d.Secrets = []string{secret(r)} },
	"one of the secrets": func(r *rand.Rand, d *delivery) { d.Secrets = d.Secrets[r.IntN(len(d.Secrets)):][:1] },
	"body byte":          func(r *rand.Rand, d *delivery) { d.Body = flip(r, d.Body) },
	"body with a space":  func(_ *rand.Rand, d *delivery) { d.Body += " " },
	"body cut":           func(r *rand.Rand, d *delivery) { d.Body = d.Body[:r.IntN(len(d.Body))] },
	"signature byte":     func(r *rand.Rand, d *delivery) { change(d, "signature", func(s string) string { return flip(r, s) }) },
	"signature cut":      func(_ *rand.Rand, d *delivery) { change(d, "signature", func(s string) string { return s[:len(s)-1] }) },
	"signature without pad": func(_ *rand.Rand, d *delivery) {
		change(d, "signature", func(s string) string { return strings.ReplaceAll(s, "=", "") })
	},
	"signature with a tail": func(_ *rand.Rand, d *delivery) {
		change(d, "signature", func(s string) string { return strings.ReplaceAll(s, "=", "=,more") })
	},
	"signature base64url": func(_ *rand.Rand, d *delivery) {
		change(d, "signature", strings.NewReplacer("+", "-", "/", "_").Replace)
	},
	"scheme v1a": func(_ *rand.Rand, d *delivery) {
		change(d, "signature", func(s string) string { return strings.ReplaceAll(s, "v1,", "v1a,") })
	},
	"scheme V1": func(_ *rand.Rand, d *delivery) { change(d, "signature", strings.ToUpper) },
	"foreign schemes around": func(_ *rand.Rand, d *delivery) {
		change(d, "signature", func(s string) string { return "v1a,AAAA  v2 " + s + " v0,x" })
	},
	"tab between signatures": func(_ *rand.Rand, d *delivery) { change(d, "signature", func(s string) string { return "v1,x\t" + s }) },
	"many signatures": func(_ *rand.Rand, d *delivery) {
		change(d, "signature", func(s string) string { return strings.Repeat("v1,AAAA ", 2000) + s })
	},
	"id byte":         func(r *rand.Rand, d *delivery) { change(d, "id", func(s string) string { return flip(r, s) }) },
	"id gone":         func(_ *rand.Rand, d *delivery) { delete(d.Header, "svix-id") },
	"timestamp later": func(_ *rand.Rand, d *delivery) { change(d, "timestamp", func(s string) string { return bump(s, 1) }) },
	"timestamp old": func(_ *rand.Rand, d *delivery) {
		change(d, "timestamp", func(s string) string { return bump(s, -900) })
	},
	"timestamp new":        func(_ *rand.Rand, d *delivery) { change(d, "timestamp", func(s string) string { return bump(s, 900) }) },
	"timestamp with plus":  func(_ *rand.Rand, d *delivery) { change(d, "timestamp", func(s string) string { return "+" + s }) },
	"timestamp with zero":  func(_ *rand.Rand, d *delivery) { change(d, "timestamp", func(s string) string { return "0" + s }) },
	"timestamp with space": func(_ *rand.Rand, d *delivery) { change(d, "timestamp", func(s string) string { return " " + s }) },
	"timestamp fraction":   func(_ *rand.Rand, d *delivery) { change(d, "timestamp", func(s string) string { return s + ".5" }) },
	"timestamp with words": func(_ *rand.Rand, d *delivery) { change(d, "timestamp", func(s string) string { return s + " or so" }) },
	"timestamp NaN":        func(_ *rand.Rand, d *delivery) { change(d, "timestamp", func(string) string { return "NaN" }) },
}

func change(d *delivery, name string, f func(string) string) {
	d.Header["svix-"+name] = f(d.Header["svix-"+name])
}

func flip(r *rand.Rand, s string) string {
	b := []byte(s)
	for {
		i := r.IntN(len(b))
		if old := b[i]; old > ' ' && old < 0x7f { // keep the text valid UTF-8: JSON carries it
			if b[i] = byte('!' + r.IntN(94)); b[i] != old {
				return string(b)
			}
		}
	}
}

func bump(s string, by int64) string {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return s
	}
	return strconv.FormatInt(n+by, 10)
}
