import { sql } from 'kysely';
import { z } from 'zod';
import { adminRoleId } from '../../authority/permissions.ts';
import { appointOwner, createInstance } from '../../delegation/instance.ts';
import { isTimeZone } from '../../directory/days.ts';
import { addMembership, membershipState } from '../../directory/store.ts';
import { operation } from '../../operation/operation.ts';
import { readEmailAddress } from '../../platform/email-address.ts';
import { newId } from '../../platform/ids.ts';
import { writtenName } from '../../platform/names.ts';
import { redeemLinkSecret } from '../../platform/one-time-secrets.ts';
import { invalid, saying } from '../../platform/problems.ts';
import { refuse } from '../../platform/refusals.ts';
import { countCall } from '../attempts.ts';
import { choosePassword } from '../credentials.ts';
import { linkSecret, newPassword, signedInOutput } from '../forms.ts';
import { recordPassword } from '../password-event.ts';
import { endSetupLinks } from '../setup.ts';
import { signIn } from '../sign-in.ts';
import { findPerson } from '../store.ts';

export const setupComplete = operation({
  name: 'setup.complete',
  summary: 'Make the topmost organization and its owner, with the link that the operator was given.',
  http: 'POST /setup',
  input: z.object({
    token: linkSecret,
    organizationName: writtenName.min(1),
    displayName: writtenName.min(1),
    email: z.string().min(1).max(320),
    password: newPassword,
    timeZone: z.string().refine(isTimeZone, saying('time-zone')).default('UTC'),
  }),
  output: signedInOutput.extend({ organizationId: z.uuid() }),
  needs: 'public',
  effect: 'changing',
  events: [
    'organization.created',
    'delegation.created',
    'user.enrolled',
    'membership.created',
    'password.changed',
    'session.created',
    'session.ended',
  ],
  strangersPerMinute: 20,
  secretOutput: true,
  before: ({ db, caller }) => countCall(db, 'setup', caller),
  run: async (context, input) => {
    const { db } = context;
    const email = readEmailAddress(input.email);
    if (!email) throw invalid('email', 'not-an-email');
    if (!(await redeemLinkSecret(db, 'setup', input.token))) throw refuse('auth.code-invalid');
    const instance = await createInstance(db, { name: input.organizationName, timeZone: input.timeZone });
    if (!instance) throw refuse('setup.done');
    await sql`insert into instance (demo) values (false) on conflict do nothing`.execute(db);
    await endSetupLinks(db);
    const userId = newId(context.at.getTime());
    // The operator vouches for it as a name to sign in with; it counts as proved (`email_proved_at`) only after a
    // mail came back from it (I41).
    await sql`insert into app_user (id, home_organization_id, display_name, email, proved_email)
      values (${userId}, ${instance.organizationId}, ${input.displayName}, ${email.address}, ${email.normal})`.execute(
      db,
    );
    const membership = await addMembership(db, {
      userId,
      organizationId: instance.organizationId,
      displayName: input.displayName,
    });
    const owner = await appointOwner(db, { userId, membershipId: membership.id }, adminRoleId('owner'));
    const place = { organizationId: membership.organizationId, path: membership.path, subjectId: userId };
    for (const change of instance.changes) context.record(change);
    context.record({
      type: 'user.enrolled',
      targetKind: 'user',
      targetId: userId,
      ...place,
      after: { id: userId, homeOrganizationId: instance.organizationId, state: 'active' },
      personal: { displayName: input.displayName, email: email.address },
    });
    context.record({
      type: 'membership.created',
      targetKind: 'membership',
      targetId: membership.id,
      ...place,
      after: membershipState(membership),
    });
    context.record(owner);
    const person = (await findPerson(db, userId))!;
    await choosePassword(context, person, input.password);
    recordPassword(context, person, 'setup');
    const session = await signIn(context, person, 'setup');
    return {
      organizationId: instance.organizationId,
      sessionId: session.sessionId,
      userId,
      membershipId: session.membership.id,
    };
  },
});
