package passwords

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"math/big"
	"strconv"
	"strings"
	"sync"
)

// bcrypt, which the standard library lacks, to check digests that come from
// elsewhere (Provos and Mazières, A Future-Adaptable Password Scheme, 1999). The
// emulator never makes any.

// blowfish is the state of the cipher of that name (Schneier, 1993).
type blowfish struct {
	p [18]uint32
	s [4][256]uint32
}

// initialBlowfish is the state without a key: the fraction of pi in hexadecimal,
// which is computed rather than copied.
var initialBlowfish = sync.OnceValue(func() *blowfish {
	const words = 18 + 4*256
	digits := piFraction(words * 32)
	var b blowfish
	next := func(i int) uint32 { return binary.BigEndian.Uint32(digits[4*i:]) }
	for i := range b.p {
		b.p[i] = next(i)
	}
	for i := range b.s {
		for j := range b.s[i] {
			b.s[i][j] = next(18 + 256*i + j)
		}
	}
	return &b
})

// piFraction returns the first bits of what follows the point in pi, by Machin's
// formula: pi = 16 arctan(1/5) - 4 arctan(1/239).
func piFraction(bits int) []byte {
	const guard = 64
	one := new(big.Int).Lsh(big.NewInt(1), uint(bits+guard))
	arctan := func(inverse int64) *big.Int {
		square, power := big.NewInt(inverse*inverse), new(big.Int).Quo(one, big.NewInt(inverse))
		sum, term := new(big.Int).Set(power), new(big.Int)
		for n := int64(3); power.Sign() != 0; n += 2 {
			power.Quo(power, square)
			term.Quo(power, big.NewInt(n))
			if n%4 == 3 {
				sum.Sub(sum, term)
			} else {
				sum.Add(sum, term)
			}
		}
		return sum
	}
	pi := new(big.Int).Mul(arctan(5), big.NewInt(16))
	pi.Sub(pi, new(big.Int).Mul(arctan(239), big.NewInt(4)))
	pi.Sub(pi, new(big.Int).Mul(one, big.NewInt(3)))
	return pi.Rsh(pi, guard).FillBytes(make([]byte, bits/8))
}

func (b *blowfish) encrypt(l, r uint32) (uint32, uint32) {
	for i := 0; i < 16; i += 2 {
		l ^= b.p[i]
		r ^= ((b.s[0][l>>24] + b.s[1][l>>16&0xff]) ^ b.s[2][l>>8&0xff]) + b.s[3][l&0xff]
		r ^= b.p[i+1]
		l ^= ((b.s[0][r>>24] + b.s[1][r>>16&0xff]) ^ b.s[2][r>>8&0xff]) + b.s[3][r&0xff]
	}
	return r ^ b.p[17], l ^ b.p[16]
}

// cyclic reads words from bytes that are repeated.
type cyclic struct {
	data []byte
	at   int
}

func (c *cyclic) next() (w uint32) {
	for range 4 {
		w = w<<8 | uint32(c.data[c.at])
		c.at = (c.at + 1) % len(c.data)
	}
	return w
}

// expand mixes key and salt into the state. Without a salt it is zeros.
func (b *blowfish) expand(key, salt []byte) {
	k, data := cyclic{data: key}, cyclic{data: salt}
	for i := range b.p {
		b.p[i] ^= k.next()
	}
	var l, r uint32
	step := func(low, high *uint32) {
		if salt != nil {
			l, r = l^data.next(), r^data.next()
		}
		l, r = b.encrypt(l, r)
		*low, *high = l, r
	}
	for i := 0; i < len(b.p); i += 2 {
		step(&b.p[i], &b.p[i+1])
	}
	for i := range b.s {
		for j := 0; j < 256; j += 2 {
			step(&b.s[i][j], &b.s[i][j+1])
		}
	}
}

var bcryptEncoding = base64.NewEncoding("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789").WithPadding(base64.NoPadding)

// maxBcryptCost bounds what a digest may ask for: a second or so.
const maxBcryptCost = 14

// bcryptParts takes $2b$10$ and 22 characters of salt and 31 of hash apart.
func bcryptParts(digest string) (cost int, salt, hash []byte, ok bool) {
	parts := strings.Split(digest, "$")
	if len(parts) != 4 || parts[0] != "" || len(parts[2]) != 2 || len(parts[3]) != 53 {
		return 0, nil, nil, false
	}
	switch parts[1] {
	case "2", "2a", "2b", "2x", "2y":
	default:
		return 0, nil, nil, false
	}
	cost, err := strconv.Atoi(parts[2])
	salt, err1 := bcryptEncoding.DecodeString(parts[3][:22])
	hash, err2 := bcryptEncoding.DecodeString(parts[3][22:])
	return cost, salt, hash, err == nil && err1 == nil && err2 == nil && cost >= 4 && cost <= 31
}

// CheckBcrypt compares a password with a digest of bcrypt.
func CheckBcrypt(digest string, password []byte) bool {
	cost, salt, hash, ok := bcryptParts(digest)
	if !ok || cost > maxBcryptCost || len(password) > 72 {
		return false
	}
	return subtle.ConstantTimeCompare(bcryptHash(password, salt, cost), hash) == 1
}

func bcryptHash(password, salt []byte, cost int) []byte {
	key := append(append([]byte(nil), password...), 0)
	b := *initialBlowfish()
	b.expand(key, salt)
	for range 1 << cost {
		b.expand(key, nil)
		b.expand(salt, nil)
	}
	out := []byte("OrpheanBeholderScryDoubt")
	for i := 0; i < len(out); i += 8 {
		l, r := binary.BigEndian.Uint32(out[i:]), binary.BigEndian.Uint32(out[i+4:])
		for range 64 {
			l, r = b.encrypt(l, r)
		}
		binary.BigEndian.PutUint32(out[i:], l)
		binary.BigEndian.PutUint32(out[i+4:], r)
	}
	return out[:23]
}
