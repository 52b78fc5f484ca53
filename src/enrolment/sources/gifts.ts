import { type Kysely, type RawBuilder, sql } from 'kysely';
import { giveAccess } from '../../access/give.ts';
import { loadRecipients } from '../../access/recipients.ts';
import { endAccess } from '../../access/take.ts';
import { loadThings } from '../../access/things.ts';
import { addMembers, removeMembers } from '../../directory/group-members.ts';
import { groupTarget } from '../../directory/groups.ts';
import type { Context } from '../../operation/operation.ts';
import type { Refusal } from '../../platform/refusals.ts';
import type { DB } from '../../platform/schema.gen.ts';
import type { Run } from './runs.ts';
import type { SourceRow } from './store.ts';

/**
 * What people get by being in a group of the directory. It is given as by the hand of who answers for the source, under
 * their ceiling, and only what was given so is taken again. Taking waits for a reading of everything: until then an
 * entry may stand under the name of before.
 */
export type Gift = {
  membershipId: string;
  directoryGroup: string;
  thingId: string;
  kind: 'access-role' | 'group';
  assignmentId: string | null;
};

/** Something that was refused, to be shown beside the reading. */
export type Note = { membershipId: string; thingId: string; refusal: string; details: unknown };

/** People of one transaction. */
export const giftsAtOnce = 100;

type Db = Kysely<DB>;

/** What each person of the source should have by their groups now. */
const wanted = (source: SourceRow, run: Run): RawBuilder<unknown> => sql`
  select distinct m.id as membership_id, g.value ->> 'group' as directory_group,
    coalesce(g.value ->> 'accessRoleId', g.value ->> 'groupId')::uuid as thing_id, g.value ? 'accessRoleId' as is_role
  from source_member x join jsonb_array_elements(${JSON.stringify(source.gives)}::jsonb) with ordinality g (value, n) on g.n = x.n + 1
  join source_entry e on e.source_id = ${source.id} and e.dn = x.dn and not e.off
    and (${run.incremental} or e.run_id = ${run.id})
  join import_key k on k.top_organization_id = ${source.organizationId} and k.kind = 'user' and k.key = e.key
  join membership m on m.user_id = k.id and m.state <> 'ended' and m.ends_at > remit_now()
    and (m.path = ${source.path} or starts_with(m.path, ${`${source.path}.`}))
  where x.run_id = ${run.id}`;

/** @param after the last of those that were looked at already, so that what is refused does not come again */
export async function toGive(
  db: Db,
  source: SourceRow,
  run: Run,
  after: string,
): Promise<(Gift & { place: string })[]> {
  if (source.gives.length === 0) return [];
  const { rows } = await sql<Gift & { place: string }>`
    select w.* from (
      select w.membership_id as "membershipId", w.directory_group as "directoryGroup", w.thing_id as "thingId",
        case when w.is_role then 'access-role' else 'group' end as kind, null as "assignmentId",
        w.thing_id::text || ' ' || w.membership_id::text || ' ' || w.directory_group as place
      from (${wanted(source, run)}) w
      where not exists (select 1 from source_gift f where f.source_id = ${source.id} and f.directory_group = w.directory_group
          and f.thing_id = w.thing_id and f.membership_id = w.membership_id)
        and not exists (select 1 from assignment a where w.is_role and a.membership_id = w.membership_id
          and a.access_role_id = w.thing_id and a.state = 'active' and a.ends_at > remit_now()
          and not exists (select 1 from source_gift f where f.assignment_id = a.id))
        and not exists (select 1 from group_member a where not w.is_role and a.membership_id = w.membership_id and a.group_id = w.thing_id
          and not exists (select 1 from source_gift f where f.thing_id = a.group_id and f.membership_id = a.membership_id))
    ) w where w.place collate "C" > ${after} order by w.place collate "C" limit ${giftsAtOnce}`.execute(db);
  return rows;
}

export async function toTake(
  db: Db,
  source: SourceRow,
  run: Run,
  limit: number | null,
  after = '',
): Promise<(Gift & { place: string })[]> {
  if (run.incremental) return [];
  const { rows } = await sql<Gift & { place: string }>`
    select f.* from (
      select f.membership_id as "membershipId", f.directory_group as "directoryGroup", f.thing_id as "thingId",
        case when f.assignment_id is null then 'group' else 'access-role' end as kind, f.assignment_id as "assignmentId",
        f.thing_id::text || ' ' || f.membership_id::text || ' ' || f.directory_group as place
      from source_gift f where f.source_id = ${source.id} and not exists (
        select 1 from (${wanted(source, run)}) w
        where w.membership_id = f.membership_id and w.directory_group = f.directory_group and w.thing_id = f.thing_id)
    ) f where f.place collate "C" > ${after} order by f.place collate "C" limit ${limit}`.execute(db);
  return rows;
}

type Done = { done: number; notes: Note[] };

/** Gives these; each that is refused says why, and the others have theirs. */
export async function give(context: Context, source: SourceRow, gifts: readonly Gift[]): Promise<Done> {
  const notes: Note[] = [];
  let done = 0;
  for (const some of Map.groupBy(gifts, ({ thingId }) => thingId).values()) {
    const [{ kind, thingId }] = some as [Gift];
    if (kind === 'access-role') {
      const all = await context.attempt(() => giveRole(context, source, thingId, some));
      if (all.ok) {
        done += all.value.done;
        notes.push(...all.value.notes);
        continue;
      }
    } else {
      const all = await context.attempt(() => putIn(context, source, thingId, some));
      if (all.ok) {
        done += all.value.done;
        continue;
      }
    }
    for (const one of some) {
      const tried = await context.attempt(async () =>
        kind === 'access-role'
          ? await giveRole(context, source, thingId, [one])
          : await putIn(context, source, thingId, [one]),
      );
      if (tried.ok) {
        done += tried.value.done;
        notes.push(...tried.value.notes);
      } else notes.push(note(one, tried.refusal));
    }
  }
  return { done, notes };
}

const note = ({ membershipId, thingId }: Gift, { code, details }: Refusal): Note => ({
  membershipId,
  thingId,
  refusal: code,
  details,
});

async function giveRole(
  context: Context,
  source: SourceRow,
  roleId: string,
  gifts: readonly Gift[],
): Promise<Done> {
  const things = await loadThings(context.db, [], [roleId]);
  const ids = gifts.map(({ membershipId }) => membershipId);
  const found = await loadRecipients(context.db, ids, [], context.at);
  const given = await giveAccess(
    context,
    ids.map((id) => found.get(id)),
    [things.get(roleId)],
    { why: 'import', reason: '', from: undefined, until: undefined },
  );
  const notes: Note[] = [];
  const kept: Gift[] = [];
  for (const [n, answer] of given.entries()) {
    if (!answer.ok) notes.push(note(gifts[n]!, answer.refusal));
    // Two groups of the directory may give the same: it stands until both have let the person go.
    else if (answer.assignmentIds[0]) kept.push({ ...gifts[n]!, assignmentId: answer.assignmentIds[0] });
  }
  await keepGifts(context.db, source, kept);
  return { done: kept.length, notes };
}

async function putIn(
  context: Context,
  source: SourceRow,
  groupId: string,
  gifts: readonly Gift[],
): Promise<Done> {
  context.require('group.configure', await groupTarget(context.db, groupId), 'user.read');
  await addMembers(
    context,
    groupId,
    gifts.map(({ membershipId }) => membershipId),
  );
  await keepGifts(context.db, source, gifts);
  return { done: gifts.length, notes: [] };
}

async function keepGifts(db: Db, source: SourceRow, gifts: readonly Gift[]): Promise<void> {
  await sql`
    insert into source_gift (source_id, directory_group, thing_id, membership_id, assignment_id)
    select ${source.id}, r."directoryGroup", r."thingId", r."membershipId", r."assignmentId"
    from jsonb_to_recordset(${JSON.stringify(gifts)}::jsonb)
      as r ("directoryGroup" text, "thingId" uuid, "membershipId" uuid, "assignmentId" uuid)
    on conflict do nothing`.execute(db);
}

/** Takes these again, unless another group still gives the same. */
export async function take(context: Context, source: SourceRow, gifts: readonly Gift[]): Promise<Done> {
  const notes: Note[] = [];
  let done = 0;
  for (const gift of gifts) {
    const taken = await context.attempt(async () => {
      await sql`delete from source_gift where source_id = ${source.id} and directory_group = ${gift.directoryGroup}
        and thing_id = ${gift.thingId} and membership_id = ${gift.membershipId}`.execute(context.db);
      const { rows } =
        await sql`select 1 from source_gift where thing_id = ${gift.thingId} and membership_id = ${gift.membershipId}
        limit 1`.execute(context.db);
      if (rows.length > 0) return;
      if (gift.assignmentId) {
        const [answer] = await endAccess(context, [gift.assignmentId]);
        if (!answer!.ok) throw answer!.refusal;
      } else {
        context.require('group.configure', await groupTarget(context.db, gift.thingId), 'user.read');
        await removeMembers(context, gift.thingId, [gift.membershipId]);
      }
    });
    if (taken.ok) done += 1;
    else notes.push(note(gift, taken.refusal));
  }
  return { done, notes };
}
