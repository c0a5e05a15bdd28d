package main

import (
	"fmt"
	"io"
	"strings"
)

// progress draws a progress bar and updates it for each percent.
type progress struct {
	w           io.Writer
	done, total int64
	percent     int64
}

func newProgress(w io.Writer, total int64) *progress {
	return &progress{w: w, total: total, percent: -1}
}

func (p *progress) step() {
	p.done++
	if p.total <= 0 {
		return
	}
	percent := min(100, p.done*100/p.total)
	if percent == p.percent {
		return
	}
	p.percent = percent
	const width = 40
	full := int(percent) * width / 100
	fmt.Fprintf(p.w, "\r[%s%s] %3d%% %d/%d", strings.Repeat("#", full), strings.Repeat(".", width-full), percent, p.done, p.total)
}

func (p *progress) end() {
	if p.percent >= 0 {
		fmt.Fprintln(p.w)
	}
}
