// Package forwarded works out what a request says of its own way here: the public
// origin at which the browser asked for it, and the address of the client. Reverse
// proxies tell both in header fields, and so can anyone else. One rule says what is
// believed, for the handshake, the proxy of the Frontend API and the limits alike.
//
// The origin, see [Rules.Public]:
//
//   - [clerk.Config].PublicURL is the origin of every request.
//   - Where origins are configured (AuthorizedParties, AllowedRedirectOrigins,
//     AuthorizedPartyFunc), the forwarded host and scheme are believed if the origin
//     that they make is a configured one. A request whose own Host makes a configured
//     origin keeps it: a client's X-Forwarded-Host cannot move it to another one.
//   - Without configured origins, TrustedProxyHops says which forwarded value counts.
//   - A forwarded https for the Host as received is always believed. It can only
//     upgrade.
//
// The client's address, see [Rules.ClientAddr]: that of the connection, or the
// X-Forwarded-For entry that TrustedProxyHops points to.
//
// Sources: RFC 7239 for Forwarded; the X-Forwarded-… fields have no standard, so
// the table in providers_test.go names for each provider where it documents them.
package forwarded
