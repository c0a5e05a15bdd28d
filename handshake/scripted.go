package handshake

// scriptFields are request header fields of scripts that fetch pages or parts of pages
// as text/html. A browser's navigation has none of them. Such a script cannot follow a
// redirect to the Frontend API, which is another origin and allows no CORS. The
// presence of a field counts, because some are empty.
var scriptFields = []string{
	"Hx-Request",          // htmx: https://htmx.org/reference/#request_headers
	"X-Turbo-Request-Id",  // Turbo, every fetch: hotwired/turbo, src/http/fetch.js
	"Turbo-Frame",         // Turbo frames: https://turbo.hotwired.dev/reference/frames
	"Turbolinks-Referrer", // Turbolinks 5: turbolinks/turbolinks, src/turbolinks/http_request.ts
	"X-Pjax",              // defunkt/jquery-pjax, and pjax
	"X-Inertia",           // https://inertiajs.com/the-protocol
	"X-Up-Version",        // https://unpoly.com/up.protocol
	"X-Up-Target",         // Unpoly before 2
	"X-Livewire",          // livewire/livewire, js/request
	"X-Livewire-Navigate", // Livewire's wire:navigate, mostly with an empty value
	"Datastar-Request",    // https://data-star.dev/reference/actions
	"X-Alpine-Request",    // https://alpine-ajax.js.org/reference
	"X-Barba",             // barba.js, value yes: https://barba.js.org/docs/advanced/utils
	"Rsc",                 // React Server Components: vercel/next.js, app-router-headers.ts
}

// prefetchFields mark requests for a page that the user has not opened yet. The browser
// may show the answer later, so it must be the page and not the start of a handshake.
var prefetchFields = []string{
	"Sec-Purpose", // https://wicg.github.io/nav-speculation/prefetch.html
	"Purpose",     // Chrome before Sec-Purpose, and Safari
	"X-Purpose",   // Safari's previews
	"X-Moz",       // Firefox
}

// scripted reports whether a header field shows that the request is not a navigation. A
// field with the value false does not count.
func (q *exchange) scripted() bool {
	for _, names := range [...][]string{scriptFields, prefetchFields} {
		for _, name := range names {
			if v := q.r.Header.Values(name); len(v) > 0 && v[0] != "false" {
				return true
			}
		}
	}
	// Android's WebView sends the name of its app on navigations.
	switch q.header("X-Requested-With") {
	case "XMLHttpRequest", "swup":
		return true
	}
	return false
}
