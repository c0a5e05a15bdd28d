package middlewaretest

import (
	"net/http"
	"strings"
)

// oddHeads are heads of requests that no browser sends. PATH is the path of a gated
// route. Some are refused by the server, some by the router; none may reach the
// handler.
var oddHeads = []string{
	"CONNECT PATH HTTP/1.1\r\nHost: app.example.com",
	"CONNECT app.example.com:80 HTTP/1.1\r\nHost: app.example.com",
	"CONNECT http://app.example.com/PATH HTTP/1.1\r\nHost: app.example.com",
	"TRACE PATH HTTP/1.1\r\nHost: app.example.com\r\nMax-Forwards: 0",
	"OPTIONS * HTTP/1.1\r\nHost: app.example.com\r\nOrigin: https://app.example.com\r\nAccess-Control-Request-Method: GET",
	"OPTIONS http://app.example.comPATH HTTP/1.1\r\nHost: a.example\r\nOrigin: null\r\nAccess-Control-Request-Method: GET",
	"OPTIONS PATH HTTP/1.1\r\nHost: app.example.com\r\norigin:\r\naccess-control-request-method:",
	"OPTIONS PATH HTTP/1.0\r\nOrigin: x\r\nAccess-Control-Request-Method: OPTIONS",
	"HEAD PATH HTTP/1.1\r\nHost: app.example.com\r\nOrigin: x\r\nAccess-Control-Request-Method: HEAD",
	"BREW PATH HTTP/1.1\r\nHost: app.example.com",
	"M-SEARCH PATH HTTP/1.1\r\nHost: app.example.com",
	"QUERY PATH HTTP/1.1\r\nHost: app.example.com\r\nContent-Length: 0",
	"get PATH HTTP/1.1\r\nHost: app.example.com",
	"GET PATH HTTP/1.1\r\nHost: app.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://app.example.com",
	"GET PATH HTTP/1.1\r\nHost: app.example.com\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA",
	"GET PATH HTTP/1.1\r\nHost: app.example.com\r\nConnection: Authorization\r\nAuthorization: Bearer forged",
	"GET PATH HTTP/1.1\r\nHost: app.example.com\r\nAuthorization: Bearer forged\r\nAuthorization: Bearer forged",
	"GET PATH HTTP/1.1\r\nHost: app.example.com\r\nAuthorization: Bearer\r\nCookie: __session=; __client_uat=0",
	"GET PATH HTTP/1.1\r\nHost: app.example.com\r\nAuthorization:\r\n\tBearer forged",
	"GET PATH HTTP/1.1\r\nHost: app.example.com\r\nProxy-Authorization: Bearer forged\r\nX-Authorization: Bearer forged",
	"GET PATH HTTP/1.1\r\nHost: app.example.com\r\nX-Middleware-Subrequest: middleware\r\nX-Original-URL: /\r\nX-Rewrite-URL: /\r\nX-Forwarded-Prefix: /",
	"GET PATH HTTP/1.1\r\nHost: app.example.com\r\nX-Clerk-Auth-Status: signed-in\r\nX-Clerk-Auth-Reason: x\r\nX-User: user_1\r\nClerk-Secret-Key: x",
	"GET PATH HTTP/1.1\r\nHost: app.example.com\r\nCookie: __session\r\nCookie: =; ; __clerk_handshake=x; __clerk_handshake_nonce=x",
	"GET PATH?__clerk_handshake=x&__clerk_handshake_nonce=x&__session=x&token=x&access_token=x HTTP/1.1\r\nHost: app.example.com",
	"GET PATH HTTP/1.1\r\nHost: app.example.com\r\nExpect: 100-continue\r\nContent-Length: 0",
	"GET PATH HTTP/1.1\r\nHost: app.example.com\r\nRange: bytes=0-3\r\nIf-None-Match: *\r\nIf-Modified-Since: Mon, 30 Nov 2026 00:00:00 GMT",
	"GET PATH/ HTTP/1.1\r\nHost: app.example.com", "GET //x/..PATH HTTP/1.1\r\nHost: app.example.com", "GET PATH%2F HTTP/1.1\r\nHost: app.example.com",
	"GET PATH;x=y HTTP/1.1\r\nHost: app.example.com", "GET PATH%00 HTTP/1.1\r\nHost: app.example.com", "GET PATH# HTTP/1.1\r\nHost: app.example.com",
	"GET http://app.example.comPATH HTTP/1.1\r\nHost: app.example.com", "GET http://app.example.com:80PATH? HTTP/1.0\r\nHost:",
}

// oddRequests are about requests that only a program of a stranger's sends: no
// handler behind a gate runs for one.
func oddRequests() (all []behaviour) {
	for _, at := range gateAt {
		all = append(all, behaviour{"odd requests/refused, gate at " + at, func(c *checker) {
			s, paths, reached := c.every(setup{}, at)
			for i, path := range paths {
				for _, head := range oddHeads {
					a := s.head(strings.ReplaceAll(head, "PATH", path))
					if reached.Swap(0) > 0 || strings.Contains(a.body, everyText) || a.status == http.StatusSwitchingProtocols {
						s.errorf("%s: %q: the handler ran: status %d, body %q", c.router.EveryMethod[i], head, a.status, a.body)
					}
				}
			}
		}})
	}
	return all
}
