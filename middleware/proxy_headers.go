package middleware

import (
	"net/http"
	"strings"
)

// proxyFields are the request fields that the proxy forwards unchanged: those of
// browsers, and those that Clerk's own clients set (clerk-js in clerk/javascript;
// clerk-ios, clerk-android and @clerk/expo for the last lines). It drops all others. A
// client's Clerk-… field would claim to come from this server. A client can forge
// fields that name its address (Cf-Connecting-Ip, X-Real-Ip, Forwarded). And servers
// that turn names into CGI variables read Clerk_Secret_Key as Clerk-Secret-Key.
var proxyFields = fieldSet(
	"Accept", "Accept-Encoding", "Accept-Language", "Cache-Control", "Content-Encoding", "Content-Type", "Dnt", "If-Modified-Since", "If-None-Match",
	"Origin", "Pragma", "Priority", "Range", "Referer", "Upgrade-Insecure-Requests", "User-Agent", "X-Requested-With",
	"Access-Control-Request-Headers", "Access-Control-Request-Method",
	"Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Fetch-User", "Sec-Gpc", "Sec-Purpose",
	"Sec-Ch-Ua", "Sec-Ch-Ua-Arch", "Sec-Ch-Ua-Bitness", "Sec-Ch-Ua-Full-Version", "Sec-Ch-Ua-Full-Version-List", "Sec-Ch-Ua-Mobile", "Sec-Ch-Ua-Model",
	"Sec-Ch-Ua-Platform", "Sec-Ch-Ua-Platform-Version",
	"Clerk-Api-Version", "X-Mobile", "X-Expo-Sdk-Version", "X-Ios-Sdk-Version", "X-Android-Sdk-Version", "X-Native-Device-Id", "X-Clerk-Client", "X-Clerk-Client-Id",
)

func fieldSet(names ...string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}

// handOn returns the header for the request to the Frontend API.
func handOn(h http.Header) http.Header {
	out := make(http.Header, len(h))
	for name, values := range h {
		if proxyFields[name] {
			out[name] = append([]string(nil), values...)
		}
	}
	if authorization, ok := clientAuthorization(h["Authorization"]); ok {
		out.Set("Authorization", authorization)
	}
	if cookies := clerkCookies(h["Cookie"]); cookies != "" {
		out.Set("Cookie", cookies)
	}
	return out
}

// clientAuthorization forwards what Clerk's clients send: a Bearer token, or the bare
// client token of a native application, which is empty before the first answer. It
// drops other schemes: a Basic password for this site must not reach the Frontend API.
func clientAuthorization(fields []string) (string, bool) {
	if len(fields) != 1 {
		return "", false
	}
	value := strings.Trim(fields[0], " \t")
	scheme, token, hasScheme := strings.Cut(value, " ")
	if hasScheme && !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	if !hasScheme {
		token = value
	}
	return value, !strings.ContainsAny(strings.TrimLeft(token, " "), " \t,")
}

// clerkCookies removes the application's own cookies, which must not reach the Frontend
// API.
func clerkCookies(fields []string) string {
	var kept []string
	for _, field := range fields {
		for pair := range strings.SplitSeq(field, ";") {
			pair = strings.TrimSpace(pair)
			for _, prefix := range []string{"__client", "__session", "__refresh", "__clerk", "__dev_", "clerk_", "__cf", "_cf", "cf_"} {
				if strings.HasPrefix(pair, prefix) {
					kept = append(kept, pair)
					break
				}
			}
		}
	}
	return strings.Join(kept, "; ")
}
