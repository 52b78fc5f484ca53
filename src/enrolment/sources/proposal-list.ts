import { type Kysely, type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import type { Target } from '../../authority/delegation.ts';
import { inReach, type Reach } from '../../authority/reach.ts';
import { decodeCursor, toPage } from '../../platform/paging.ts';
import type { DB } from '../../platform/schema.gen.ts';

export const proposalView = z.object({
  proposalId: z.uuid(),
  sourceId: z.uuid(),
  why: z
    .enum(['missing', 'off'])
    .describe('missing: not in the directory any more; off: switched off there.'),
  membershipId: z.uuid(),
  userId: z.uuid(),
  displayName: z.string(),
  title: z.string(),
  organizationId: z.uuid(),
  organizationName: z.string(),
  createdAt: z.string(),
});
type View = z.infer<typeof proposalView>;

export const proposalId = z.uuid().describe('The proposal.');

/** The person whom it is about: who may end them decides. */
export async function proposalTarget(db: Kysely<DB>, id: string): Promise<Target | undefined> {
  const { rows } = await sql<Target>`
    select 'membership' as kind, m.id, m.organization_id as "organizationId", m.path, place_is_off(m.path) as off,
      m.user_id as "userId", m.line
    from proposal p join membership m on m.id = p.membership_id where p.id = ${id}`.execute(db);
  return rows[0];
}

/**
 * What somebody may decide about: people whom they may end and whom they see, never themselves. `p` is the proposal, `m`
 * the membership.
 */
export const mayBeSettled = (
  ending: Reach,
  people: Reach,
  selves: readonly string[],
): RawBuilder<boolean> => sql<boolean>`p.state = 'open' and m.state <> 'ended' and m.ends_at > remit_now()
  and m.user_id <> all (${selves}::uuid[]) and ${inReach(ending, sql`m.path`, sql`m.user_id`, sql`m.line`)}
  and ${inReach(people, sql`m.path`, sql`m.user_id`, sql`m.line`)}`;

/** What waits for a decision of whoever reads; newest first. */
export async function listProposals(
  db: Kysely<DB>,
  may: RawBuilder<boolean>,
  { sourceId, organizationId }: { sourceId: string | undefined; organizationId: string | undefined },
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<{ items: View[]; next?: string }> {
  const after = decodeCursor(cursor, ['uuid']);
  const { rows } = await sql<Omit<View, 'createdAt'> & { createdAt: Date }>`
    select p.id as "proposalId", p.source_id as "sourceId", p.why, m.id as "membershipId", m.user_id as "userId",
      u.display_name as "displayName", m.title, m.organization_id as "organizationId", o.name as "organizationName",
      p.created_at as "createdAt"
    from proposal p join membership m on m.id = p.membership_id join app_user u on u.id = m.user_id
    join organization o on o.id = m.organization_id
    where ${may}
      ${sourceId ? sql`and p.source_id = ${sourceId}` : sql``}
      ${organizationId ? sql`and m.organization_id = ${organizationId}` : sql``}
      ${after ? sql`and p.id < ${after[0]}::uuid` : sql``}
    order by p.id desc limit ${limit + 1}`.execute(db);
  const items = rows.map(({ createdAt, ...row }) => ({ ...row, createdAt: createdAt.toISOString() }));
  return toPage(items, limit, (row) => [row.proposalId]);
}
