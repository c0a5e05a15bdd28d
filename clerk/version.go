package clerk

const (
	// Version is the release of clerkkit, as sent in the User-Agent header.
	Version = "0.1.0"

	// DefaultAPIURL is where the Backend API (BAPI) lives unless [Config].APIURL
	// or CLERK_API_URL say otherwise.
	DefaultAPIURL = "https://api.clerk.com"

	// DefaultAPIVersion is the dated version of Clerk's API that the kit speaks,
	// sent in the Clerk-API-Version header and in the handshake's
	// __clerk_api_version parameter.
	DefaultAPIVersion = "2026-05-12"
)
