import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { AnyOperation } from '../../src/operation/operation.ts';
import { encodeCursor } from '../../src/platform/paging.ts';
import { type OperationName, operationNames, operations } from '../../src/server/operations.gen.ts';
import { acts } from './acts.ts';
import { allowedTo } from './allowed.ts';
import type { ActorName } from './landscape.ts';
import { withAt } from './slots.ts';
import { openStage, type Stage } from './stage.ts';
import { leaks } from './verdict.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const id = '01a00000-0000-7000-8000-000000000000';
const odd = {
  string: [
    '',
    ' ',
    '%',
    '_',
    '\\',
    "'; --",
    '"',
    '<b>',
    '{{x}}',
    '\u202e',
    '😀'.repeat(60),
    'x'.repeat(3000),
    'infinity',
    'null',
    '../..',
    '=1+1',
  ],
  date: ['0001-01-01', '9999-12-31', '2024-02-30', '2000-01-01', '275760-09-13', 'infinity'],
  datetime: [
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999Z',
    '2000-01-01T00:00:00Z',
    '+275760-09-13T00:00:00.000Z',
    'infinity',
  ],
  number: [0, -1, 1.5, 1e308, 2 ** 53, 2 ** 31, 1000, Number.NaN],
  cursor: [
    'x',
    '',
    'bnVsbA',
    ...[1, 2, 3, 4, 5].flatMap((length) =>
      ['', 'infinity', '%', id, 9e15].map((part) => encodeCursor(Array.from({ length }, () => part))),
    ),
    ...[2, 3].map((length) =>
      encodeCursor(['2000-01-01T00:00:00Z', ...Array.from({ length: length - 1 }, () => id)]),
    ),
  ],
  any: [null, {}, [], [[]], true, 7, 'x', { $ne: 1 }],
};

type Leaf = { path: (string | number)[]; values: unknown[] };
type Definition = {
  type: string;
  format?: string;
  innerType?: z.ZodType;
  in?: z.ZodType;
  element?: z.ZodType;
  options?: z.ZodType[];
  shape?: Record<string, z.ZodType>;
};

/** Every field of an input, with what nobody would write there. */
function leavesOf(schema: z.ZodType, path: (string | number)[] = []): Leaf[] {
  const def = schema.def as unknown as Definition;
  const inner = def.innerType ?? (def.type === 'pipe' ? def.in : undefined);
  if (inner) return leavesOf(inner, path);
  const here = (values: readonly unknown[]): Leaf[] => [{ path, values: [...values, ...odd.any] }];
  switch (def.type) {
    case 'object':
      return Object.entries(def.shape ?? {}).flatMap(([name, field]) => leavesOf(field, [...path, name]));
    case 'array':
      return [...here([]), ...leavesOf(def.element!, [...path, 0])];
    case 'union':
      return (def.options ?? []).flatMap((option) => leavesOf(option, path));
    case 'number':
      return here(odd.number);
    case 'string':
      if (path.at(-1) === 'cursor') return here(odd.cursor);
      if (def.format === 'uuid') return here([id, 'x', id.toUpperCase(), `${id} `]);
      if (def.format === 'date') return here(odd.date);
      if (def.format === 'datetime') return here(odd.datetime);
      return here(odd.string);
    default:
      return here([]);
  }
}

/** A third of them, always the same ones, but for the long run. */
const tried = (what: string): boolean =>
  process.env.REMIT_TEST_LONG === '1' || createHash('md5').update(what).digest()[0]! % 3 === 0;

const actorsFor = (name: OperationName): ActorName[] =>
  typeof operations[name].needs === 'string'
    ? ['acmeManager']
    : [(acts[name] as { twin: { by: ActorName } }).twin.by];

describe('no input makes a fault, and none reaches further', () => {
  for (const name of operationNames)
    it(name, async () => {
      const { input, twin } = acts[name] as (typeof acts)['user.list'];
      // not as one of three hundred types, each of which the compiler would compare
      const declared: AnyOperation = operations[name];
      const faults: string[] = [];
      for (const who of actorsFor(name)) {
        const actor = stage.actors[who];
        const base = input(stage.things[twin.at], stage);
        for (const { path, values } of leavesOf(declared.input))
          for (const value of values.filter((_, index) => tried(`${name} ${path.join('.')} ${index}`))) {
            const given = path.length === 0 ? value : withAt(base, path, value);
            const label = `${path.join('.')} = ${JSON.stringify(value)?.slice(0, 60)}`;
            try {
              const { answer } = await stage.play(actor, name, given);
              for (const leak of leaks(actor, answer, given, stage, allowedTo(actor, name, stage)))
                faults.push(`${label} showed ${leak}`);
            } catch (error) {
              faults.push(`${label}: ${(error as Error).message.slice(0, 160)}`);
            }
          }
      }
      expect(faults.join('\n')).toBe('');
    });
});

describe('search', () => {
  it('means letters, not patterns', async () => {
    const lists: [OperationName, object][] = [
      ['user.list', {}],
      ['organization.list', {}],
      ['invitation.list', { state: 'all' }],
      ['application.list', {}],
      ['access-role.list', {}],
      ['request.catalogue', {}],
    ];
    for (const [name, rest] of lists)
      for (const search of ['%', '_', '%%', 'canary%', '\\', 'c_nary', '.*', '']) {
        const { answer } = await stage.play(stage.actors.acmeManager, name, { ...rest, search });
        if (!answer.ok) continue;
        const { items } = answer.output as { items: unknown[] };
        if (search !== '') expect(items, `${name} ${search}`).toEqual([]);
      }
  });
});

describe('a cursor carries no right (I06)', () => {
  it('of somebody who sees more shows nothing more', async () => {
    const { actors } = stage;
    for (const name of [
      'user.list',
      'event.list',
      'invitation.list',
      'organization.list',
    ] as OperationName[]) {
      const extra = name === 'organization.list' ? { search: 'canary' } : {};
      const { answer } = await stage.play(actors.owner, name, { ...extra, limit: 1 });
      const cursor = answer.ok ? (answer.output as { next?: string }).next : undefined;
      expect(cursor, name).toBeDefined();
      for (const who of ['acmeManager', 'northManager', 'acme2Manager'] as ActorName[]) {
        const given = { ...extra, cursor, limit: 200 };
        const other = await stage.play(actors[who], name, given);
        expect(leaks(actors[who], other.answer, given, stage), `${who} ${name}`).toEqual([]);
      }
    }
  });
});

describe('one answer for whoever is known and whoever is not (I08, I40)', () => {
  const same = async (name: OperationName, one: object, other: object, who: ActorName): Promise<void> => {
    const show = async (input: object): Promise<string> => {
      const { answer } = await stage.play(stage.actors[who], name, input);
      return JSON.stringify(answer)
        .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'id')
        .replace(/[a-z0-9.-]+@[a-z0-9.-]+/gi, 'email');
    };
    expect(await show(one), `${name} ${JSON.stringify(one)}`).toBe(await show(other));
  };

  it('at sign-in and recovery', async () => {
    const known = 'canary-acme-acmemember@example.org';
    const unknown = 'nobody.at.all@example.org';
    await same('recovery.start', { email: known }, { email: unknown }, 'stranger');
    const password = 'not their sentence';
    await same('session.create', { email: known, password }, { email: unknown, password }, 'stranger');
    const { organizationId, userName } = stage.codeUser;
    for (const [organization, name] of [
      [organizationId, 'nobody'],
      ['01a00000-0000-7000-8000-000000000000', userName],
      ['no such organization', userName],
    ]) {
      await same(
        'session.create',
        { organization: organizationId, userName, password },
        { organization, userName: name, password },
        'stranger',
      );
      const code = { code: 'AAAA-BBBB-CCCC', password: 'another long sentence' };
      await same(
        'code.redeem',
        { organization: organizationId, userName, ...code },
        { organization, userName: name, ...code },
        'stranger',
      );
    }
  });

  it('when somebody is invited who has an account elsewhere', async () => {
    const { organizationId } = stage.things.acmeSouth;
    const invite = (email: string) => ({
      organizationId,
      people: [{ email, displayName: 'New' }],
      entitlementIds: [],
      accessRoleIds: [],
    });
    const elsewhere = 'canary-acme2-acme2member@example.org';
    await same('invitation.create', invite(elsewhere), invite('nobody.at.all@example.org'), 'acmeManager');
    const check = (email: string) => ({ organizationId, text: email });
    await same('invitation.check', check(elsewhere), check('nobody.at.all@example.org'), 'acmeManager');
    const { invitationId } = stage.things.acmeSouth;
    await same(
      'invitation.readdress',
      { invitationId, email: elsewhere },
      { invitationId, email: 'nobody.at.all@example.org' },
      'acmeManager',
    );
    const onboard = (managerEmail: string) => ({
      ...acts['partner.onboard'].input(stage.things.beta, stage),
      managerEmail,
    });
    await same('partner.onboard', onboard(elsewhere), onboard('nobody.at.all@example.org'), 'owner');
  });
});
