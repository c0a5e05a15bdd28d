// Reads protocol cases as JSON lines on standard input and writes what
// @clerk/backend answers to each as JSON lines on standard output, in order.
// Clock, network and environment are those of the case; every case starts with
// cold key caches.
import { createInterface } from 'node:readline';

process.env.CLERK_TELEMETRY_DISABLED = '1';
console.log = console.warn = console.error = () => {};

const RealDate = Date;
let now = 0;
globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length ? args : [now]));
  }
  static now() {
    return now;
  }
};

// Pauses between attempts take no time.
const realSetTimeout = globalThis.setTimeout;
globalThis.setTimeout = (f, _ms, ...args) => realSetTimeout(f, 0, ...args);

let answers = [];
let used = new Map();
globalThis.fetch = async (input, init = {}) => {
  const url = new URL(typeof input === 'string' ? input : input.url);
  const method = (init.method ?? 'GET').toUpperCase();
  const found = answers.filter(a => a.method === method && (a.path === url.pathname || a.path === decodeURI(url.pathname)));
  const key = `${method} ${url.pathname}`;
  const n = used.get(key) ?? 0;
  used.set(key, n + 1);
  const a = found.length
    ? found[Math.min(n, found.length - 1)]
    : { status: 404, json: { errors: [{ code: 'resource_not_found', message: 'not found' }] } };
  if (a.networkError) {
    throw new TypeError('fetch failed');
  }
  const status = a.status ?? 200;
  const body = status === 204 ? null : (a.text ?? JSON.stringify(a.json));
  const headers = new Headers(a.headers ?? {});
  const type = a.contentType ?? 'application/json';
  headers.set('content-type', type);
  return new Response(body, { status, headers });
};

// Loaded last: the SDK takes hold of fetch when it is loaded.
const { createClerkClient } = await import('@clerk/backend');
const { createAuthenticateRequest } = await import('@clerk/backend/internal');

const given = v => v !== null && v !== undefined;
const pick = (o, names) => Object.fromEntries(names.filter(n => given(o[n])).map(n => [n, o[n]]));

let cases = 0;

async function answer(c) {
  now = c.now;
  answers = c.bapi ?? [];
  used = new Map();
  for (const name of ['VERCEL_TARGET_ENV', 'VERCEL_PROJECT_PRODUCTION_URL', 'CLERK_DISABLE_AUTO_PROXY']) {
    delete process.env[name];
  }
  Object.assign(process.env, c.env ?? {});
  // The SDK keeps signing keys by API address, so each case gets its own.
  const o = { ...c.options, apiUrl: `https://api-${++cases}.clerk.test` };
  const options = pick(o, [
    'publishableKey', 'secretKey', 'machineSecretKey', 'jwtKey', 'apiUrl', 'domain', 'isSatellite', 'proxyUrl', 'audience',
  ]);
  const client = c.entry === 'no-api-client' ? createAuthenticateRequest({ options }) : createClerkClient(options);
  const headers = new Headers();
  for (const [name, value] of c.request.headers) {
    headers.append(name, value);
  }
  const request = new Request(c.request.url, { method: c.request.method, headers });
  const state = await client.authenticateRequest(request, {
    ...pick(o, ['acceptsToken', 'authorizedParties', 'clockSkewInMs', 'organizationSyncOptions', 'satelliteAutoSync', 'signInUrl', 'audience']),
  });
  const out = {
    status: state.status,
    reason: state.reason,
    tokenType: state.tokenType,
    setCookie: state.headers.getSetCookie(),
    location: state.headers.get('location'),
    quirks: [],
  };
  const auth = options => {
    const a = state.toAuth(options);
    return a && JSON.parse(JSON.stringify(a));
  };
  try {
    out.auth = auth();
    const pending = auth({ treatPendingAsSignedOut: false });
    if (out.auth?.sessionStatus === 'pending') {
      out.authPendingAllowed = pending;
    }
  } catch {
    out.quirks.push('throwing-auth');
  }
  // A success of the Backend API about nobody, which counts as verified there.
  if (state.status === 'signed-in' && state.tokenType !== 'session_token' && !out.auth?.id) {
    out.quirks.push('empty-machine-token');
  }
  return out;
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  if (!line) continue;
  const c = JSON.parse(line);
  let expect;
  try {
    expect = await answer(c);
  } catch (e) {
    expect = {
      error: { name: e?.name ?? 'Error', message: String(e?.message ?? e), code: e?.code, crash: e instanceof TypeError },
      quirks: e instanceof TypeError ? ['crash'] : [],
    };
  }
  process.stdout.write(JSON.stringify({ id: c.id, expect }) + '\n');
}

// Timers of the SDK would keep the process alive.
process.stdout.write('', () => process.exit(0));
