import { z } from 'zod';
import { isAttributeName, partsOf } from '../../platform/ldap-names.ts';
import { writtenName } from '../../platform/names.ts';
import { saying } from '../../platform/problems.ts';

/** Sources as operations take them, and as they are shown. */
export const sourceId = z.uuid().describe('The source.');

const entryName = z
  .string()
  .trim()
  .max(1000)
  .refine((text) => (partsOf(text)?.length ?? 0) > 0, saying('entry-name'));
const attribute = z.string().trim().max(100).refine(isAttributeName, saying('attribute-name'));

export const makes = ['ldap', 'ad'] as const;

const places = z.discriminatedUnion('from', [
  z.object({ from: z.literal('source') }),
  z.object({ from: z.literal('attribute'), attribute }),
  z.object({ from: z.literal('tree') }),
  z.object({
    from: z.literal('map'),
    map: z
      .array(z.object({ below: entryName, organizationId: z.uuid() }))
      .min(1)
      .max(500),
  }),
]);

export const sourceFields = {
  name: writtenName.min(1).max(100),
  settings: z
    .object({
      host: z.string().trim().min(1).max(255).describe('Its name as in its certificate.'),
      port: z.int().min(1).max(65_535).optional().describe('636 when absent, or 389 with StartTLS.'),
      security: z
        .enum(['tls', 'starttls', 'clear'])
        .default('tls')
        .describe('clear: only where the operator of this server allows that host.'),
      trust: z
        .string()
        .max(20_000)
        .refine(
          (text) => text === '' || /-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(text),
          saying('certificate'),
        )
        .default('')
        .describe('PEM, where an authority of your own signed its certificate.'),
      account: entryName.describe('Our account there; it only needs to read.'),
    })
    .describe('How the directory is reached.'),
  password: z.string().min(1).max(1000).describe('Of our account there; kept sealed and never shown.'),
  base: entryName.describe('People stand below it, at any depth.'),
  objectClass: attribute.describe('inetOrgPerson, or user for Active Directory.'),
  columns: z
    .record(z.string().max(60), attribute)
    .describe(
      'Field of a person → attribute of the directory: key, name, givenName, familyName, email, title, lineManager, firstDay, lastDay, attribute.<key>. Without key, entries are known by the server’s own name of them.',
    ),
  places: places.describe(
    'Which organization people belong to: that of the source; what an attribute names; what the tree names; or what is said for parts of the tree.',
  ),
  gives: z
    .array(
      z.object({
        group: entryName.describe('A group of the directory.'),
        accessRoleId: z.uuid().optional(),
        groupId: z.uuid().optional(),
      }),
    )
    .max(100)
    .refine(
      (list) =>
        list.every(({ accessRoleId, groupId }) => (accessRoleId === undefined) !== (groupId === undefined)),
      saying('source-gives'),
    )
    .describe('What being in a group there gives here: an access role, or being in a group.'),
  everyMinutes: z.int().min(5).max(10_080).describe('How often what changed is read.'),
  wholeHours: z
    .int()
    .min(1)
    .max(744)
    .describe('How often everything is read; only then somebody is missing.'),
  brake: z
    .object({
      atLeast: z.int().min(0).max(1_000_000).default(10),
      share: z.number().min(0).max(1).default(0.1),
    })
    .describe('People that may be changed or be missing within a day without a person’s word.'),
};

export type SourceSettings = z.infer<typeof sourceFields.settings>;
export type Gives = z.infer<typeof sourceFields.gives>;

export const runStates = ['waiting', 'reading', 'held', 'writing', 'done', 'failed', 'over'] as const;

export const runCounts = z.object({
  new: z.int(),
  changed: z.int(),
  same: z.int(),
  problem: z.int().describe('People who stay out, each with the reason.'),
  proposed: z.int().describe('People who are not there any more, or switched off there: somebody decides.'),
  given: z.int(),
  taken: z.int(),
});
export type RunCounts = z.infer<typeof runCounts>;

export const runView = z
  .object({
    sourceRunId: z.uuid(),
    state: z
      .enum(runStates)
      .describe('held: so much would change that somebody has to agree; over: another took its place.'),
    incremental: z.boolean().describe('Only what changed was read.'),
    read: z.int(),
    off: z.int().describe('Of these, switched off there.'),
    counts: runCounts.nullable(),
    problem: z.string().nullable(),
    createdAt: z.string(),
    finishedAt: z.string().nullable(),
  })
  .meta({ id: 'SourceRun' });

export const sourceView = z
  .object({
    sourceId: z.uuid(),
    organizationId: z.uuid(),
    organizationName: z.string(),
    name: z.string(),
    make: z.enum(makes),
    state: z.enum(['draft', 'active', 'paused', 'retired']),
    answers: z.string().describe('Who answers for it: what it does is done in their name.'),
    people: z.int().describe('People who came from it and are here.'),
    proposals: z.int().describe('People whom somebody has to decide about.'),
    failingSince: z.string().nullable(),
    problem: z.string().nullable().describe('What went wrong last, while it fails.'),
    lastGoodAt: z.string().nullable(),
    nextAt: z.string().nullable(),
    heldAt: z.string().nullable().describe('Since when so much would change that somebody has to agree.'),
    heldRunId: z.uuid().nullable().describe('The reading that somebody has to agree to.'),
    version: z.int(),
  })
  .meta({ id: 'Source' });

export const sourceDetail = sourceView.extend({
  settings: z.object({
    host: z.string(),
    port: z.int().optional(),
    security: z.enum(['tls', 'starttls', 'clear']),
    trust: z.string(),
    account: z.string(),
  }),
  hasPassword: z.boolean(),
  gavePassword: z.boolean().describe('You gave it; others enter it anew to change what is read with it.'),
  base: z.string(),
  objectClass: z.string(),
  columns: z.record(z.string(), z.string()),
  places: z.discriminatedUnion('from', [
    z.object({ from: z.literal('source') }),
    z.object({ from: z.literal('attribute'), attribute: z.string() }),
    z.object({ from: z.literal('tree') }),
    z.object({
      from: z.literal('map'),
      map: z.array(z.object({ below: z.string(), organizationId: z.uuid() })),
    }),
  ]),
  gives: z.array(
    z.object({
      group: z.string(),
      accessRoleId: z.uuid().optional(),
      groupId: z.uuid().optional(),
    }),
  ),
  everyMinutes: z.int(),
  wholeHours: z.int(),
  brake: z.object({ atLeast: z.int(), share: z.number() }),
});
