package clerktest

// SetRateLimits turns Clerk's rate limits on or off, with no request counted yet.
// With [Config].RateLimits they are on from the start.
func (e *Emulator) SetRateLimits(on bool) {
	e.server.Limits.Switch(on)
}
