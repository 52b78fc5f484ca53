import { z } from 'zod';
import { type RiskClass, riskClasses } from '../access/risk.ts';
import { permissionNames } from '../authority/permissions.ts';

/**
 * An approval policy: which requests it is about, and the steps that these take. Pure. What somebody saves is checked
 * by `hang.ts` before it is kept; what a request takes is a copy of it, made when it is asked (ruling 8).
 */

export { type RiskClass, riskClasses };

/** What can be asked for. */
export const requestKinds = [
  'access',
  'extension',
  'ending',
  'last-day',
  'organization',
  'delegation',
  'account',
] as const;
export type RequestKind = (typeof requestKinds)[number];

/** Time that a step may take: by the clock, or in hours and days on which the organization works. */
export const duration = z.union([
  z.object({ hours: z.number().int().min(1).max(2400) }).strict(),
  z.object({ workingHours: z.number().int().min(1).max(800) }).strict(),
  z.object({ workingDays: z.number().int().min(1).max(100) }).strict(),
]);
export type Duration = z.infer<typeof duration>;

/** Who may decide a step. Looked up whenever somebody decides or looks, never kept (I35). */
export const approver = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('line-manager') }).strict(),
  z.object({ kind: z.literal('managers') }).strict(),
  z.object({ kind: z.literal('application-managers') }).strict(),
  z.object({ kind: z.literal('holders'), permission: z.enum(permissionNames) }).strict(),
  z.object({ kind: z.literal('members'), organizationId: z.uuid() }).strict(),
  z.object({ kind: z.literal('people'), membershipIds: z.array(z.uuid()).min(1).max(50) }).strict(),
  z.object({ kind: z.literal('level-above') }).strict(),
  z.object({ kind: z.literal('owners') }).strict(),
]);
export type Approver = z.infer<typeof approver>;
export const approverKinds = [
  'line-manager',
  'managers',
  'application-managers',
  'holders',
  'members',
  'people',
  'level-above',
  'owners',
] as const satisfies readonly Approver['kind'][];

const approvers = z.array(approver).min(1).max(10);

/** Those who may decide from now on, beside those before them, and how long they have. */
export const level = z.object({ approvers, due: duration }).strict();
export type Level = z.infer<typeof level>;

export const quorum = z.union([
  z.literal('one'),
  z.literal('all'),
  z.object({ atLeast: z.number().int().min(2).max(20) }).strict(),
]);
export type Quorum = z.infer<typeof quorum>;

export const step = z
  .object({
    name: z.string().trim().min(1).max(80),
    approvers,
    quorum: quorum.default('one'),
    due: duration,
    remind: z.array(duration).max(5).default([]).describe('How long before it is due they are reminded.'),
    escalation: z.array(level).max(5).default([]).describe('Who is asked, too, when it was due in vain.'),
    atEnd: z
      .enum(['refuse', 'approve'])
      .default('refuse')
      .describe('What becomes of it when nobody decided.'),
    attachment: z
      .literal('required')
      .optional()
      .describe('Whoever asks adds a file before it is approved; one can always be added.'),
  })
  .strict();
export type Step = z.infer<typeof step>;

/** Which requests a policy is about; what is absent does not matter. */
export const conditions = z
  .object({
    kinds: z.array(z.enum(requestKinds)).min(1).optional().describe('What is asked for.'),
    organizationIds: z
      .array(z.uuid())
      .min(1)
      .max(200)
      .optional()
      .describe('Only in these organizations and below, instead of everywhere below the policy’s own.'),
    applications: z.array(z.uuid()).min(1).max(200).optional(),
    entitlements: z.array(z.uuid()).min(1).max(1000).optional(),
    risk: z.array(z.enum(riskClasses)).min(1).optional(),
    membership: z
      .enum(['internal', 'external'])
      .optional()
      .describe('Of the instance’s own organization, or of one below it.'),
    longerThanDays: z
      .number()
      .int()
      .min(1)
      .max(3650)
      .optional()
      .describe('A longer period, or without an end.'),
    separation: z.literal(true).optional().describe('The access is part of a separation of duties there.'),
  })
  .strict();
export type Conditions = z.infer<typeof conditions>;

/** What conditions are compared with. */
export type Asked = {
  kind: RequestKind;
  /** the organization that it is about, and those above */
  organizationIds: readonly string[];
  entitlements: readonly { id: string; applicationId: string; risk: RiskClass }[];
  /** a member of a partner, below the instance's own organization */
  external: boolean;
  /** undefined when it has no end */
  days: number | undefined;
  /** it touches a separation of duties */
  separation: boolean;
};

export const conditionNames = Object.keys(conditions.shape) as (keyof Conditions)[];

const tests: { [C in keyof Conditions]-?: (wants: NonNullable<Conditions[C]>, asked: Asked) => boolean } = {
  kinds: (kinds, { kind }) => kinds.includes(kind),
  organizationIds: (ids, { organizationIds }) => organizationIds.some((id) => ids.includes(id)),
  applications: (ids, { entitlements }) => entitlements.some((one) => ids.includes(one.applicationId)),
  entitlements: (ids, { entitlements }) => entitlements.some(({ id }) => ids.includes(id)),
  risk: (classes, { entitlements }) => entitlements.some(({ risk }) => classes.includes(risk)),
  membership: (which, { external }) => (which === 'external') === external,
  longerThanDays: (most, { days }) => days === undefined || days > most,
  separation: (_, { separation }) => separation,
};

/** The conditions that what is asked for does not meet. */
export const unmet = (applies: Conditions, asked: Asked): (keyof Conditions)[] =>
  conditionNames.filter((name) => {
    const wanted = applies[name];
    return (
      wanted !== undefined && !(tests[name] as (wanted: unknown, asked: Asked) => boolean)(wanted, asked)
    );
  });

export const concerns = (applies: Conditions, asked: Asked): boolean => unmet(applies, asked).length === 0;

/** A step as a request takes it, with where it comes from. */
export type PlannedStep = {
  name: string;
  /** null for what every request takes that no policy is about */
  policyId: string | null;
  /** each asked beside those before, and the owners at the last */
  levels: Level[];
  quorum: Quorum;
  remind: Duration[];
  atEnd: 'refuse' | 'approve';
  /** whoever asks adds a file before it is approved */
  attachment?: 'required';
  /**
   * Its policy says yes at once, within what the policy's owner may give; where that does not hold, those are asked
   * who are asked without any policy.
   */
  automatic?: true;
  /** Time has ended it with a yes, as the policy's owner said; no vote of it counts any more. */
  passed?: true;
};

export type Policy = { id: string; applies: Conditions; steps: Step[] };

const lastDue: Duration = { workingDays: 5 };

/** No step ends before the instance's owners were asked, unless they were asked already. */
export function planned(policyId: string | null, one: Step): PlannedStep {
  const levels = [{ approvers: one.approvers, due: one.due }, ...one.escalation];
  const last = levels.at(-1)!;
  const owners: Level = { approvers: [{ kind: 'owners' }], due: lastDue };
  return {
    name: one.name,
    policyId,
    levels: last.approvers.some(({ kind }) => kind === 'owners') ? levels : [...levels, owners],
    quorum: one.quorum,
    remind: one.remind,
    atEnd: one.atEnd,
    ...(one.attachment ? { attachment: one.attachment } : {}),
  };
}

/** What a request takes that no policy is about: the managers there, then those above. */
export const usualStep: PlannedStep = planned(null, {
  name: 'Managers',
  approvers: [{ kind: 'managers' }],
  quorum: 'one',
  due: { workingDays: 5 },
  remind: [{ workingDays: 1 }],
  escalation: [{ approvers: [{ kind: 'level-above' }], due: { workingDays: 5 } }],
  atEnd: 'refuse',
});

/**
 * The steps of a request: those of every policy that is about it, from the nearest organization upwards. A policy
 * without steps says yes at once, and only where no other asks anybody: of several the strictest holds (ruling 8).
 */
export function planOf(policies: readonly Policy[], asked: Asked): PlannedStep[] {
  const about = policies.filter(({ applies }) => concerns(applies, asked));
  const steps = about.flatMap(({ id, steps }) => steps.map((one) => planned(id, one)));
  if (steps.length > 0) return steps;
  return about[0] ? [{ ...usualStep, policyId: about[0].id, automatic: true }] : [usualStep];
}
