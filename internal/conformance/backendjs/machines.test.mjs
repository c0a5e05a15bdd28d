// Machine tokens of the emulator, made and verified by unmodified SDKs.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { application, Browser, clientOf, instanceOf } from './suite.mjs';

const instance = instanceOf('development');
const call = (app, token) => new Browser().request(`${app.url}/machine`, { headers: { authorization: `Bearer ${token}` } });
const status = (code, expected) => error => error.status === code && error.errors[0].code === expected;

test('M2M tokens', async t => {
  const clerk = clientOf(instance);
  const api = await clerk.machines.create({ name: 'api' });
  const job = await clerk.machines.create({ name: 'job', scopedMachines: [api.id], defaultTokenTtl: 120 });
  assert.equal(job.scopedMachines[0].id, api.id);
  const { secret } = await clerk.machines.getSecretKey(api.id);
  assert.equal(secret, api.secretKey);

  const caller = clientOf(instance, { machineSecretKey: job.secretKey });
  const callee = clientOf(instance, { machineSecretKey: api.secretKey });
  const token = await caller.m2m.createToken({ claims: { role: 'x' } });
  assert.match(token.token, /^mt_/);
  assert.deepEqual([token.subject, token.scopes, token.claims], [job.id, [api.id], { role: 'x' }]);
  assert.equal(token.expiration - token.createdAt, 120_000);
  assert.equal((await callee.m2m.verify({ token: token.token })).id, token.id);
  assert.equal((await clerk.m2m.list({ subject: job.id })).totalCount, 1);

  const app = await application(t, instance, { middleware: { machineSecretKey: api.secretKey } });
  const answer = await call(app, token.token);
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.json(), { tokenType: 'm2m_token', id: token.id, subject: job.id, scopes: [api.id], claims: { role: 'x' } });
  assert.equal((await call(app, `${token.token}x`)).status, 401);

  const jwt = await caller.m2m.createToken({ tokenFormat: 'jwt', claims: { role: 'y' } });
  const byKey = await call(app, jwt.token);
  assert.equal(byKey.status, 200, byKey.text);
  assert.deepEqual([byKey.json().subject, byKey.json().claims], [job.id, { role: 'y' }]);
  assert.equal((await callee.m2m.verify({ token: jwt.token })).subject, job.id);

  const revoked = await caller.m2m.revokeToken({ m2mTokenId: token.id, revocationReason: 'lost' });
  assert.equal(revoked.revoked, true);
  assert.equal((await call(app, token.token)).status, 401);
  await assert.rejects(callee.m2m.verify({ token: token.token }), status(404, 'resource_not_found'));

  const stranger = await clerk.machines.create({ name: 'stranger' });
  const unwanted = await clientOf(instance, { machineSecretKey: stranger.secretKey }).m2m.createToken();
  assert.equal((await call(app, unwanted.token)).status, 401, 'a machine without the scope');

  const rotated = await clerk.machines.rotateSecretKey({ machineId: job.id, previousTokenTtl: 0 });
  assert.notEqual(rotated.secret, job.secretKey);
  await assert.rejects(caller.m2m.createToken(), status(401, 'clerk_key_invalid'));
  await clerk.machines.deleteScope(job.id, api.id);
  assert.deepEqual((await clerk.machines.get(job.id)).scopedMachines, []);
  await clerk.machines.delete(job.id);
  await assert.rejects(clerk.machines.get(job.id), status(404, 'resource_not_found'));
});

test('API keys', async t => {
  const clerk = clientOf(instance);
  const app = await application(t, instance);
  const key = await clerk.apiKeys.create({ name: 'nightly', subject: instance.alice, scopes: ['read'], claims: { a: 1 }, secondsUntilExpiration: 60 });
  assert.match(key.secret, /^ak_/);
  const answer = await call(app, key.secret);
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.json(), {
    tokenType: 'api_key', id: key.id, subject: instance.alice, userId: instance.alice, scopes: ['read'], claims: { a: 1 }, name: 'nightly',
  });
  assert.equal((await call(app, instance.apiKey)).status, 200);
  assert.equal((await clerk.apiKeys.verify(key.secret)).id, key.id);
  assert.equal((await clerk.apiKeys.getSecret(key.id)).secret, key.secret);
  const changed = await clerk.apiKeys.update({ apiKeyId: key.id, subject: instance.alice, description: 'd', scopes: ['write'] });
  assert.deepEqual([changed.description, changed.scopes], ['d', ['write']]);
  const list = await clerk.apiKeys.list({ subject: instance.alice });
  assert.ok(list.data.some(k => k.id === key.id));
  await clerk.apiKeys.revoke({ apiKeyId: key.id, revocationReason: 'lost' });
  assert.equal((await call(app, key.secret)).status, 401);
  await clerk.apiKeys.delete(key.id);
  await assert.rejects(clerk.apiKeys.get(key.id), status(404, 'resource_not_found'));
});

test('OAuth access tokens', async t => {
  const clerk = clientOf(instance);
  const app = await application(t, instance);
  for (const token of [instance.oauthToken, instance.oauthJwt]) {
    const answer = await call(app, token);
    assert.equal(answer.status, 200, answer.text);
    const { tokenType, userId, scopes } = answer.json();
    assert.deepEqual([tokenType, userId, scopes], ['oauth_token', instance.alice, ['read', 'write']]);
  }
  const verified = await clerk.idPOAuthAccessToken.verify(instance.oauthToken);
  assert.equal(verified.subject, instance.alice);
  await assert.rejects(clerk.idPOAuthAccessToken.verify('oat_no'), status(404, 'resource_not_found'));
});

test('the authorization code flow of an OAuth application', async t => {
  const clerk = clientOf(instance);
  const app = await application(t, instance);
  const redirectUri = `${app.url}/callback`;
  const client = await clerk.oauthApplications.create({ name: 'reader', redirectUris: [redirectUri], scopes: 'openid profile email' });
  assert.equal(client.authorizeUrl, `${instance.url}/oauth/authorize`);
  const browser = new Browser();
  const authorize = new URL(client.authorizeUrl);
  for (const [name, value] of Object.entries({
    response_type: 'code', client_id: client.clientId, redirect_uri: redirectUri, scope: 'openid profile email', state: 'a long state',
  })) {
    authorize.searchParams.set(name, value);
  }
  const signIn = await browser.navigate(authorize.href);
  const back = new URL(signIn.url).searchParams.get('redirect_url');
  const consent = await browser.navigate(`${instance.url}/sign-in`, { method: 'POST', form: { user_id: instance.alice, redirect_url: back } });
  assert.match(consent.text, /wants to/);
  const form = Object.fromEntries(new URL(consent.url).searchParams);
  const granted = await browser.request(`${instance.url}/oauth-consent`, { method: 'POST', form: { ...form, consented: 'true' } });
  const code = new URL(granted.location).searchParams.get('code');
  const answer = await fetch(client.tokenFetchUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${client.clientId}:${client.clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: redirectUri }),
  });
  const tokens = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(tokens));
  const seen = await call(app, tokens.access_token);
  assert.deepEqual([seen.status, seen.json().userId], [200, instance.alice]);
  const info = await fetch(client.userInfoUrl, { headers: { authorization: `Bearer ${tokens.access_token}` } });
  assert.equal((await info.json()).email, 'alice@example.com');
  await clerk.oauthApplications.delete(client.id);
});
