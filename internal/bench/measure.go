package main

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"time"
)

// subject is an operation to measure. op is called with 0, 1, 2, … and must do the same
// work each time.
type subject struct {
	name string
	op   func(i int) error
	next int
}

// sample is the time of one call in nanoseconds: wall clock and CPU time.
type sample struct{ wall, cpu float64 }

// run times n calls.
func (s *subject) run(n int) (sample, error) {
	cpu, start := cpuTime(), time.Now()
	for range n {
		if err := s.op(s.next); err != nil {
			return sample{}, fmt.Errorf("%s, call %d: %w", s.name, s.next, err)
		}
		s.next++
	}
	wall := time.Since(start)
	return sample{float64(wall) / float64(n), float64(cpuTime()-cpu) / float64(n)}, nil
}

// calls returns the number of calls that take about d.
func (s *subject) calls(d time.Duration) (int, error) {
	for n := 1; ; n *= 4 {
		t, err := s.run(n)
		if err != nil {
			return 0, err
		}
		if total := time.Duration(t.wall * float64(n)); total > d/4 || n > 1<<20 {
			return max(1, int(float64(d)/t.wall)), nil
		}
	}
}

// series are the results of the rounds.
type series []float64

func (s series) sorted() series {
	c := slices.Clone(s)
	slices.Sort(c)
	return c
}

func (s series) median() float64 {
	c := s.sorted()
	switch n := len(c); {
	case n == 0:
		return math.NaN()
	case n%2 == 1:
		return c[n/2]
	default:
		return (c[n/2-1] + c[n/2]) / 2
	}
}

func (s series) min() float64 { return s.sorted()[0] }
func (s series) max() float64 { return s.sorted()[len(s)-1] }

// result is the cost of one subject.
type result struct {
	name          string
	ns            series  // of a call, by the clock
	ratio, cpu    series  // over the limit, measured beside it
	allocs, bytes float64 // of a call
}

// plan says how long to measure.
type plan struct {
	rounds, pairs int
	batch         time.Duration
}

// compare measures all subjects relative to the limit. In each round it alternates
// batches of each subject with batches of the limit. The median ratio of the pairs is
// the ratio of the round. Other load that lasts longer than a batch slows down both.
func (p plan) compare(limit *subject, subjects []*subject, progress func(string)) ([]*result, error) {
	limitCalls, err := limit.calls(p.batch)
	if err != nil {
		return nil, err
	}
	results := make([]*result, len(subjects))
	calls := make([]int, len(subjects))
	for i, s := range subjects {
		if calls[i], err = s.calls(p.batch); err != nil {
			return nil, err
		}
		results[i] = &result{name: s.name}
		if results[i].allocs, results[i].bytes, err = s.memory(max(100, min(calls[i], 2000))); err != nil {
			return nil, err
		}
	}
	for round := range p.rounds {
		progress(fmt.Sprintf("round %d of %d", round+1, p.rounds))
		for i, s := range subjects {
			var ns, ratio, cpu series
			runtime.GC() // nobody pays for what another one left
			for pair := range p.pairs {
				var measured, limitSample sample
				first, second := func() (err error) { measured, err = s.run(calls[i]); return },
					func() (err error) { limitSample, err = limit.run(limitCalls); return }
				if pair%2 == 1 {
					first, second = second, first
				}
				if err := first(); err != nil {
					return nil, err
				}
				if err := second(); err != nil {
					return nil, err
				}
				ns, ratio = append(ns, measured.wall), append(ratio, measured.wall/limitSample.wall)
				if limitSample.cpu > 0 {
					cpu = append(cpu, measured.cpu/limitSample.cpu)
				}
			}
			r := results[i]
			r.ns, r.ratio = append(r.ns, ns.median()), append(r.ratio, ratio.median())
			if len(cpu) > 0 {
				r.cpu = append(r.cpu, cpu.median())
			}
		}
	}
	return results, nil
}

// memory counts allocations.
func (s *subject) memory(n int) (allocs, bytes float64, err error) {
	if _, err = s.run(10); err != nil { // pools and memos are filled
		return 0, 0, err
	}
	old := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(old)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = s.run(n)
	runtime.ReadMemStats(&after)
	return math.Floor(float64(after.Mallocs-before.Mallocs) / float64(n)), float64(after.TotalAlloc-before.TotalAlloc) / float64(n), err
}
