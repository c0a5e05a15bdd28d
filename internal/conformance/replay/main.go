// Command replay reads protocol cases as JSON lines from standard input and writes the
// kit's results as JSON lines to standard output, in the same order.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/clerkkit/clerkkit/internal/conformance"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "replay:", err)
		os.Exit(1)
	}
}

// batch is the number of cases in memory at a time.
const batch = 5000

func run(in io.Reader, out io.Writer) error {
	w := bufio.NewWriter(out)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	dec := json.NewDecoder(bufio.NewReaderSize(in, 1<<20))
	var cases []*conformance.Case
	flush := func() error {
		for _, r := range conformance.RunAll(cases) {
			if err := enc.Encode(r); err != nil {
				return err
			}
		}
		cases = cases[:0]
		return w.Flush()
	}
	for {
		c := new(conformance.Case)
		switch err := dec.Decode(c); {
		case errors.Is(err, io.EOF):
			return flush()
		case err != nil:
			return err
		}
		// Do not split a sequence.
		if n := len(cases); n >= batch && (c.Sequence == "" || c.Sequence != cases[n-1].Sequence) {
			if err := flush(); err != nil {
				return err
			}
		}
		cases = append(cases, c)
	}
}
