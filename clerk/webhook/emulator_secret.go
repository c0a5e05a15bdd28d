package webhook

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
)

// emulatorSecretSHA256 is the SHA-256 of the decoded secret that clerk-emulator signs
// with by default. The secret is published in its source, so anyone can sign with it.
// It is refused unless Config.InsecureEmulator is set.
const emulatorSecretSHA256 = "6585a2d871eb4b765f05e742b2d03a4038bd6ddf12527bbdf314cad2799b2e78"

// isEmulatorSecret compares decoded bytes, so the spelling does not matter. It ignores
// zero bytes at the end, because HMAC pads a key with zero bytes (RFC 2104 section 2).
func isEmulatorSecret(raw []byte) bool {
	sum := sha256.Sum256(bytes.TrimRight(raw, "\x00"))
	return hex.EncodeToString(sum[:]) == emulatorSecretSHA256
}
