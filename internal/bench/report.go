package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// report has the results of one run.
type report struct {
	plan            plan
	started         time.Time
	took            time.Duration
	load, loadAfter string

	verify, warm, web, grow []*result
	versions                map[string]string
	cores                   series
	memory                  []footprint
	endToEnd                []*contender
	pinned                  bool
	tokenBytes              int
}

// version returns the version of a module in this program.
func version(module string) string {
	if info, ok := debug.ReadBuildInfo(); ok && module != "" {
		for _, m := range info.Deps {
			if m.Path == module {
				return m.Version
			}
		}
	}
	return ""
}

func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(text))[:1], " ")
}

func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

func find(list []*result, name string) *result {
	for _, r := range list {
		if r.name == name {
			return r
		}
	}
	return &result{}
}

// markdown writes the document.
func (r *report) markdown() string {
	var b strings.Builder
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) }
	say("# Benchmarks\n")
	say("Written by `go run ./internal/bench` (`make benchmarks`); do not edit. %s.\n", r.started.UTC().Format("2 January 2006"))
	say("**Machine.** %s, %d cores, %s/%s, %s. Load average %s at the start and %s at the end, of which this run is about 1; it took %s.",
		processor(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), r.load, r.loadAfter, r.took.Round(time.Second))
	say("Other programs ran where the load is higher: trust ratios, not times.\n")
	say("**How.** The limit is SHA-256 and `rsa.VerifyPKCS1v15` (RSA-2048) of one token in parts: what no verifier can do without. **x limit** is the time over that of the limit: "+
		"in each of %d rounds every subject runs %d times for some %s, each time beside the limit, and the median of those pairs is the round's ratio; shown are median and range of the rounds. "+
		"**CPU** is the same by the process's CPU time, garbage collection included. Tokens are version 2 session tokens with an organization, %d bytes. "+
		"Each peer first shows that it accepts good tokens and refuses forged, tampered, expired and unsigned ones. All checks of clerkkit are on.\n",
		r.plan.rounds, r.plan.pairs, r.plan.batch, r.tokenBytes)
	if r.whole() {
		r.goals(say)
	}
	r.sections(say)
	return b.String()
}

// whole reports whether all parts were measured.
func (r *report) whole() bool {
	return r.verify != nil && r.warm != nil && r.web != nil && r.grow != nil && r.cores != nil && r.memory != nil && r.endToEnd != nil
}

// sections writes the measured parts.
func (r *report) sections(say func(string, ...any)) {
	if r.verify != nil {
		say("\n## Verify\n")
		say("| | version | x limit | range | CPU | ns | allocations | bytes |\n|---|---|--:|---|--:|--:|--:|--:|")
		for _, x := range r.verify {
			v := r.versions[x.name]
			if v == "" {
				v = "-"
			}
			say("| %s | %s | %s |", x.name, v, x.cells())
		}
		say("\nPeers do not all check the same: golang-jwt, jwx `jwt.Parse`, go-jose and go-oidc compare no azp. None of them but clerk-sdk-go and clerkkit expands permissions, clerkkit when asked.")

	}
	if r.warm != nil {
		say("\n## The verified-token cache, and refusals\n")
		table(say, r.warm)
		say("\nA hit is the SHA-256 of the token, a look-up, the key source and all checks of the claims. A token that is whole, but for its algorithm, is read to the end before it is refused, so that its reason is the one that the official SDK gives.")

	}
	if r.web != nil {
		say("\n## net/http middleware\n")
		say("In process, with a response writer that does nothing; keys from a Backend API over loopback; the handshake on.\n")
		table(say, r.web)

	}
	if r.grow != nil {
		say("\n## Growth\n")
		table(say, r.grow)
	}
	if r.cores != nil {
		say("\nTwo goroutines do %.2f times (%.2f to %.2f) the work of one on this machine, all of 10,000 tokens in the cache.", r.cores.median(), r.cores.min(), r.cores.max())

	}
	if r.memory != nil {
		say("\n## Memory\n")
		say("| | identities | heap, measured | per identity | counted by the cache |\n|---|--:|--:|--:|--:|")
		for i, m := range r.memory {
			name := "100,000 tokens, no bound in reach"
			if i == 1 {
				name = "the same, default bound of 32 MiB"
			}
			say("| %s | %d | %.1f MB | %.0f B | %.1f MB |", name, m.entries, float64(m.heap)/1e6, float64(m.heap)/float64(m.entries), float64(m.counted)/1e6)
		}

	}
	if r.endToEnd != nil {
		pins := "server and client on one core each, pinned"
		if !r.pinned {
			pins = "not pinned: there is no taskset"
		}

		say("\n## End to end\n")
		say("Over loopback, %d connections, %d live tokens, %d interleaved rounds of half a second; %s. CPU is the server's, which other programs do not add to.\n", connections, liveTokens, len(r.endToEnd[0].perSecond), pins)
		say("| | requests/s | of bare | range | CPU per request | of bare by CPU | p50 | p99 |\n|---|--:|--:|---|--:|--:|--:|--:|")
		for _, c := range r.endToEnd {
			say("| %s | %.0f | %.2f | %.2f .. %.2f | %.1f µs | %.2f | %.2f ms | %.2f ms |", c.name, c.perSecond.median(),
				c.ofBare.median(), c.ofBare.min(), c.ofBare.max(), c.cpuMicros.median(), c.cpuOfBare.median(), c.p50.median(), c.p99.median())
		}
	}
}

func table(say func(string, ...any), list []*result) {
	say("| | x limit | range | CPU | ns | allocations | bytes |\n|---|--:|---|--:|--:|--:|--:|")
	for _, x := range list {
		say("| %s | %s |", x.name, x.cells())
	}
}

func (r *result) cells() string {
	digits := 3
	if r.ratio.median() < 0.2 {
		digits = 4
	}
	cpu := "-"
	if len(r.cpu) > 0 {
		cpu = fmt.Sprintf("%.*f", digits, r.cpu.median())
	}
	return fmt.Sprintf("%.*f | %.*f .. %.*f | %s | %.0f | %.0f | %.0f", digits, r.ratio.median(), digits, r.ratio.min(), digits, r.ratio.max(),
		cpu, r.ns.median(), r.allocs, r.bytes)
}
