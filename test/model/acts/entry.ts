/**
 * Who comes in: invitations sent, sent again, taken back and accepted; and machines. What comes with them is taken from
 * the product and held by the laws, as for all acts with wide effects.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { chainOf, gives, isDenied, isOff, may, stopOf, type Using } from '../rules.ts';
import type { Invitation, World } from '../world.ts';
import { type Act, any, declare, refused, takeOver } from './act.ts';

export type InvitationWish = {
  organizationId: string;
  email: string;
  entitlementIds: string[];
  manager?: { adminRoleId: string; mayPassOn: number };
};

export const invite = declare(
  'invitation.create',
  ({ organizationId, email, entitlementIds, manager }: InvitationWish) => ({
    organizationId,
    people: [{ email, displayName: email.split('@')[0]! }],
    entitlementIds,
    ...(manager ? { manager } : {}),
  }),
  (world, actor, { organizationId }) =>
    may(world, actor, 'user.invite', { organizationId })
      ? { outcomes: any, why: 'where they may', apply: (after, done) => takeOver(after, done, []) }
      : refused('may not invite there'),
);

const onInvitation = (operation: 'invitation.resend' | 'invitation.revoke') =>
  declare(
    operation,
    (invitationId: string) => ({ invitationId }),
    (world, actor, invitationId) => {
      const { organizationId, state } = world.invitations.get(invitationId)!;
      if (!may(world, actor, 'user.invite', { organizationId })) return refused('may not invite there');
      if (state === 'accepted' || (state === 'revoked' && operation === 'invitation.resend'))
        return { outcomes: ['refused', 'conflict'], why: 'over already' };
      return { outcomes: any, why: 'where they may', apply: (after, done) => takeOver(after, done, []) };
    },
  );
export const resendInvitation = onInvitation('invitation.resend');
export const revokeInvitation = onInvitation('invitation.revoke');

const tokenOf = (invitationId: string): string => `model-${invitationId}`;

/**
 * Whoever has the link, and nobody in particular. The act is its inviter's (I01): what it gives, their link has to give
 * still; and once it is taken back, over, or its link stopped, it opens nothing (I14, I43).
 */
export function accept(invitation: Invitation, inviter: Using): Act {
  const token = tokenOf(invitation.id);
  return {
    operation: 'invitation.accept',
    actor: inviter,
    credential: { kind: 'none' },
    input: { token, displayName: 'Somebody new', password: 'a long one for the model' },
    // The mail would have carried it.
    prepare: async (db) => {
      const hash = createHash('sha256').update(`invitation\n\n${token}`).digest();
      await sql`insert into one_time_secret (hash, purpose, subject_id, expires_at)
        values (${hash}, 'invitation', ${invitation.id}, 'infinity') on conflict do nothing`.execute(db);
    },
    predict: (world) => {
      const now = world.invitations.get(invitation.id)!;
      if (now.state !== 'open' || world.now >= now.expiresAt || isOff(world, now.organizationId))
        return { outcomes: ['refused', 'conflict'], why: 'over, or nothing opens there' };
      if (!stillGives(world, now, inviter))
        return { outcomes: ['refused', 'conflict'], why: 'its link gives it no more' };
      return {
        outcomes: any,
        why: 'while it is open',
        apply: (after, done) => takeOver(after, done, ['users', 'memberships', 'links', 'assignments']),
      };
    },
  };
}

function stillGives(world: World, { invitedUnder, organizationId }: Invitation, inviter: Using): boolean {
  const link = world.links.get(invitedUnder ?? '');
  if (link?.delegate.kind !== 'user') return true;
  const chain = chainOf(world, link);
  const target = { organizationId };
  return (
    !stopOf(world, chain, inviter) &&
    gives(world, chain, 'user.invite', target, inviter) &&
    !isDenied(world, chain, 'user.invite', target)
  );
}

export const createClient = declare(
  'client.create',
  (organizationId: string, permissions: string[], applicationIds: string[]) => ({
    organizationId,
    name: 'machine',
    permissions,
    entitlements: { applicationIds, entitlementIds: [] },
  }),
  (world, actor, organizationId) =>
    may(world, actor, 'client.configure', { organizationId })
      ? { outcomes: any, why: 'of what they have', apply: (after, done) => takeOver(after, done, ['links']) }
      : refused('may not make keys there'),
);

/** As the delegation that it is: by whoever made it, or holds a link above it. */
export const endClient = declare(
  'client.end',
  (clientId: string) => ({ clientId }),
  (world, actor, clientId) => {
    const { organizationId, state } = world.clients.get(clientId)!;
    if (!may(world, actor, 'client.configure', { organizationId })) return refused('may not end keys there');
    if (state === 'ended') return { outcomes: ['refused', 'conflict'], why: 'has ended' };
    return {
      outcomes: any,
      why: 'from above',
      apply: (after, done) => {
        const complaints = takeOver(after, done, ['links']);
        for (const { delegate, state: now, id } of after.links.values())
          if (delegate.kind === 'client' && delegate.clientId === clientId && now !== 'ended')
            complaints.push(`${id} of the ended key stands`);
        return complaints;
      },
    };
  },
);
