// Users sign in to an unmodified @clerk/express application through the emulator.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { application, Browser, instanceOf, sleep } from './suite.mjs';

// withoutFormat asks for the handshake as SDKs do that do not know the nonce form.
const withoutFormat = target => {
  const url = new URL(target);
  url.searchParams.delete('format');
  return url.href;
};

const forms = {
  'nonce form': { change: url => url, parameter: '__clerk_handshake_nonce' },
  'token form': { change: withoutFormat, parameter: '__clerk_handshake' },
};

for (const [name, { change, parameter }] of Object.entries(forms)) {
  test(`development, ${name}`, async t => {
    const instance = instanceOf('development');
    const app = await application(t, instance, { middleware: { authorizedParties: undefined } });
    const browser = new Browser();

    // Nobody is signed in, which the application learns from the handshake.
    const first = await browser.navigate(`${app.url}/me`, { change });
    assert.equal(first.status, 200);
    assert.equal(first.json().userId, null);
    assert.ok(first.hops.some(h => h.url.startsWith(`${instance.url}/v1/client/handshake?`)), 'there was a handshake');
    assert.ok(first.hops.some(h => new URL(h.url).searchParams.has(parameter)), `the answer came as ${parameter}`);
    assert.ok(!first.url.includes('__clerk'), first.url);

    // The sign-in page of the emulator, and back.
    const submitted = await browser.navigate(`${instance.url}/sign-in`, {
      method: 'POST',
      form: { identifier: 'alice@example.com', password: 'correct horse', redirect_url: `${app.url}/me`, __clerk_db_jwt: browser.cookie(app.url, '__clerk_db_jwt') },
      headers: { origin: instance.url },
      change,
    });
    assert.equal(submitted.status, 200);
    assert.equal(submitted.json().userId, instance.alice);
    assert.equal(submitted.json().azp, app.url);

    // From now on the cookies are enough.
    const next = await browser.navigate(`${app.url}/me`, { change });
    assert.equal(next.hops.length, 1);
    assert.equal(next.json().sessionId, submitted.json().sessionId);

    // A request that is no navigation is answered, not redirected.
    const api = await browser.request(`${app.url}/me`, { headers: { accept: 'application/json' } });
    assert.equal(api.json().userId, instance.alice);

    const bye = await browser.navigate(`${instance.url}/sign-out?redirect_url=${encodeURIComponent(`${app.url}/me`)}`, { change });
    assert.equal(bye.status, 200);
    assert.equal(bye.json().userId, null);
  });

  test(`production, ${name}`, async t => {
    const instance = instanceOf('production');
    const app = await application(t, instance, { middleware: { authorizedParties: [instance.origin] } });
    const browser = new Browser({
      [new URL(instance.origin).hostname]: app.port,
      [instance.frontendApi]: new URL(instance.url).port,
    });
    const face = `https://${instance.frontendApi}`;
    const page = `${instance.origin}/me`;

    // Without __client_uat a production application knows: nobody is signed in.
    const first = await browser.navigate(page, { change });
    assert.equal(first.hops.length, 1);
    assert.equal(first.json().userId, null);

    const submitted = await browser.navigate(`${face}/sign-in`, {
      method: 'POST',
      form: { identifier: 'alice@example.com', password: 'correct horse', redirect_url: page },
      change,
    });
    assert.equal(submitted.status, 200, submitted.text);
    assert.equal(submitted.json().userId, instance.alice);
    assert.equal(submitted.json().azp, instance.origin);
    const answer = submitted.hops.find(h => h.url.startsWith(`${face}/v1/client/handshake?`));
    assert.equal(answer.status, 307);
    assert.ok(answer.headers['set-cookie'].some(c => c.startsWith(`${parameter}=`)), `the answer came as the cookie ${parameter}`);
    assert.ok(submitted.hops.every(h => !h.url.includes(`${parameter}=`)), 'nothing of it is in a URL');
    assert.equal(browser.cookie(page, parameter), undefined, 'the answer is gone');

    const next = await browser.navigate(page, { change });
    assert.equal(next.hops.length, 1);
    assert.equal(next.json().userId, instance.alice);

    const bye = await browser.navigate(`${face}/sign-out?redirect_url=${encodeURIComponent(page)}`, { change });
    assert.equal(bye.json().userId, null);
  });
}

test('an organization in the session', async t => {
  const instance = instanceOf('development');
  const app = await application(t, instance, {
    middleware: { organizationSyncOptions: { organizationPatterns: ['/orgs/:id', '/orgs/:id/(.*)'] } },
  });
  const browser = new Browser();
  await browser.navigate(`${app.url}/me`);
  await browser.navigate(`${instance.url}/sign-in`, {
    method: 'POST',
    form: { user_id: instance.alice, redirect_url: `${app.url}/me`, __clerk_db_jwt: browser.cookie(app.url, '__clerk_db_jwt') },
  });
  const before = await browser.navigate(`${app.url}/me`);
  assert.equal(before.json().orgId ?? null, null);
  await browser.navigate(`${app.url}/orgs/org_acme`); // 404, but authenticated on the way
  const after = await browser.navigate(`${app.url}/me`);
  assert.equal(after.json().orgId, 'org_acme');
  assert.equal(after.json().orgRole, 'org:billing');
  assert.equal(after.json().canInvoice, true);
});

test('an expired session token is refreshed by the Backend API', async t => {
  const instance = instanceOf('short');
  const app = await application(t, instance, { middleware: { clockSkewInMs: 1 } });
  const browser = new Browser();
  await browser.navigate(`${app.url}/me`);
  const submitted = await browser.navigate(`${instance.url}/sign-in`, {
    method: 'POST',
    form: { user_id: instance.alice, redirect_url: `${app.url}/me`, __clerk_db_jwt: browser.cookie(app.url, '__clerk_db_jwt') },
  });
  assert.equal(submitted.json().userId, instance.alice);
  const token = browser.cookie(app.url, '__session');
  await sleep(2500);
  const refreshed = await browser.navigate(`${app.url}/me`);
  assert.equal(refreshed.json().userId, instance.alice);
  assert.equal(refreshed.hops.length, 1, 'without a redirect');
  assert.notEqual(browser.cookie(app.url, '__session'), token);

  // Without the refresh token it takes a handshake.
  browser.cookies = browser.cookies.filter(c => !c.name.startsWith('__refresh'));
  await sleep(2500);
  const again = await browser.navigate(`${app.url}/me`);
  assert.equal(again.json().userId, instance.alice);
  assert.ok(again.hops.length > 1, 'with a handshake');
});

test('a token that somebody else signed', async t => {
  const instance = instanceOf('development');
  const app = await application(t, instance);
  const other = instanceOf('short'); // signs with the same key, under another issuer and secret key
  const browser = new Browser();
  for (const token of ['x', 'a.b.c', other.apiKey, other.oauthToken]) {
    const answer = await browser.request(`${app.url}/machine`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(answer.status, 401, token.slice(0, 3));
  }
});
