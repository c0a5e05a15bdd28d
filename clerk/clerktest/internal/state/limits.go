package state

// Bounds of what people type.
const (
	MinUsername = 4
	MaxUsername = 64
	MaxName     = 256
	MaxMetadata = 8 << 10 // of a user, as at Clerk
)

// MaxURL bounds a redirect URL.
const MaxURL = 8 << 10
