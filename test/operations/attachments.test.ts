import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { passTime } from '../../src/platform/clock.ts';
import { tidyAttachments } from '../../src/requests/attachments.ts';
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
