// Users and organizations, managed with createClerkClient.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { clientOf, instanceOf } from './suite.mjs';

const instance = instanceOf('development');
const clerk = clientOf(instance);
const status = (code, expected) => error => error.status === code && error.errors[0].code === expected;

test('users', async () => {
  const made = await clerk.users.createUser({
    emailAddress: ['bob@example.com'], username: 'bobby', password: 'correct horse battery', firstName: 'Bob', externalId: 'x1',
    publicMetadata: { plan: 'pro', snake_case: { camelCase: 1 } }, privateMetadata: { secret: 2 },
  });
  assert.deepEqual([made.firstName, made.username, made.externalId, made.passwordEnabled], ['Bob', 'bobby', 'x1', true]);
  assert.equal(made.primaryEmailAddress.emailAddress, 'bob@example.com');
  assert.equal(made.primaryEmailAddress.verification.status, 'verified');
  assert.deepEqual(made.publicMetadata, { plan: 'pro', snake_case: { camelCase: 1 } });
  await assert.rejects(clerk.users.createUser({ emailAddress: ['bob@example.com'], skipPasswordRequirement: true }), status(422, 'form_identifier_exists'));

  assert.equal((await clerk.users.verifyPassword({ userId: made.id, password: 'correct horse battery' })).verified, true);
  await assert.rejects(clerk.users.verifyPassword({ userId: made.id, password: 'wrong' }), e => e.status === 422);
  const updated = await clerk.users.updateUser(made.id, { lastName: 'Builder' });
  assert.equal(updated.fullName, 'Bob Builder');
  const merged = await clerk.users.updateUserMetadata(made.id, { publicMetadata: { plan: null, seats: 3 } });
  assert.deepEqual(merged.publicMetadata, { snake_case: { camelCase: 1 }, seats: 3 });

  const { data, totalCount } = await clerk.users.getUserList({ emailAddress: ['bob@example.com'], orderBy: '-created_at', limit: 5 });
  assert.deepEqual([data.map(u => u.id), totalCount], [[made.id], 1]);
  assert.equal(await clerk.users.getCount({ query: 'bob' }), 1);

  assert.equal((await clerk.users.banUser(made.id)).banned, true);
  assert.equal((await clerk.users.unbanUser(made.id)).banned, false);
  assert.equal((await clerk.users.lockUser(made.id)).locked, true);
  assert.equal((await clerk.users.unlockUser(made.id)).locked, false);

  const image = new Blob([Uint8Array.from(atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='), c => c.charCodeAt(0))], { type: 'image/png' });
  assert.equal((await clerk.users.updateUserProfileImage(made.id, { file: image })).hasImage, true);

  await clerk.users.deleteUser(made.id);
  await assert.rejects(clerk.users.getUser(made.id), status(404, 'resource_not_found'));
});

test('organizations', async () => {
  const user = await clerk.users.createUser({ emailAddress: ['carol@example.com'], skipPasswordRequirement: true });
  const made = await clerk.organizations.createOrganization({ name: 'Widgets', slug: 'widgets', createdBy: user.id, publicMetadata: { a: 1 } });
  assert.deepEqual([made.name, made.slug, made.createdBy, made.publicMetadata], ['Widgets', 'widgets', user.id, { a: 1 }]);
  assert.equal((await clerk.organizations.getOrganization({ slug: 'widgets' })).id, made.id);
  assert.equal((await clerk.organizations.updateOrganization(made.id, { name: 'Gadgets' })).name, 'Gadgets');
  const merged = await clerk.organizations.updateOrganizationMetadata(made.id, { publicMetadata: { b: 2 } });
  assert.deepEqual(merged.publicMetadata, { a: 1, b: 2 });
  const list = await clerk.organizations.getOrganizationList({ query: 'gadgets' });
  assert.deepEqual([list.data.map(o => o.id), list.totalCount], [[made.id], 1]);

  const members = () => clerk.organizations.getOrganizationMembershipList({ organizationId: made.id });
  assert.deepEqual((await members()).data.map(m => [m.publicUserData.userId, m.role]), [[user.id, 'org:admin']]);
  const joined = await clerk.organizations.createOrganizationMembership({ organizationId: made.id, userId: instance.alice, role: 'org:member' });
  assert.deepEqual([joined.role, joined.organization.id], ['org:member', made.id]);
  const promoted = await clerk.organizations.updateOrganizationMembership({ organizationId: made.id, userId: instance.alice, role: 'org:billing' });
  assert.ok(promoted.permissions.includes('org:invoices:create'));
  assert.equal((await members()).totalCount, 2);
  await clerk.organizations.deleteOrganizationMembership({ organizationId: made.id, userId: instance.alice });
  assert.equal((await members()).totalCount, 1);

  const invited = await clerk.organizations.createOrganizationInvitation({
    organizationId: made.id, emailAddress: 'dave@example.com', role: 'org:member', inviterUserId: user.id,
  });
  assert.deepEqual([invited.emailAddress, invited.status], ['dave@example.com', 'pending']);
  const revoked = await clerk.organizations.revokeOrganizationInvitation({ organizationId: made.id, invitationId: invited.id, requestingUserId: user.id });
  assert.equal(revoked.status, 'revoked');

  await clerk.organizations.deleteOrganization(made.id);
  await assert.rejects(clerk.organizations.getOrganization({ organizationId: made.id }), status(404, 'resource_not_found'));
});

test('sessions', async () => {
  const { data } = await clerk.sessions.getSessionList({ userId: instance.alice });
  for (const session of data) {
    assert.equal((await clerk.sessions.getSession(session.id)).userId, instance.alice);
  }
  await assert.rejects(clerk.sessions.getSession('sess_no'), status(404, 'resource_not_found'));
});

test('a wrong secret key', async () => {
  await assert.rejects(clientOf(instance, { secretKey: 'sk_test_wrong' }).users.getUserList(), status(401, 'clerk_key_invalid'));
});
