// What the tests share: the emulators, an application, and a browser.
import http from 'node:http';
import { once } from 'node:events';
import express from 'express';
import { clerkMiddleware, getAuth } from '@clerk/express';
import { createClerkClient } from '@clerk/backend';

const instances = JSON.parse(process.env.BACKENDJS_INSTANCES);

/** An emulator that the Go test started: development, production or short. */
export const instanceOf = name => instances[name];

/** The SDK's client for an emulator. */
export const clientOf = (instance, options = {}) =>
  createClerkClient({
    apiUrl: instance.url,
    secretKey: instance.secretKey,
    publishableKey: instance.publishableKey,
    telemetry: { disabled: true },
    ...options,
  });

/** An @clerk/express application for an emulator. It ends with the test t. */
export async function application(t, instance, options = {}) {
  const app = express();
  app.use(
    clerkMiddleware({
      clerkClient: clientOf(instance, options.client),
      apiUrl: instance.url,
      secretKey: instance.secretKey,
      publishableKey: instance.publishableKey,
      proxyUrl: instance.proxyUrl,
      signInUrl: instance.signInUrl,
      ...options.middleware,
    }),
  );
  app.get('/me', (req, res) => {
    const auth = getAuth(req);
    res.json({
      userId: auth.userId,
      sessionId: auth.sessionId,
      orgId: auth.orgId,
      orgRole: auth.orgRole,
      canInvoice: auth.has?.({ permission: 'org:invoices:create' }) ?? false,
      azp: auth.sessionClaims?.azp,
    });
  });
  app.get('/machine', (req, res) => {
    const auth = getAuth(req, { acceptsToken: ['api_key', 'm2m_token', 'oauth_token'] });
    const { tokenType, id, subject, userId, scopes, claims, name } = auth;
    res.status(auth.isAuthenticated ? 200 : 401).json({ tokenType, id, subject, userId, scopes, claims, name });
  });
  app.use((err, _req, res, _next) => res.status(500).json({ error: err.message }));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: server.address().port, url: `http://localhost:${server.address().port}` };
}

/**
 * A browser, as far as it matters here: cookies by host and domain, redirects,
 * and the headers of a navigation. hosts gives names of this test the ports
 * behind them, as a DNS server and a TLS terminator would.
 */
export class Browser {
  cookies = [];

  constructor(hosts = {}) {
    this.hosts = hosts;
  }

  /** One request, without following redirects. */
  async request(target, { method = 'GET', headers = {}, form } = {}) {
    const url = new URL(target);
    const body = form && new URLSearchParams(form).toString();
    const sent = { host: url.host, ...headers };
    const cookie = this.cookiesFor(url);
    if (cookie) sent.cookie = cookie;
    if (body !== undefined) {
      sent['content-type'] = 'application/x-www-form-urlencoded';
      sent['content-length'] = Buffer.byteLength(body);
    }
    if (url.protocol === 'https:') {
      sent['x-forwarded-proto'] = 'https';
      sent['x-forwarded-host'] = url.host;
    }
    const port = this.hosts[url.hostname] ?? url.port;
    const req = http.request({ host: '127.0.0.1', port, method, path: url.pathname + url.search, headers: sent });
    req.end(body);
    const [res] = await once(req, 'response');
    let text = '';
    for await (const chunk of res.setEncoding('utf8')) text += chunk;
    for (const line of res.headers['set-cookie'] ?? []) this.store(url, line);
    const location = res.headers.location && new URL(res.headers.location, url).href;
    return { url: url.href, status: res.statusCode, headers: res.headers, location, text, json: () => JSON.parse(text) };
  }

  /** A navigation. hops are all answers on the way; change may rewrite a redirect. */
  async navigate(target, { change = url => url, ...init } = {}) {
    const hops = [];
    const headers = { accept: 'text/html', 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' };
    let next = { target, init };
    while (next) {
      if (hops.length === 10) throw new Error(`redirected without end: ${hops.map(h => h.url).join('\n')}`);
      const answer = await this.request(next.target, { ...next.init, headers: { ...headers, ...next.init.headers } });
      hops.push(answer);
      next = answer.location && { target: change(answer.location), init: {} };
    }
    return Object.assign(hops.at(-1), { hops });
  }

  cookie(url, name) {
    return this.matching(new URL(url)).find(c => c.name === name)?.value;
  }

  matching(url) {
    const now = Date.now();
    this.cookies = this.cookies.filter(c => c.expires > now);
    return this.cookies.filter(
      c =>
        (c.hostOnly ? url.hostname === c.domain : `.${url.hostname}`.endsWith(`.${c.domain}`)) &&
        (!c.secure || url.protocol === 'https:' || url.hostname === 'localhost'),
    );
  }

  cookiesFor(url) {
    return this.matching(url)
      .map(c => `${c.name}=${c.value}`)
      .join('; ');
  }

  store(url, line) {
    const [pair, ...attributes] = line.split(';').map(s => s.trim());
    const at = pair.indexOf('=');
    const cookie = {
      name: pair.slice(0, at),
      value: pair.slice(at + 1),
      domain: url.hostname,
      hostOnly: true,
      secure: false,
      expires: Infinity,
    };
    for (const attribute of attributes) {
      const [key, value = ''] = attribute.split('=');
      switch (key.toLowerCase()) {
        case 'domain':
          cookie.domain = value.replace(/^\./, '');
          cookie.hostOnly = false;
          break;
        case 'secure':
          cookie.secure = true;
          break;
        case 'expires':
          if (cookie.expires === Infinity) cookie.expires = Date.parse(value);
          break;
        case 'max-age':
          cookie.expires = Date.now() + Number(value) * 1000;
          break;
      }
    }
    if (!cookie.hostOnly && !`.${url.hostname}`.endsWith(`.${cookie.domain}`)) return; // another site's
    this.cookies = this.cookies.filter(c => c.name !== cookie.name || c.domain !== cookie.domain || c.hostOnly !== cookie.hostOnly);
    this.cookies.push(cookie);
  }
}

export const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
