package verify_test

import (
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

// TestPEMRefusesCertificates: certificates outside their validity period, or for
// another use, are refused.
func TestPEMRefusesCertificates(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*x509.Certificate)
		says   string
	}{
		"expired":               {func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }, "expired at"},
		"not yet valid":         {func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) }, "not valid before"},
		"for encryption alone":  {func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }, "digital signature"},
		"for certificates":      {func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign }, "digital signature"},
		"for nothing it says":   {func(c *x509.Certificate) { c.KeyUsage = 0 }, "digital signature"},
		"for signing documents": {func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageContentCommitment }, "digital signature"},
	} {
		t.Run(name, func(t *testing.T) {
			keys, err := verify.PEM(armour("CERTIFICATE", certificate(tt.change)))
			ce := (*clerk.ConfigError)(nil)
			if !errors.As(err, &ce) || keys != nil || !strings.Contains(ce.Problem, tt.says) {
				t.Errorf("got %v, %v, want an error about %q", keys, err, tt.says)
			}
		})
	}
}

// TestCertificateExpires: once a certificate expires while the server runs, every token
// is refused, cached ones too.
func TestCertificateExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keys, err := verify.PEM(armour("CERTIFICATE", certificate(func(*x509.Certificate) {})))
		if err != nil {
			t.Fatal(err)
		}
		v := newVerifier(t, func(c *verify.Config) { c.Keys = keys })
		if _, err := v.Verify(t.Context(), good()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(25 * time.Hour)
		_, err = v.Verify(t.Context(), good())
		e := (*verify.Error)(nil)
		if !errors.As(err, &e) || e.Reason != clerk.ReasonJWKKidMismatch || !errors.Is(err, clerk.ErrKeyUnknown) || !strings.Contains(err.Error(), "expired at") {
			t.Errorf("after its time: %v", err)
		}
	})
}
