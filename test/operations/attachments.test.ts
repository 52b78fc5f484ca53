import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { passTime } from '../../src/platform/clock.ts';
import { tidyAttachments } from '../../src/requests/attachments.ts';
import { wake } from '../../src/requests/wake.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });
const pdf = Buffer.from('%PDF-1.7 the certificate').toString('base64');
const ask = async () =>
  (
    await world.as('northMember', 'request.create', {
      entitlementId: world.entitlements.partsBuyer,
      reason: '',
    })
  ).requestId;
const attach = (who: PersonName, requestId: string, content = pdf, name = 'certificate.pdf') =>
  world.as(who, 'request.attach', { requestId, name, content });
const leads = (manager: PersonName, report: PersonName) =>
  sql`update membership set line_manager_id = ${world.people[manager].membershipId}
    where id = ${world.people[report].membershipId}`.execute(world.db);
const decide = (requestId: string, approve: boolean) =>
  world.as('acmeManager', 'request.decide', { requestId, approve });

it('a file is added by whoever asks, and read by them and by those who may decide', async () => {
  const requestId = await ask();
  const { attachments } = await attach('northMember', requestId);
  expect(attachments).toMatchObject([{ name: 'certificate.pdf', mediaType: 'application/pdf', bytes: 24 }]);
  const { attachmentId } = attachments[0]!;
  const read = (who: PersonName) => world.as(who, 'request.read-attachment', { requestId, attachmentId });
  for (const who of ['northMember', 'acmeManager'] as const)
    expect(await read(who)).toEqual({
      name: 'certificate.pdf',
      mediaType: 'application/pdf',
      content: pdf,
    });
  for (const who of ['siteMember', 'betaMember', 'acme2Manager'] as const)
    await expect(read(who)).rejects.toEqual(refusal('not-found'));
  await expect(attach('acmeManager', requestId)).rejects.toEqual(refusal('not-found'));
  // under another request it is not there
  const { requestId: southern } = await world.as('southMember', 'request.create', {
    entitlementId: world.entitlements.partsBuyer,
    reason: '',
  });
  await expect(
    world.as('acmeManager', 'request.read-attachment', { requestId: southern, attachmentId }),
  ).rejects.toEqual(refusal('not-found'));
  const { rows } = await sql<{ event: string }>`
    select to_jsonb(e)::text as event from event e where type = 'request.attached'`.execute(world.db);
  expect(rows).toHaveLength(1);
  expect(rows[0]!.event).not.toContain('certificate');
});

it('what a file is, is seen by how it begins, and its size is bounded', async () => {
  const requestId = await ask();
  const page = Buffer.from('<html><script>alert(1)</script>').toString('base64');
  await expect(attach('northMember', requestId, page)).rejects.toEqual(refusal('attachment.not-taken'));
  const large = Buffer.concat([Buffer.from('%PDF-'), Buffer.alloc(5 * 1024 * 1024)]).toString('base64');
  await expect(attach('northMember', requestId, large)).rejects.toEqual(refusal('attachment.not-taken'));
  for (let n = 0; n < 5; n += 1) await attach('northMember', requestId);
  await expect(attach('northMember', requestId)).rejects.toEqual(refusal('attachment.too-many'));
});

it('a policy may want one before a yes; it is gone 90 days after the decision', async () => {
  await world.as('acmeManager', 'approval-policy.create', {
    organizationId: world.organizations.acme.id,
    name: 'With a certificate',
    applies: {},
    steps: [{ name: 'One', approvers: [{ kind: 'managers' }], due: { hours: 5 }, attachment: 'required' }],
  });
  const requestId = await ask();
  expect(await world.as('northMember', 'request.read', { requestId })).toMatchObject({
    wantsAttachment: true,
  });
  await expect(decide(requestId, true)).rejects.toEqual(refusal('attachment.missing'));
  await attach('northMember', requestId);
  expect(await decide(requestId, true)).toMatchObject({ state: 'approved' });
  const left = async () => {
    await tidyAttachments(world.db);
    return (await sql`select 1 from request_attachment`.execute(world.db)).rows.length;
  };
  await passTime(world.db, 89 * 86_400);
  expect(await left()).toBe(1);
  await passTime(world.db, 2 * 86_400);
  expect(await left()).toBe(0);
});

it('whoever asks knows before that one is wanted, of whatever step, and not of what another asked', async () => {
  await leads('southMember', 'northMember');
  const { entitlements, organizations, people } = world;
  const step = { approvers: [{ kind: 'managers' as const }], due: { hours: 5 } };
  await world.as('acmeManager', 'approval-policy.create', {
    organizationId: organizations.acme.id,
    name: 'With a certificate',
    applies: { entitlements: [entitlements.partsBuyer] },
    steps: [
      { ...step, name: 'One' },
      { ...step, name: 'Two', attachment: 'required' },
    ],
  });
  const { items } = await world.as('northMember', 'request.catalogue', { limit: 50 });
  expect(items.filter(({ wantsAttachment }) => wantsAttachment).map(({ id }) => id)).toEqual([
    entitlements.partsBuyer,
  ]);
  const input = { entitlementId: entitlements.partsBuyer, reason: '' };
  const wanted = await world.as('northMember', 'request.create', input);
  expect(wanted).toMatchObject({ created: true, wantsAttachment: true, step: { number: 1, of: 2 } });
  // by the line manager again: it waits, and is not theirs to add to
  const again = { ...input, membershipId: people.northMember.membershipId };
  expect(await world.as('southMember', 'request.create', again)).toMatchObject({
    created: false,
    wantsAttachment: false,
  });
  expect(await world.as('northMember', 'request.create', input)).toMatchObject({ wantsAttachment: true });
  await attach('northMember', wanted.requestId);
  expect(await world.as('northMember', 'request.create', input)).toMatchObject({ wantsAttachment: false });
  const other = { ...input, entitlementId: entitlements.partsViewer };
  expect(await world.as('northMember', 'request.create', other)).toMatchObject({ wantsAttachment: false });
});

describe('a file that is wanted since the request was made (ruling 8)', () => {
  const step = { name: 'One', approvers: [{ kind: 'managers' as const }], due: { hours: 5 } };
  const wantsNow = (requestId: string) =>
    world.as('northMember', 'request.read', { requestId }).then(({ wantsAttachment }) => wantsAttachment);

  it.each(['without a policy', 'under the policy that wants it by now'])(
    'is asked for before it is given: asked %s',
    async (how) => {
      const { organizations } = world;
      const input = { organizationId: organizations.acme.id, name: 'Managers', applies: {}, steps: [step] };
      const saved =
        how === 'without a policy'
          ? undefined
          : await world.as('acmeManager', 'approval-policy.create', input);
      const requestId = await ask();
      const steps = [{ ...step, attachment: 'required' as const }];
      if (saved) await world.as('acmeManager', 'approval-policy.update', { policyId: saved.id, steps });
      else await world.as('acmeManager', 'approval-policy.create', { ...input, steps });
      expect(await wantsNow(requestId)).toBe(false);
      // the yes counts, and the file is one step more
      expect(await decide(requestId, true)).toMatchObject({ state: 'open' });
      expect(await wantsNow(requestId)).toBe(true);
      await expect(decide(requestId, true)).rejects.toMatchObject({
        code: 'attachment.missing',
        message: expect.stringMatching(/whoever asked/),
      });
      await attach('northMember', requestId);
      const states = [(await decide(requestId, true)).state];
      while (states.length < 4 && states.at(-1) === 'open')
        states.push((await decide(requestId, true)).state);
      expect(states).toEqual(['approved']);
    },
  );

  it('holds for time, too: nothing is approved by it without the file', async () => {
    const input = {
      organizationId: world.organizations.acme.id,
      name: 'Time',
      applies: {},
      steps: [{ ...step, atEnd: 'approve' as const }],
    };
    const { id: policyId } = await world.as('owner', 'approval-policy.create', input);
    const requestId = await ask();
    await world.as('owner', 'approval-policy.update', {
      policyId,
      steps: [{ ...step, atEnd: 'approve', attachment: 'required' }],
    });
    for (let day = 0; day < 60; day += 10) {
      await passTime(world.db, 10 * 86_400);
      await wake(world.services, requestId);
    }
    expect(await world.as('northMember', 'request.read', { requestId })).toMatchObject({ state: 'refused' });
  });
});

describe('what was approved is what is granted, with its files (I34)', () => {
  const other = Buffer.from('%PDF-1.7 another certificate').toString('base64');
  const policy = (steps: object[]) =>
    world.as('acmeManager', 'approval-policy.create', {
      organizationId: world.organizations.acme.id,
      name: 'With a certificate',
      applies: {},
      steps: steps.map((step, n) => ({
        name: `Step ${n + 1}`,
        approvers: [{ kind: 'managers' }],
        due: { hours: 5 },
        ...step,
      })),
    });
  const people = (...names: PersonName[]) => ({
    approvers: [{ kind: 'people', membershipIds: names.map((name) => world.people[name].membershipId) }],
  });
  const yes = async (who: PersonName, requestId: string) =>
    (await world.as(who, 'request.decide', { requestId, approve: true })).state;
  const question = (who: PersonName, requestId: string) =>
    world.as(who, 'request.question', { requestId, words: 'The certificate, please?' });
  const read = (who: PersonName, requestId: string) => world.as(who, 'request.read', { requestId });
  const given = async (requestId: string) =>
    (
      await sql`select 1 from assignment where request_id = ${requestId} and state = 'active'`.execute(
        world.db,
      )
    ).rows.length;

  it('after a yes nothing is added, until somebody asks for it', async () => {
    await policy([people('acmeManager'), people('acmePeer')]);
    const requestId = await ask();
    await attach('northMember', requestId);
    expect(await yes('acmeManager', requestId)).toBe('open');
    await expect(attach('northMember', requestId, other)).rejects.toEqual(refusal('attachment.after-yes'));
    // the second step asks, and the answer is a file
    await question('acmePeer', requestId);
    await attach('northMember', requestId, other);
    await world.as('northMember', 'request.answer', { requestId, words: 'There it is.' });
    expect((await read('acmePeer', requestId)).decisions).toMatchObject([{ step: 1, outdated: true }]);
    // the second yes is not the last any more: the first has to be given again, about both files
    expect(await yes('acmePeer', requestId)).toBe('open');
    expect(await given(requestId)).toBe(0);
    expect(await read('acmeManager', requestId)).toMatchObject({ mayDecide: true, step: { number: 1 } });
    await expect(attach('northMember', requestId)).rejects.toEqual(refusal('attachment.after-yes'));
    expect(await yes('acmeManager', requestId)).toBe('approved');
    expect(await given(requestId)).toBe(1);
  });

  it('each of several people gives their yes again, and a no stands', async () => {
    await policy([{ ...people('acmeManager', 'acmePeer', 'northManager'), quorum: { atLeast: 2 } }]);
    const requestId = await ask();
    expect(await yes('acmeManager', requestId)).toBe('open');
    await decide(requestId, true);
    await world.as('northManager', 'request.decide', { requestId, approve: false });
    await question('acmePeer', requestId);
    await attach('northMember', requestId);
    expect(await yes('acmePeer', requestId)).toBe('open');
    await expect(yes('northManager', requestId)).rejects.toEqual(refusal('request.decided'));
    expect(await yes('acmeManager', requestId)).toBe('approved');
    const { rows } = await sql<{ n: number }>`
      select cardinality(files) as n from request_decision where request_id = ${requestId} order by position`.execute(
      world.db,
    );
    expect(rows.map(({ n }) => n)).toEqual([0, 0, 1, 1]);
  });

  it('a step that wants a file gets it, and those before it decide again', async () => {
    await policy([people('acmeManager'), { ...people('acmePeer'), attachment: 'required' }]);
    const requestId = await ask();
    await yes('acmeManager', requestId);
    await expect(yes('acmePeer', requestId)).rejects.toEqual(refusal('attachment.missing'));
    await attach('northMember', requestId);
    expect(await yes('acmePeer', requestId)).toBe('open');
    expect(await yes('acmeManager', requestId)).toBe('approved');
  });

  it('the same file once more changes nothing; a file that goes opens it again', async () => {
    await policy([people('acmeManager'), people('acmePeer')]);
    const requestId = await ask();
    await attach('northMember', requestId);
    await yes('acmeManager', requestId);
    await question('acmePeer', requestId);
    await attach('northMember', requestId, pdf, 'copy.pdf');
    expect((await read('acmePeer', requestId)).decisions).toMatchObject([{ outdated: false }]);
    await sql`delete from request_attachment where request_id = ${requestId}`.execute(world.db);
    expect(await yes('acmePeer', requestId)).toBe('open');
    expect(await yes('acmeManager', requestId)).toBe('approved');
  });

  it('of a yes and a file at once no yes holds for a file that it did not see', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { requestId } = await world.as(round % 2 ? 'northMember' : 'southMember', 'request.create', {
        entitlementId: [
          world.entitlements.partsBuyer,
          world.entitlements.partsViewer,
          world.entitlements.notesReader,
        ][round >> 1]!,
        reason: '',
      });
      const asker = round % 2 ? 'northMember' : 'southMember';
      await Promise.allSettled([decide(requestId, true), attach(asker, requestId)]);
      const { rows } = await sql`
        select 1 from request q join request_decision d on d.request_id = q.id
        where q.state = 'approved' and d.files <> q.files`.execute(world.db);
      expect(rows).toEqual([]);
    }
  });

  it('the trail keeps the digest, and no name', async () => {
    const requestId = await ask();
    await attach('northMember', requestId);
    const { rows } = await sql<{ before: string[]; after: string[] }>`
      select before -> 'files' as before, after -> 'files' as after from event where type = 'request.attached'`.execute(
      world.db,
    );
    const digest = createHash('sha256').update(Buffer.from(pdf, 'base64')).digest('hex');
    expect(rows).toEqual([{ before: [], after: [digest] }]);
  });
});

it('whoever is erased takes their files with them, and those about them; the digests stay', async () => {
  await leads('southMember', 'northMember');
  const own = await ask();
  await attach('northMember', own);
  const { requestId: about } = await world.as('southMember', 'request.create', {
    entitlementId: world.entitlements.partsViewer,
    membershipId: world.people.northMember.membershipId,
    reason: '',
  });
  await attach('southMember', about, pdf, 'north-member.pdf');
  const { requestId: others } = await world.as('southMember', 'request.create', {
    entitlementId: world.entitlements.partsBuyer,
    reason: '',
  });
  await attach('southMember', others);
  await decide(own, true);
  const left = async () =>
    (
      await sql<{ id: string }>`select distinct request_id as id from request_attachment`.execute(world.db)
    ).rows.map(({ id }) => id);
  expect(new Set(await left())).toEqual(new Set([own, about, others]));
  await sql`update app_user set state = 'erased' where id = ${world.people.northMember.userId}`.execute(
    world.db,
  );
  expect(await left()).toEqual([others]);
  const { rows } = await sql<{ kept: number }>`
    select (select cardinality(files) from request_decision where request_id = ${own})
      + (select jsonb_array_length(after -> 'files') from event where type = 'request.attached' and target_id = ${about}) as kept`.execute(
    world.db,
  );
  expect(rows).toEqual([{ kept: 2 }]);
});
