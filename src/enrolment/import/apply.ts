import type { Context } from '../../operation/operation.ts';
import type { Progress, Work } from './work.ts';
import { writeApplications, writeAssignments } from './write-access.ts';
import { writeManagers, writeStanding } from './write-managers.ts';
import { writeOrganizations } from './write-organizations.ts';
import { writeMemberships, writeUsers } from './write-people.ts';

/** Event types that a take-over records, each once per row. */
export const importEvents = [
  'organization.created',
  'organization.updated',
  'user.created',
  'user.updated',
  'membership.created',
  'application.registered',
  'entitlement.created',
  'delegation.created',
  'delegation.widened',
  'delegation.narrowed',
  'invitation.revoked',
  'assignment.given',
  'import.applied',
] as const;

/** Writes a plan, set by set, in the transaction of `context`. Every row it writes gets its event. */
export async function applyPlan(context: Context, work: Work, progress: Progress): Promise<void> {
  const { plan } = work;
  const steps = [
    plan.organizations.create.length + plan.organizations.change.length,
    plan.users.create.length + plan.users.change.length,
    plan.memberships.create.length,
    plan.applications.create.length,
    plan.managers.create.length + plan.managers.change.length,
    plan.assignments.create.length,
  ];
  const total = steps.reduce((sum, count) => sum + count, 0);
  let done = 0;
  const told = async (phase: string, count: number): Promise<void> => {
    done += count;
    await progress(phase, done, total);
  };
  await told('organizations', 0);
  const places = await writeOrganizations(context, work);
  await told('people', steps[0]!);
  const users = await writeUsers(context, work, places);
  await told('memberships', steps[1]!);
  const memberships = await writeMemberships(context, work, places, users);
  await told('applications', steps[2]!);
  const roles = await writeApplications(context, work, places);
  await told('managers', steps[3]!);
  const standing = await writeStanding(context, work, places, roles);
  await writeManagers(context, work, { places, users, memberships, standing });
  await told('access', steps[4]!);
  await writeAssignments(context, work, places, roles);
  await told('trail', steps[5]!);
}
