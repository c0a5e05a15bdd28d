package middleware

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/internal/loglimit"
	"github.com/clerkkit/clerkkit/verify"
)

// warnings log which setting is probably wrong when it causes refusals. Each kind is
// logged at most once a minute. A line shows only verified values of a token, and a kid
// that has the form of Clerk's.
//
// Anyone can send a token with a made-up key. So the lines about keys are logged only
// until the first token verifies: until then the setting may be wrong.
type warnings struct {
	logger   *slog.Logger
	now      func() time.Time
	cfg      wrong
	verified atomic.Bool
	ahead    ahead
	lines    [warningKinds]loglimit.Line
}

// wrong holds the settings that warnings name.
type wrong struct{ static, secret, browsers bool }

type warning int

const (
	warnParty warning = iota
	warnIssuer
	warnAudience
	warnEmulator
	warnKeySize
	warnKey
	warnClock
	warnClockAhead
	warnSecretKey
	warnPages
	warningKinds
)

const warnEvery = time.Minute

func newWarnings(cfg clerk.Config, logger *slog.Logger) *warnings {
	w := &warnings{logger: logger, now: cfg.Now, cfg: wrong{
		static: cfg.JWTKey != "", secret: cfg.SecretKey != "",
		browsers: cfg.PublishableKey == "" && cfg.Handshake == clerk.HandshakeAuto && !cfg.HeaderOnly,
	}}
	if w.now == nil {
		w.now = time.Now
	}
	return w
}

func (w *warnings) warn(ctx context.Context, kind warning, text string, attrs ...slog.Attr) {
	n, due := w.lines[kind].Due(w.now(), warnEvery)
	if !due {
		return
	}
	w.logger.LogAttrs(ctx, slog.LevelWarn, "clerk: "+text, append(attrs, loglimit.LeftOut(n))...)
}

// decided checks a decision for a wrong setting. It costs most requests one atomic
// load.
func (w *warnings) decided(ctx context.Context, m *handshake.Authenticator, r *handshake.Request, d *handshake.Decision) {
	if d.Status == handshake.SignedIn {
		if session := d.Auth.SessionID != ""; session && !w.verified.Load() {
			w.verified.Store(true)
		}
		return
	}
	if d.Cause != nil {
		w.refused(ctx, d.Cause)
	}
	if !w.cfg.browsers {
		return
	}
	if page, _ := m.Navigates(*r); page {
		w.warn(ctx, warnPages, "pages will not be redirected to find out who is signed in: PublishableKey (CLERK_PUBLISHABLE_KEY) is not set; for a server that is only an API, set HeaderOnly (CLERK_HEADER_ONLY)")
	}
}

// refused logs the setting that causes a refusal, if there is one.
func (w *warnings) refused(ctx context.Context, cause error) {
	if be := (*handshake.BackendError)(nil); errors.As(cause, &be) && be.Status == 401 || errors.Is(cause, clerk.ErrSecretKeyInvalid) {
		w.warn(ctx, warnSecretKey, "the Backend API refuses SecretKey (CLERK_SECRET_KEY) or MachineSecretKey (CLERK_MACHINE_SECRET_KEY); was it rotated, or is APIURL (CLERK_API_URL) another one's?")
	}
	e := (*verify.Error)(nil)
	if !errors.As(cause, &e) {
		return
	}
	if e.Mismatch != nil {
		w.mismatch(ctx, e.Mismatch)
		return
	}
	switch e.Reason {
	case clerk.ReasonKeyNotTrusted:
		if errors.Is(e, verify.ErrEmulatorKey) {
			w.warn(ctx, warnEmulator, "a token is signed with the emulator's key, whose private half is published, so it is refused; for tests against the emulator set InsecureEmulator (CLERK_INSECURE_EMULATOR), elsewhere check SecretKey (CLERK_SECRET_KEY), JWTKey (CLERK_JWT_KEY) and APIURL (CLERK_API_URL)")
			return
		}
		w.warn(ctx, warnKeySize, "a token is refused because the signing key is shorter than 2048 bits")
	case clerk.ReasonTokenExpired:
		if by, likely := w.ahead.expired(w.now(), e.Off()); likely && !w.verified.Load() {
			w.warn(ctx, warnClockAhead, "no token has been within its time yet, and the last ones had all expired for about as long: the clock of this machine is ahead by more than ClockSkew; synchronize it", slog.Duration("by", by))
		}
	case clerk.ReasonTokenNotActiveYet, clerk.ReasonTokenIATInTheFuture:
		w.warn(ctx, warnClock, "a token with a good signature is from the future: the clock of this machine is behind by more than ClockSkew; synchronize it", slog.Duration("by", e.Off()))
	case clerk.ReasonTokenInvalidSignature, clerk.ReasonJWKKidMismatch:
		if w.verified.Load() {
			return
		}
		var kid []slog.Attr
		if e.KeyID != "" {
			kid = []slog.Attr{slog.String("kid", e.KeyID)}
		}
		switch {
		case w.cfg.static:
			w.warn(ctx, warnKey, "no token has verified with the key in JWTKey (CLERK_JWT_KEY) yet; is it of the instance that the front end uses, and was it rotated since? Compare the kid in the key set of the Clerk Dashboard", kid...)
		case w.cfg.secret:
			w.warn(ctx, warnKey, "no token has verified with the keys of the instance yet; is SecretKey (CLERK_SECRET_KEY) of the instance that the front end uses? Compare the kid in the key set of the Clerk Dashboard", kid...)
		default:
			w.warn(ctx, warnKey, "no token has verified with the keys of the instance yet; is PublishableKey (CLERK_PUBLISHABLE_KEY) that of the front end? Compare the kid in the key set of the Clerk Dashboard", kid...)
		}
	}
}

func (w *warnings) mismatch(ctx context.Context, m *verify.Mismatch) {
	values := []slog.Attr{slog.String("received", list(m.Received)), slog.String("accepted", list(m.Accepted))}
	switch {
	case m.Claim == "azp" && len(m.Received) == 0:
		w.warn(ctx, warnParty, "a token with a good signature is refused: it has no azp claim, and AuthorizedParties (CLERK_AUTHORIZED_PARTIES) are set; InsecureAllowMissingAuthorizedParty accepts such tokens", values...)
	case m.Claim == "azp":
		w.warn(ctx, warnParty, "a token with a good signature is refused: its azp is none of AuthorizedParties (CLERK_AUTHORIZED_PARTIES); list the origin if it is yours", values...)
	case m.Claim == "iss":
		w.warn(ctx, warnIssuer, "a token with a good signature is refused: its iss is none that follows from PublishableKey (CLERK_PUBLISHABLE_KEY), FrontendAPI (CLERK_FAPI), ProxyURL (CLERK_PROXY_URL), Domain (CLERK_DOMAIN) and Issuers", values...)
	default:
		w.warn(ctx, warnAudience, "a token with a good signature is refused: its aud names none of Audience", values...)
	}
}

// list formats values for a log line. It bounds their length, because a claim can be
// long.
func list(values []string) string {
	const enough = 300
	s := strings.Join(values, " ")
	if len(s) > enough {
		return strings.ToValidUTF8(s[:enough], "") + "…"
	}
	return s
}
