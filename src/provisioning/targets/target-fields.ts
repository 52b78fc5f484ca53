import { z } from 'zod';
import { writtenName } from '../../platform/names.ts';
import { orphanWays, otherWays } from '../reconciling/mending-rules.ts';
import { lossPolicies } from '../wanted/desired.ts';
import { hows, type Mapping, type Source, sources } from '../wanted/mapping.ts';
import { abilityView, fieldView } from './connector-view.ts';

/** Connected systems as operations take them. */
export const provisioningTargetId = z.uuid();

const source = z
  .string()
  .regex(/^[a-zA-Z]{1,40}$|^attribute\.[a-z][a-z0-9_]{0,39}$/)
  .refine((name) => name.startsWith('attribute.') || (sources as readonly string[]).includes(name))
  .describe(`One of ${sources.join(', ')}, or attribute.<key>.`);

export const mappingFields = z
  .array(
    z.object({
      to: z.string().min(1).max(100).describe('A value that an account there has.'),
      pieces: z
        .array(
          z.union([
            z.object({ text: z.string().min(1).max(200) }),
            z.object({
              field: source,
              how: z
                .array(z.enum(hows))
                .max(5)
                .default([])
                .describe('What is done with it, one after another.'),
            }),
          ]),
        )
        .min(1)
        .max(10)
        .describe('Put together in this order; nothing at all where none of its fields has anything.'),
      once: z.boolean().default(false).describe('Only when the account is made.'),
    }),
  )
  .max(60)
  .refine((rows) => new Set(rows.map(({ to }) => to)).size === rows.length)
  .describe('What goes into which value of an account.');

/** Checked by `mappingFields`: its names of sources are those. */
export const asMapping = (rows: z.infer<typeof mappingFields>): Mapping =>
  rows.map((row) => ({
    ...row,
    pieces: row.pieces.map((piece) => ('text' in piece ? piece : { ...piece, field: piece.field as Source })),
  }));

const texts = (longest: number) => z.record(z.string().min(1).max(60), z.string().max(longest));

export const roleFields = z
  .array(
    z.object({
      entitlementId: z.uuid().optional().describe('Whoever has this role of an application has an account.'),
      organizationId: z.uuid().optional().describe('Everybody there and below who has an account.'),
      groupId: z.uuid().optional().describe('Everybody in the group who has an account.'),
      name: writtenName
        .min(1)
        .max(100)
        .nullable()
        .default(null)
        .describe('The group or role there; without, just the account.'),
    }),
  )
  .max(5000)
  .refine((roles) =>
    roles.every((one) => [one.entitlementId, one.organizationId, one.groupId].filter(Boolean).length === 1),
  )
  .describe('Who has an account there, and which groups or roles. Each names exactly one of the three.');

export const targetFields = {
  name: writtenName.min(1).max(100),
  settings: texts(20_000).describe('As the connector describes them.'),
  secrets: z
    .record(z.string().min(1).max(60), z.string().max(10_000).nullable())
    .describe('Kept sealed and never shown. Those not named stay as they are; null forgets one.'),
  mapping: mappingFields,
  roles: roleFields,
  policy: z.object({
    prepareDays: z
      .int()
      .min(0)
      .max(90)
      .default(0)
      .describe('Make accounts, switched off, so many days before.'),
    onLoss: z.enum(lossPolicies).default('delete-after').describe('When nothing mapped is held any more.'),
    deleteAfterDays: z.int().min(1).max(3650).default(30),
  }),
  limits: z.object({
    atOnce: z.int().min(1).max(32).default(8).describe('Calls at the same time.'),
    perMinute: z.int().min(1).max(60_000).default(6000),
  }),
  brake: z
    .object({
      atLeast: z.int().min(0).max(1_000_000).default(20),
      share: z.number().min(0).max(1).default(0.1),
    })
    .describe(
      'Accounts from which something may be taken, and of as many those whose values may change, within a day without a person’s word.',
    ),
  mending: z
    .object({
      orphan: z
        .enum(orphanWays)
        .default('leave')
        .describe(
          'About accounts there that are nobody’s; `adopt` takes one as the account of whom it fits, and leaves others.',
        ),
      missing: z
        .enum(otherWays)
        .default('leave')
        .describe('About accounts that should be there and are not.'),
      drift: z
        .enum(otherWays)
        .default('leave')
        .describe('About accounts that are other than they should be.'),
      nightly: z.boolean().default(false).describe('Compared each night.'),
      match: z
        .string()
        .min(1)
        .max(100)
        .nullable()
        .default(null)
        .describe('With `adopt`: the value by which an account is known to be somebody’s.'),
    })
    .describe('What is done about differences without a person’s word; never more than the brake lets.'),
  passwords: z
    .object({
      form: z.enum(['clear', 'ssha512', 'bcrypt', 'argon2id']).describe('As what the system takes one.'),
      sync: z.boolean().describe('Passwords that people set here are sent there, too.'),
      initial: z.boolean().describe('Accounts that are made get a first one, which their owner sees once.'),
    })
    .nullable()
    .describe('What is done about passwords; null: nothing.'),
};

export const targetView = z
  .object({
    id: z.uuid(),
    organizationId: z.uuid(),
    organizationName: z.string(),
    name: z.string(),
    connector: z.string(),
    state: z.enum(['draft', 'active', 'paused', 'retired']),
    failingSince: z.string().nullable(),
    problem: z.string().nullable().describe('What went wrong there last, while it fails.'),
    restsUntil: z.string().nullable(),
    brakedAt: z.string().nullable().describe('Since when so much would be taken that somebody has to agree.'),
    changesHeldAt: z
      .string()
      .nullable()
      .describe('Since when values of so many would change that somebody has to agree.'),
    lastGoodAt: z.string().nullable(),
    accounts: z.number().int().describe('Accounts that are there, switched on or off.'),
    waiting: z.number().int().describe('Accounts for which something is to be done now.'),
    dead: z.number().int().describe('Accounts that wait for a person.'),
    overdue: z.number().int().describe('Accounts that should have been switched off some minutes ago.'),
    version: z.number().int(),
  })
  .meta({ id: 'ProvisioningTarget' });

export const roleView = z.object({
  entitlementId: z.uuid().nullable(),
  organizationId: z.uuid().nullable(),
  groupId: z.uuid().nullable(),
  label: z.string().nullable().describe('What it stands for, in words; null where you do not see it.'),
  name: z.string().nullable(),
  stopped: z
    .boolean()
    .describe(
      'Nobody gets it anew: whoever saved the system may not hand it out any more. Whoever has it keeps it while it is held.',
    ),
});

export const targetDetail = targetView.extend({
  settings: z.record(z.string(), z.string()),
  hasCredentials: z.boolean(),
  mapping: z.array(
    z.object({
      to: z.string(),
      pieces: z.array(
        z.union([
          z.object({ text: z.string() }),
          z.object({ field: z.string(), how: z.array(z.enum(hows)).optional() }),
        ]),
      ),
      once: z.boolean().optional(),
    }),
  ),
  values: z.array(fieldView).describe('What an account there has.'),
  can: abilityView,
  roles: z.array(roleView),
  policy: targetFields.policy,
  limits: targetFields.limits,
  brake: targetFields.brake,
  mending: targetFields.mending,
  comparesAt: z.string().nullable().describe('When it is next compared by itself.'),
  passwords: targetFields.passwords,
});
