import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Step } from '../../src/requests/policy.ts';
import { type LetterWorld, makeLetterWorld, told } from '../harness/letters.ts';
import type { PersonName } from '../harness/world.ts';

let world: LetterWorld;
beforeEach(async () => {
  world = await makeLetterWorld();
});
afterEach(() => world.close());

const member = (person: PersonName) => world.people[person].membershipId;
const people = (...names: PersonName[]): Step['approvers'] => [
  { kind: 'people', membershipIds: names.map(member) },
];
const policy = (...steps: (Partial<Step> & Pick<Step, 'approvers'>)[]) =>
  world.as('acmeManager', 'approval-policy.create', {
    organizationId: world.organizations.acme.id,
    name: 'Policy',
    applies: {},
    steps: steps.map((one) => ({ name: 'Step', due: { hours: 10 }, ...one })),
  });
const ask = async (who: PersonName = 'northMember', input: object = {}) =>
  (
    await world.as(who, 'request.create', {
      entitlementId: world.entitlements.partsBuyer,
      reason: 'for the fair',
      ...input,
    })
  ).requestId;
const decide = (who: PersonName, requestId: string, approve = true, note = '') =>
  world.as(who, 'request.decide', { requestId, approve, note });
const hours = 3600;

describe('a file', () => {
  const attach = (requestId: string, text: string) =>
    world.as('northMember', 'request.attach', {
      requestId,
      name: 'plan.pdf',
      content: Buffer.from(`%PDF-1.7 ${text}`).toString('base64'),
    });

  it('that comes after the mail is told once to those who were asked, however many came together', async () => {
    const requestId = await ask();
    await attach(requestId, 'with the question');
    expect(told(await world.after(hours))).toEqual(['northmanager: northMember asks for buyer in parts']);
    await attach(requestId, 'one');
    await attach(requestId, 'another');
    expect(await world.after(50)).toEqual([]);
    const mails = await world.after(20);
    expect(told(mails)).toEqual(['northmanager: A file was added: buyer in parts for northMember']);
    expect(mails[0]!.email.text).not.toContain('plan');
    await attach(requestId, 'late');
    await decide('northManager', requestId);
    expect(told(await world.after(hours))).toEqual(['northmember: Approved: buyer in parts']);
  });

  it.each([
    ['at once', 0, []],
    ['later', hours, ['acmemember: A file was added: buyer in parts for northMember']],
  ])('comes back to whoever had said yes without it (I34): %s', async (_, pause, others) => {
    await policy({ approvers: people('southMember', 'acmeMember'), quorum: 'all' });
    const requestId = await ask();
    await world.after(0);
    await decide('southMember', requestId);
    await world.as('acmeMember', 'request.question', { requestId, words: 'Where is the plan?' });
    await world.after(pause);
    await attach(requestId, 'here');
    const mails = await world.after(hours);
    expect(told(mails)).toEqual([...others, 'southmember: Decide again: buyer in parts for northMember']);
    const again = mails.find(({ email }) => email.subject!.startsWith('Decide again'))!;
    expect(again.email.text!.replace(/\s+/g, ' ')).toContain('your approval no longer counts');
  });
});

describe('an arrival', () => {
  it('leads to the request’s page, with the reason and until when', async () => {
    const requestId = await ask();
    const [mail, ...others] = await world.after(0);
    expect(others).toEqual([]);
    expect(told([mail!])).toEqual(['northmanager: northMember asks for buyer in parts']);
    const { text, html } = mail!.email;
    expect(text).toContain('Reason: for the fair');
    expect(text).toMatch(/To be decided by: .+20\d\d/);
    const links = [...html!.matchAll(/href="([^"]+)"/g)].map(([, link]) => link);
    expect(links).toEqual([`http://localhost:4000/requests/${requestId}`]);
  });

  it('of the next step waits until the decision stands, and tells each person once', async () => {
    await policy(
      { approvers: people('siteMember') },
      { approvers: people('southMember', 'acmeMember'), quorum: 'all' },
    );
    const requestId = await ask();
    expect(told(await world.after(0))).toEqual(['sitemember: northMember asks for buyer in parts']);
    await decide('siteMember', requestId);
    expect(await world.after(9)).toEqual([]);
    expect(told(await world.after(2))).toEqual([
      'acmemember: northMember asks for buyer in parts',
      'southmember: northMember asks for buyer in parts',
    ]);
    await decide('southMember', requestId);
    expect(await world.after(11)).toEqual([]);
  });

  it('of a step that an undo took back is told to nobody, also when it is decided again', async () => {
    await policy({ approvers: people('siteMember') }, { approvers: people('southMember') });
    const requestId = await ask();
    await world.after(0);
    await decide('siteMember', requestId);
    await world.after(2);
    await world.as('siteMember', 'request.undo', { requestId });
    expect(await world.after(3)).toEqual([]);
    await decide('siteMember', requestId);
    // The first decision's job is due now, and the second can still be taken back.
    expect(await world.after(6)).toEqual([]);
    await world.as('siteMember', 'request.undo', { requestId });
    expect(await world.after(20)).toEqual([]);
  });

  it('is not told to whoever lost the right before the mail left', async () => {
    await ask();
    await sql`update membership set state = 'suspended' where id = ${member('northManager')}`.execute(
      world.db,
    );
    expect(told(await world.after(0)).map((line) => line.split(':')[0])).toEqual([
      'acmeapplicationmanager',
      'acmemanager',
      'acmepeer',
    ]);
  });

  it('is told to a deputy too, and for whom they decide; naming and ending to both', async () => {
    const until = new Date(Date.now() + 30 * 86_400_000).toISOString();
    const named = { membershipId: member('acmeMember'), until };
    const { delegationId } = await world.as('acmeManager', 'deputy.create', named);
    expect(told(await world.after(0))).toEqual([
      'acmemanager: acmeMember decides for you',
      'acmemember: You decide for acmeManager',
    ]);
    await policy({ approvers: people('acmeManager') });
    await ask();
    const mails = await world.after(0);
    expect(told(mails)).toEqual([
      'acmemanager: northMember asks for buyer in parts',
      'acmemember: northMember asks for buyer in parts',
    ]);
    const deputys = mails.find(({ email }) => email.to![0]!.name === 'acmeMember');
    expect(deputys!.email.text).toContain('You decide for acmeManager, whose deputy you are.');
    await world.as('acmeMember', 'deputy.end', { delegationId });
    expect(told(await world.after(0))).toEqual([
      'acmemanager: acmeMember no longer decides for you',
      'acmemember: You no longer decide for acmeManager',
    ]);
  });

  it('of many at once is one letter to each of those who may decide', async () => {
    const membershipIds = [member('northMember'), member('siteMember'), member('acmeMember')];
    const wanted = { membershipIds, entitlementId: world.entitlements.partsBuyer, reason: 'the fair' };
    const call = { requestId: crypto.randomUUID() };
    await world.as('acmeHelpDesk', 'request.create-many', wanted, call);
    const mails = await world.after(0);
    expect(told(mails).filter((line) => !line.endsWith('for you'))).toEqual([
      'acmeapplicationmanager: acmeHelpDesk asks for buyer in parts for acmeMember',
      'acmemanager: acmeHelpDesk asks for buyer in parts for acmeMember',
      'acmepeer: acmeHelpDesk asks for buyer in parts for acmeMember',
      'northmanager: acmeHelpDesk asks for something for 2 people',
    ]);
    const many = mails.find(({ email }) => email.to![0]!.name === 'northManager')!.email.text!;
    expect(many).toContain(
      '- buyer in parts for northMember, acmeNorth\n- buyer in parts for siteMember, acmeNorthSite',
    );
  });

  it('for somebody else is told to that person, too', async () => {
    await ask('northManager', { membershipId: member('northMember') });
    expect(told(await world.after(0))).toContain('northmember: northManager asks for buyer in parts for you');
  });
});

describe('time', () => {
  it('reminds those who know, asks the next level, tells the asker, and says how it ended', async () => {
    await policy({
      approvers: people('siteMember'),
      remind: [{ hours: 2 }],
      escalation: [{ approvers: people('southMember'), due: { hours: 10 } }],
    });
    await ask();
    await world.after(0);
    expect(told(await world.after(8 * hours))).toEqual([
      'sitemember: Waits for you: buyer in parts for northMember',
    ]);
    expect(told(await world.after(2 * hours))).toEqual([
      'northmember: It takes longer: buyer in parts',
      'southmember: Still open: northMember asks for buyer in parts',
    ]);
    await world.after(8 * hours);
    await world.after(2 * hours);
    const last = await world.after(40 * 86_400);
    expect(told(last)).toEqual(['northmember: Not decided in time: buyer in parts']);
    expect(last[0]!.email.text).not.toContain('siteMember');
  });

  it('reminds nobody who decided, or cannot any more', async () => {
    await policy({
      approvers: people('siteMember', 'southMember', 'acmeMember'),
      quorum: { atLeast: 2 },
      remind: [{ hours: 2 }],
    });
    const requestId = await ask();
    expect(await world.after(0)).toHaveLength(3);
    await decide('siteMember', requestId);
    await sql`update membership set state = 'suspended' where id = ${member('acmeMember')}`.execute(world.db);
    expect(told(await world.after(8 * hours))).toEqual([
      'southmember: Waits for you: buyer in parts for northMember',
    ]);
  });
});

describe('a decision', () => {
  it('is told to whoever asked, in the words of whoever decided, and not when it was undone', async () => {
    const requestId = await ask();
    await world.after(0);
    await decide('northManager', requestId, false);
    await world.as('northManager', 'request.undo', { requestId });
    expect(await world.after(11)).toEqual([]);
    await decide('northManager', requestId, true, 'Welcome.\nAsk me for the key.');
    expect(await world.after(9)).toEqual([]);
    const mails = await world.after(2);
    expect(told(mails)).toEqual(['northmember: Approved: buyer in parts']);
    expect(mails[0]!.email.text).toContain('northManager writes:\n> Welcome.\n> Ask me for the key.');
    expect(mails[0]!.email.text).toContain(`/requests/${requestId}`);
  });

  it('made anew within ten seconds is told once, as it stands', async () => {
    const requestId = await ask();
    await world.after(0);
    await decide('northManager', requestId, false);
    await world.after(4);
    await world.as('northManager', 'request.undo', { requestId });
    await decide('northManager', requestId, true);
    expect(await world.after(7)).toEqual([]);
    expect(told(await world.after(4))).toEqual(['northmember: Approved: buyer in parts']);
  });
});

describe('what is said', () => {
  it('is a question to whoever asked, and the answer goes back to whoever put it', async () => {
    const requestId = await ask('acmeMember');
    await world.after(0);
    await world.as('acmePeer', 'request.question', { requestId, words: 'Which fair?' });
    const [question, ...others] = await world.after(0);
    expect(others).toEqual([]);
    expect(told([question!])).toEqual(['acmemember: A question about buyer in parts']);
    expect(question!.email.text).toContain('Somebody who decides about it writes:\n> Which fair?');
    expect(question!.email.text).not.toContain('acmePeer');
    await world.as('acmeMember', 'request.answer', { requestId, words: 'Hannover.' });
    const answer = await world.after(0);
    expect(told(answer)).toEqual(['acmepeer: Answered: buyer in parts for acmeMember']);
    expect(answer[0]!.email.text).toContain('acmeMember writes:\n> Hannover.');
  });

  it('goes to the other side, and passing on to whom it was passed', async () => {
    const requestId = await ask('acmeMember');
    await world.after(0);
    await world.as('acmePeer', 'request.comment', { requestId, words: 'I look at it on Monday.' });
    expect(told(await world.after(0))).toEqual(['acmemember: About buyer in parts for acmeMember']);
    await world.as('acmeMember', 'request.comment', { requestId, words: 'Thank you.' });
    expect(told(await world.after(0))).toEqual(['acmepeer: About buyer in parts for acmeMember']);
    await world.as('acmePeer', 'request.pass-on', {
      requestId,
      membershipId: member('acmeManager'),
      words: 'Yours, I think.',
    });
    const passed = await world.after(0);
    expect(told(passed)).toEqual(['acmemanager: Passed to you: buyer in parts for acmeMember']);
    expect(passed[0]!.email.text).toContain('acmePeer writes:\n> Yours, I think.');
  });

  it('stops when it is taken back: those who had it hear of it', async () => {
    const requestId = await ask();
    await world.after(0);
    await world.as('northMember', 'request.withdraw', { requestId });
    expect(told(await world.after(0))).toEqual(['northmanager: Taken back: buyer in parts for northMember']);
  });
});
