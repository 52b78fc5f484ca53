import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { remitSchema, userSchema } from '../../src/enrolment/scim/protocol/schema.ts';
import { passTime } from '../../src/platform/clock.ts';
import { patchOp, type ScimCall, type ScimStage, scimStage } from '../harness/scim.ts';

/** What only a feed writes, and what it takes back by writing. */
let stage: ScimStage;
let key: string;

beforeAll(async () => {
  stage = await scimStage();
  ({ key } = await stage.feed('acme'));
});
afterAll(() => stage?.close());

const made = async (more: Record<string, unknown>): Promise<{ id: string }> => {
  const answer = await stage.ask('POST', '/Users', { key, body: { schemas: [userSchema], ...more } });
  expect(answer.status).toBe(201);
  return answer.body;
};
const define = (field: Record<string, unknown>) =>
  stage.world.as('owner', 'attribute.define', {
    organizationId: stage.world.organizations.acme.id,
    label: 'Payroll number',
    kind: 'text',
    ...field,
  } as never);

it('a field for feeds is filled in by a feed, and by no person over the same address', async () => {
  await define({ key: 'payroll', changedBy: 'source' });
  const field = (value: string) => ({ [remitSchema]: { attributes: { payroll: value } } });
  const { id } = await made({ userName: 'fed@example.test', ...field('17') });
  const read = async () =>
    (await stage.ask('GET', `/Users/${id}`, { key })).body[remitSchema].attributes.payroll;
  expect(await read()).toBe('17');
  const path = `${remitSchema}:attributes.payroll`;
  const body = patchOp({ op: 'replace', path, value: '18' });
  expect((await stage.ask('PATCH', `/Users/${id}`, { key, body })).status).toBe(200);
  expect(await read()).toBe('18');
  const byHand = { organizationId: stage.world.organizations.acme.id, membershipId: id };
  const person = stage.world.as('owner', 'scim-user.update', {
    ...byHand,
    body: patchOp({ op: 'replace', path, value: '19' }),
  });
  await expect(person).rejects.toMatchObject({ code: 'input.invalid' });
  expect(await read()).toBe('18');
});

it('a field that only managers see is told to no application', async () => {
  await expect(define({ key: 'secret', seenBy: 'managers', claim: true })).rejects.toMatchObject({
    code: 'input.invalid',
    details: { field: 'claim' },
  });
  await define({ key: 'secret', seenBy: 'self', claim: true });
  // Neither is one that was told before it was hidden.
  await expect(define({ key: 'secret', seenBy: 'managers' })).rejects.toMatchObject({
    details: { field: 'claim' },
  });
});

it.each([
  ['turned', 'replace', 'elsewhere@example.test'],
  ['removed', 'remove', undefined],
] as const)('an open invitation to an address that a feed %s is taken back', async (word, op, value) => {
  const was = `${word}-from@example.test`;
  const { id } = await made({
    userName: `${word}@example.test`,
    emails: [{ value: was, type: 'work', primary: true }],
  });
  const { results } = await stage.world.as('owner', 'membership.invite', { membershipIds: [id] });
  const invitationId = results[0]!.invitationId!;
  const state = async () =>
    (
      await sql<{ state: string }>`select state from invitation where id = ${invitationId}`.execute(
        stage.world.services.db,
      )
    ).rows[0]!.state;
  // Another change of the person leaves it as it is.
  const title = patchOp({ op: 'replace', path: 'title', value: 'Fitter' });
  await stage.ask('PATCH', `/Users/${id}`, { key, body: title });
  expect(await state()).toBe('open');
  const body = patchOp(
    op === 'remove'
      ? { op, path: 'emails' }
      : { op, path: 'emails', value: [{ value, type: 'work', primary: true }] },
  );
  expect((await stage.ask('PATCH', `/Users/${id}`, { key, body })).status).toBe(200);
  expect(await state()).toBe('revoked');
});

it('lastModified moves with what the feed sees of somebody, and with nothing else', async () => {
  const { world } = stage;
  await define({ key: 'rating', seenBy: 'managers' });
  const south = { organization: { value: world.organizations.acmeSouth.id } };
  const { id } = await made({ userName: 'watched@example.test', [remitSchema]: south });
  const { key: reading } = await stage.feed('acmeSouth', ['organization.read', 'user.read']);
  const at = 'acmeSouth';
  const seen = async (call: ScimCall) =>
    (await stage.ask('GET', `/Users/${id}`, call)).body.meta.lastModified;
  const moved = async (change: () => Promise<unknown>) => {
    await passTime(world.db, 60);
    const before = [await seen({ key: reading, at }), await seen({ key })];
    await passTime(world.db, 60);
    await change();
    const filter = encodeURIComponent(
      `userName eq "watched@example.test" and meta.lastModified gt "${before[0]}"`,
    );
    const later = await stage.ask('GET', `/Users?filter=${filter}`, { key: reading, at });
    const after = [await seen({ key: reading, at }), await seen({ key })];
    expect(later.body.totalResults).toBe(after[0] === before[0] ? 0 : 1);
    return after.map((one, index) => one > before[index]);
  };
  const byHand = (change: object) => () =>
    world.as('owner', 'membership.update', { membershipId: id, ...change });
  const byFeed = (path: string, value: string) => () =>
    stage.ask('PATCH', `/Users/${id}`, { key, body: patchOp({ op: 'add', path, value }) });
  const { membershipId: lineManagerId } = world.people.acmeManager;
  expect(await moved(byHand({ title: 'Welder' }))).toEqual([true, true]);
  expect(await moved(byHand({ attributes: { rating: 'a' } }))).toEqual([false, true]);
  expect(await moved(byFeed('externalId', 'w-1'))).toEqual([false, true]);
  expect(await moved(byFeed('displayName', 'Wendy Watched'))).toEqual([true, true]);
  expect(await moved(byFeed('userName', 'Watched@example.test'))).toEqual([true, true]);
  expect(await moved(byHand({ lastDay: '2099-12-31' }))).toEqual([true, true]);
  // Stands above what is seen in the south.
  expect(await moved(byHand({ lineManagerId }))).toEqual([false, true]);
});
