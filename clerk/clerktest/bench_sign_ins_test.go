package clerktest_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// A sign-in through the Frontend API, with a password and with a session token in
// its answer, must cost less than two RSA signatures: one of them it has to make.
// The metric of-signing is the number of sign-ins that are made in the time of as
// many signatures; the goal is 0.5.
func BenchmarkSignIns(b *testing.B) {
	em, err := clerktest.New(clerktest.Config{})
	if err != nil {
		b.Fatal(err)
	}
	em.AddUser(clerktest.User{Email: "a@example.com", Password: "correct horse"})
	form := url.Values{"identifier": {"a@example.com"}, "password": {"correct horse"}}.Encode()
	client := &http.Client{Transport: em.Transport()}
	signIn := func() string {
		resp, err := client.Post(em.URL+"/v1/dev_browser", "application/x-www-form-urlencoded", nil)
		if err != nil {
			b.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			b.Fatal(err)
		}
		dev := decode[struct{ ID string }](b, string(body)).ID
		resp, err = client.Post(em.URL+"/v1/client/sign_ins?__clerk_db_jwt="+dev, "application/x-www-form-urlencoded", strings.NewReader(form))
		if err != nil {
			b.Fatal(err)
		}
		body, err = io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			b.Fatalf("%d %v %s", resp.StatusCode, err, body)
		}
		return string(body)
	}
	if body := signIn(); !strings.Contains(body, `"jwt":"ey`) {
		b.Fatalf("the answer has no token: %s", body)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	sum := sha256.Sum256([]byte("input"))
	var signing, signingIn time.Duration
	b.ReportAllocs()
	for b.Loop() {
		// One of each, so that a machine that is busy slows both down.
		start := time.Now()
		if _, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:]); err != nil {
			b.Fatal(err)
		}
		signed := time.Now()
		signIn()
		signing += signed.Sub(start)
		signingIn += time.Since(signed)
	}
	b.ReportMetric(signing.Seconds()/signingIn.Seconds(), "of-signing")
	b.ReportMetric(float64(b.N)/signingIn.Seconds(), "sign-ins/s")
}
