import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OperationName, operationNames, operations } from '../../src/server/operations.gen.ts';
import { acts, twinElsewhere } from './acts.ts';
import type { Written } from './rehearsal.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

/** Tables whose rows are the state that the trail tells of; the others are machinery beside it. */
const told = (table: string): boolean =>
  ![
    'stamp',
    'mark',
    'people_anchor',
    'people_delta',
    'people_total',
    'nearby',
    'event',
    'idempotency',
    'attempt',
    'audit_read',
    // tells of the ending that an event records, like the event itself
    'receipt',
    'notice',
    'one_time_secret',
    'provider_record',
    'sign_on',
  ].includes(table);

const changing = operationNames.filter(
  (name) => operations[name].effect !== 'reading' && !twinElsewhere[name],
);

describe('each change stands in the trail, and no secret does', () => {
  for (const name of changing)
    it(name, async () => {
      const { input, twin } = acts[name] as (typeof acts)['user.list'];
      const things = stage.things[twin.at];
      const actor = stage.actors[twin.by];
      let sent: unknown;
      const { answer, written } = await stage.play(
        actor,
        name,
        () => {
          sent = withFreeText(name, (twin.input ?? input)(things, stage));
          return sent;
        },
        twin.before ? { before: () => twin.before!(stage, things) } : {},
      );
      if (!answer.ok) throw new Error(answer.detail);
      const events = written.filter(({ table }) => table === 'event').map(({ now }) => now!);
      expect(events.length, 'at least one event (I51)').toBeGreaterThan(0);
      for (const event of events) {
        expect(event.operation).toBe(name);
        expect(operations[name].events, 'a declared type').toContain(event.type);
        // Who did it: the caller; a stranger who proved somebody by a link or a code is nobody yet.
        if (actor.userId) expect(event.actor_id).toBe(actor.userId);
        expect(
          typeof operations[name].needs === 'string' || (event.delegations as string[]).length > 0,
          'under which delegation',
        ).toBe(true);
        const sealed = JSON.stringify([event.before, event.after]);
        // Names of people and organizations, and addresses; what an application, a bundle or a way to read files is called is nobody's.
        expect(sealed, 'names and addresses stand in `personal` (I21)').not.toMatch(
          /@|canary-[a-z0-9]+-(?!application|access-role|admin-role|entitlement|attribute|client|mapping)|somebody|visitor/i,
        );
      }
      expect(untold(written, events)).toEqual([]);
      const secrets = operations[name].secretOutput ? secretsOf(answer.output, sent) : secretsOf(sent);
      for (const secret of secrets)
        expect(JSON.stringify(written), 'a secret stands nowhere in clear (I54)').not.toContain(secret);
    });
});

/** Somebody's own words, wherever an operation takes them: they may name anybody. */
function withFreeText(name: OperationName, input: object): object {
  const fields = ['reason', 'message', 'note', 'title'].filter(
    (field) =>
      field in operations[name].input.shape &&
      // The title that a rule asks for says of nobody in particular what they are, and decides who has what.
      !(field === 'title' && name.startsWith('access-rule.')),
  );
  return { ...input, ...Object.fromEntries(fields.map((field) => [field, 'somebody said so'])) };
}

/** Paths are copies of where organizations stand: the event of the move says where all below it went (I53). */
function onlyMoved(was: Written['was'], now: Written['now']): boolean {
  if (!was || !now) return false;
  const unmoved = ({
    path: _,
    place_paths: __,
    relation_path: ___,
    anchor: ____,
    ...row
  }: typeof was): string => JSON.stringify(row).replace(/"path":"[^"]*"/g, '');
  return unmoved(was) === unmoved(now);
}

/** What is sent, and to whom, stays as it is: only when it is tried again, and how often it was, is written. */
function onlyResent(was: Written['was'], now: Written['now']): boolean {
  if (!was || !now) return false;
  const unsent = ({
    dead_at: _,
    attempts: __,
    failing_since: ___,
    due_at: ____,
    version: _____,
    ...row
  }: typeof was): string => JSON.stringify(row);
  return unsent(was) === unsent(now);
}

/** Things that were written and that no event names, by their own id or that of whom they belong to. */
function untold(written: readonly Written[], events: readonly Record<string, unknown>[]): string[] {
  const said = JSON.stringify(events);
  return written.flatMap(({ table, was, now }) => {
    if (!told(table) || onlyMoved(was, now)) return [];
    const row = (now ?? was)!;
    const ids = [
      'id',
      'user_id',
      'membership_id',
      'access_role_id',
      'separation_id',
      'organization_id',
      'delegate_client_id',
      'import_id',
      'client_id',
      'leaver_membership_id',
      'source_id',
      'account_id',
      // When something is sent again is told of the system that it goes to: it may be tens of thousands at once.
      // So may the differences be that somebody settles at once.
      ...(onlyResent(was, now) || table === 'difference' ? ['target_id'] : []),
    ]
      .map((column) => row[column])
      .filter((id): id is string => typeof id === 'string');
    return ids.some((id) => said.includes(id)) ? [] : [`${table} ${ids.join(' ')}`];
  });
}

/** Whatever of an answer or an input is a secret, in the words of the schemas. */
function secretsOf(...values: unknown[]): string[] {
  const names = /^(code|token|password|currentPassword|newPassword|clientSecret)$/;
  const found: string[] = [];
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      if (typeof inner === 'string' && names.test(name) && inner.length >= 12) found.push(inner);
      else if (name === 'key' && typeof inner === 'string' && inner.length > 30) found.push(inner);
      else look(inner);
    }
  };
  for (const value of values) look(value);
  return found;
}
