package clerk

import (
	"slices"

	"github.com/clerkkit/clerkkit/internal/endpoint"
)

// AcceptedIssuers returns the values of the iss claim that a token of this instance may
// have. It returns nil, which means unchecked, where InsecureAnyIssuer is set and where
// only a secret key or a PEM names the instance. Validate the Config first.
func (c Config) AcceptedIssuers() []string {
	pk, err := c.publishableKey()
	if c.InsecureAnyIssuer || err != nil || (pk.frontendAPI == "" && c.FrontendAPI == "" && len(c.Issuers) == 0) {
		return nil
	}
	issuers := append([]string(nil), c.Issuers...)
	if pk.frontendAPI != "" {
		issuers = append(issuers, "https://"+pk.frontendAPI)
	}
	if c.FrontendAPI != "" {
		issuers = append(issuers, endpoint.WithoutVersion(c.FrontendAPI))
	}
	if isHTTP(c.ProxyURL) {
		issuers = append(issuers, endpoint.WithoutVersion(c.ProxyURL))
	} else if isPath(c.ProxyURL) {
		for _, origin := range append(slices.Clone(c.AuthorizedParties), c.publicOrigin()...) {
			issuers = append(issuers, origin+endpoint.WithoutVersion(c.ProxyURL))
		}
	}
	if c.IsSatellite && c.Domain != "" {
		issuers = append(issuers, "https://clerk."+c.Domain)
	}
	return issuers
}
