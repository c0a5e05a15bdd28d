package clerktest_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// A server must start in less than 5 ms.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		em, err := clerktest.Start(clerktest.Config{})
		if err != nil {
			b.Fatal(err)
		}
		if err := em.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := clerktest.New(clerktest.Config{}); err != nil {
			b.Fatal(err)
		}
	}
}

// The yardstick for the two that follow: what the machine can sign.
func BenchmarkRawRSA2048(b *testing.B) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	sum := sha256.Sum256([]byte("input"))
	for b.Loop() {
		if _, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkToken(b *testing.B) {
	em := newEmulator(b, clerktest.Config{})
	sess := em.SignIn(em.AddUser(clerktest.User{}), clerktest.WithOrg("org_1", "org:admin"))
	b.ReportAllocs()
	for b.Loop() {
		sess.Token()
	}
}

func BenchmarkSignIn(b *testing.B) {
	em := newEmulator(b, clerktest.Config{})
	u := em.AddUser(clerktest.User{})
	for b.Loop() {
		em.SignIn(u).Token()
	}
}
