// Package forwarded determines the public origin to which a browser sent a request, and
// the address of the client. Reverse proxies put both into header fields, but so can
// anyone else. The handshake, the Frontend API proxy and the limits use the same rules
// to decide which values to trust.
//
// The origin, see [Rules.Public]:
//
//   - [clerk.Config].PublicURL is the origin of every request.
//   - If origins are configured (AuthorizedParties, AllowedRedirectOrigins,
//     AuthorizedPartyFunc), the forwarded host and scheme are trusted if they form a
//     configured origin. If the Host of a request forms a configured origin, that
//     origin is used: an X-Forwarded-Host from the client cannot change it to another
//     one.
//   - Without configured origins, TrustedProxyHops selects the forwarded value.
//   - A forwarded scheme https is always trusted for the Host as received, because it
//     can only upgrade.
//
// The client's address, see [Rules.ClientAddr]: that of the connection, or the
// X-Forwarded-For entry that TrustedProxyHops points to.
//
// Sources: RFC 7239 for Forwarded. The X-Forwarded-… fields have no standard, so the
// table in providers_test.go names the documentation of each provider.
package forwarded
