package verify

import (
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
)

// The emulator (package clerktest) signs with a key whose private half is published in
// its source, so that it starts without generating one. A server that trusts this key
// accepts tokens from anyone. The key is refused unless Config.InsecureEmulator is set.
const (
	// emulatorKeyLow is the lowest 32 bits of the modulus: comparing them first avoids the
	// hash for most keys.
	emulatorKeyLow = 0xbcc65ec9
	// emulatorKeySHA256 is the SHA-256 of the modulus, big-endian.
	emulatorKeySHA256 = "bcebb637ff3a47b90cec842520e239cf7d10d1640ffcc49d195f5bc84d2218dd"
)

func isEmulatorKey(key *rsa.PublicKey) bool {
	if uint64(key.N.Bits()[0])&(1<<32-1) != emulatorKeyLow {
		return false
	}
	sum := sha256.Sum256(key.N.Bytes())
	return hex.EncodeToString(sum[:]) == emulatorKeySHA256
}
