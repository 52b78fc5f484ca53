import type { Target } from '../authority/delegation.ts';
import { spanOf } from '../directory/days.ts';
import { requireMayBringIn } from '../directory/grants.ts';
import { lockOrganization, type OrganizationRow } from '../directory/store.ts';
import type { Context } from '../operation/operation.ts';
import { invalid } from '../platform/problems.ts';
import { refuse } from '../platform/refusals.ts';
import { addMember, addUser } from './join.ts';

export type Enrolled = {
  organizationId: string;
  displayName: string;
  /** to sign in by; without one, and without a proved address, nobody does before they are invited */
  userName?: string | undefined;
  /** unproved: it claims and blocks nothing (I40) */
  email?: string | undefined;
  language?: string | undefined;
  title: string;
  firstDay?: string | undefined;
  lastDay?: string | undefined;
};

/** @throws Refusal `organization.off`, or of days that cannot be */
export function requireOpen(
  target: Target,
  { firstDay, lastDay }: Pick<Enrolled, 'firstDay' | 'lastDay'>,
): void {
  if (target.off) throw refuse('organization.off');
  if (firstDay && lastDay && lastDay < firstDay) throw invalid('lastDay', 'last-day-before-first');
}

/**
 * Makes a person who is new, and their membership: whether somebody types them in or a feed sends them, it is one act
 * (I10). The actor was permitted to enrol in that organization.
 */
export async function enrolMember(
  context: Context,
  made: Enrolled,
): Promise<{ organization: OrganizationRow; userId: string; membershipId: string }> {
  const organization = await lockOrganization(context.db, made.organizationId);
  const { endsAt } = spanOf(null, made.lastDay ?? null, organization.timeZone);
  await requireMayBringIn(context, [organization.path], { title: made.title, until: endsAt });
  if (endsAt !== 'infinity' && endsAt <= context.at) throw invalid('lastDay', 'has-passed');
  const user = await addUser(
    context,
    {
      displayName: made.displayName,
      email: made.email ?? null,
      provedEmail: null,
      userName: made.userName ?? null,
      homeOrganizationId: organization.id,
      language: made.language,
    },
    organization.path,
  );
  const { id: membershipId } = await addMember(context, { ...made, userId: user!.id });
  return { organization, userId: user!.id, membershipId };
}
