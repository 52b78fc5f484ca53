import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { inReach, type Reach } from '../authority/reach.ts';
import { decodeCursor, toPage } from '../platform/paging.ts';
import type { DB } from '../platform/schema.gen.ts';
import { type InvitationState, invitationState } from './rules.ts';
import { type InvitationRow, invitationColumns } from './store.ts';
import { loadUnder } from './under.ts';

export const invitationView = z
  .object({
    id: z.uuid(),
    organizationId: z.uuid(),
    organizationName: z.string(),
    email: z.string(),
    displayName: z.string(),
    title: z.string(),
    message: z.string(),
    firstDay: z.string().nullable(),
    lastDay: z.string().nullable(),
    membershipId: z.uuid().nullable().describe('For a member who has no sign-in yet.'),
    state: z.enum(['open', 'expired', 'dead', 'accepted', 'revoked']),
    isManager: z.boolean().describe('It appoints a manager.'),
    entitlementIds: z.array(z.uuid()),
    accessRoleIds: z.array(z.uuid()),
    invitedByName: z.string().nullable().describe('Who sent it, where you can see them.'),
    createdAt: z.string(),
    sentAt: z.string().nullable(),
    expiresAt: z.string(),
    renewalAskedAt: z.string().nullable().describe('They asked for a new one.'),
    acceptedAt: z.string().nullable(),
    version: z.number().int(),
  })
  .meta({ id: 'Invitation' });
export type InvitationView = z.infer<typeof invitationView>;

export const listStates = ['open', 'expired', 'accepted', 'revoked', 'all'] as const;

export type InvitationFilter = {
  reach: Reach;
  /** whom the reader can see, to name who sent it */
  people: Reach;
  state: (typeof listStates)[number];
  search?: string | undefined;
  invitationId?: string;
};

type Shown = InvitationRow & {
  organizationName: string;
  livePath: string;
  off: boolean;
  invitedByName: string | null;
};

/** Newest first, within the reader's reach; one by its id by the same statement. */
export async function listInvitations(
  db: Kysely<DB>,
  filter: InvitationFilter,
  { cursor, limit, at }: { cursor: string | undefined; limit: number; at: Date },
): Promise<{ items: InvitationView[]; next?: string }> {
  const after = decodeCursor(cursor, ['instant', 'uuid']);
  const state = {
    open: sql`i.state = 'open' and i.expires_at > ${at}`,
    expired: sql`i.state = 'open' and i.expires_at <= ${at}`,
    accepted: sql`i.state = 'accepted'`,
    revoked: sql`i.state = 'revoked'`,
    all: sql`true`,
  }[filter.state];
  const pattern = filter.search && `%${filter.search.replace(/[\\%_]/g, '\\$&')}%`;
  const { rows } = await sql<Shown>`
    select ${invitationColumns}, o.name as "organizationName", o.path as "livePath", place_is_off(o.path) as off,
      (select u.display_name from app_user u join organization h on h.id = u.home_organization_id
        where u.id = i.invited_by and ${inReach(filter.people, sql`h.path`, sql`u.id`)}) as "invitedByName"
    from invitation i join organization o on o.id = i.organization_id
    where ${inReach(filter.reach, sql`o.path`)} and ${state}
      ${filter.invitationId ? sql`and i.id = ${filter.invitationId}` : sql``}
      ${pattern ? sql`and (i.email ilike ${pattern} or i.display_name ilike ${pattern})` : sql``}
      ${after ? sql`and (i.created_at, i.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``}
    order by i.created_at desc, i.id desc limit ${limit + 1}`.execute(db);
  const underOf = await loadUnder(db, rows);
  const page = toPage(rows, limit, (row) => [row.createdAt.toISOString(), row.id]);
  return {
    ...page,
    items: page.items.map((row) => {
      const target = {
        kind: 'invitation',
        id: row.id,
        organizationId: row.organizationId,
        path: row.livePath,
        off: row.off,
      };
      return viewOf(row, invitationState({ ...row, under: underOf(row) }, target, at));
    }),
  };
}

const viewOf = (row: Shown, state: InvitationState): InvitationView => ({
  ...row,
  state,
  isManager: row.delegation !== null,
  createdAt: row.createdAt.toISOString(),
  sentAt: row.sentAt?.toISOString() ?? null,
  expiresAt: row.expiresAt.toISOString(),
  renewalAskedAt: row.renewalAskedAt?.toISOString() ?? null,
  acceptedAt: row.acceptedAt?.toISOString() ?? null,
});
