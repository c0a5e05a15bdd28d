//go:build unix

package main

import (
	"syscall"
	"time"
)

// cpuTime is what the process has used of all CPUs, its garbage collection
// included. Other programs on the machine do not add to it.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
