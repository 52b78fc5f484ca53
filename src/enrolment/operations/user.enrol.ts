import { z } from 'zod';
import { giveAccess, giveEvents } from '../../access/give.ts';
import { loadRecipients } from '../../access/recipients.ts';
import { loadThings } from '../../access/things.ts';
import { day, organizationId } from '../../directory/fields.ts';
import { type Context, makerOf, operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { mixesScripts } from '../../platform/email-address.ts';
import { makePrintedCode } from '../../platform/one-time-secrets.ts';
import { saying } from '../../platform/problems.ts';
import { enrolMember, requireOpen } from '../enrol-member.ts';
import { accessInput, personName } from '../fields.ts';
import { decideOffer } from '../offer.ts';
import { dayMs, printedCodeDays } from '../rules.ts';

const userName = z
  .string()
  .trim()
  .normalize('NFKC')
  .min(2)
  .max(64)
  .regex(/^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*$/u, saying('user-name'))
  .refine((name) => !mixesScripts(name), saying('one-script'));

export const userEnrol = operation({
  name: 'user.enrol',
  summary: 'Enrol somebody who has no e-mail: a user name and a printed one-time code.',
  http: 'POST /organizations/{organizationId}/people',
  input: z.object({
    organizationId,
    userName: userName.describe('Unique in the organization.'),
    displayName: personName.min(1),
    title: personName.default(''),
    firstDay: day.optional(),
    lastDay: day.optional(),
    ...accessInput,
  }),
  output: z.object({
    userId: z.uuid(),
    membershipId: z.uuid(),
    organizationId: z.uuid(),
    organizationName: z.string(),
    displayName: z.string(),
    userName: z.string(),
    code: z.string().describe('Shown once. Hand it over in person.'),
    expiresAt: z.string(),
    signInUrl: z.string(),
  }),
  needs: {
    permission: 'user.enrol',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: [...giveEvents, 'user.created', 'membership.created'],
  secretOutput: true,
  run: async (context, input) => {
    requireOpen(context.target, input);
    // Decided before anything is made, and as an invitation of the same access would be (I10).
    await decideOffer(context, context.target, input);
    const { organization, userId, membershipId } = await enrolMember(context, input);
    await giveAll(context, membershipId, input);
    const code = await makePrintedCode(context.db, userId, printedCodeDays * 86_400, makerOf(context));
    return {
      userId,
      membershipId,
      organizationId: organization.id,
      organizationName: organization.name,
      displayName: input.displayName,
      userName: input.userName,
      code,
      expiresAt: new Date(context.at.getTime() + printedCodeDays * dayMs).toISOString(),
      signInUrl: `${context.config.url}/code?organization=${organization.id}`,
    };
  },
});

/** All of the access or nobody is enrolled: a card with a code for half of it helps no one. */
async function giveAll(
  context: Context,
  membershipId: string,
  wanted: { entitlementIds: string[]; accessRoleIds: string[] },
): Promise<void> {
  const ids = [...wanted.entitlementIds, ...wanted.accessRoleIds];
  if (ids.length === 0) return;
  const things = await loadThings(context.db, wanted.entitlementIds, wanted.accessRoleIds);
  const recipients = await loadRecipients(context.db, [membershipId], [], context.at);
  const [given] = await giveAccess(
    context,
    [recipients.get(membershipId)],
    ids.map((id) => things.get(id)),
    { why: 'direct', reason: '', from: undefined, until: undefined },
  );
  if (!given?.ok) throw given!.refusal;
}
