import { sql } from 'kysely';
import { inReach } from '../../../authority/reach.ts';
import { addMembers, mostAtOnce, removeMembers } from '../../../directory/group-members.ts';
import { lockGroup, createGroup as makeGroup, updateGroup } from '../../../directory/groups.ts';
import type { Context } from '../../../operation/operation.ts';
import { permittedTo } from '../../../operation/permitted.ts';
import { refuse } from '../../../platform/refusals.ts';
import { type Door, readId } from '../connection/door.ts';
import { normaliseResource } from '../patch/habits.ts';
import { membershipsNamed } from '../people/identity.ts';
import { keepExternalId } from '../people/store.ts';
import { checkedGroupName, checkedOwnId } from '../people/user-fields.ts';
import { cleaned } from '../protocol/fitting.ts';
import { isObject, type Json, type Resource } from '../protocol/json.ts';
import { scimError } from '../protocol/problem.ts';
import { groupType } from '../protocol/schema.ts';
import { versionOf } from '../protocol/tag.ts';
import { type GroupRow, readGroupRow } from './group-rows.ts';

/** What writing a group may record. */
export const groupEvents = ['group.updated', 'group.member-added', 'group.member-removed'] as const;

const text = (value: Json | undefined): string => (typeof value === 'string' ? value.trim() : '');
const externalIdOf = ({ externalId }: Resource): string | null =>
  typeof externalId === 'string' && externalId !== '' ? checkedOwnId(externalId) : null;

/** Makes a group in the door's own organization, with whom it has (RFC 7644, section 3.3). */
export async function createGroup(context: Context, door: Door, body: Json): Promise<Resource> {
  const sent = cleaned(normaliseResource(body, groupType), groupType);
  const name = checkedGroupName(text(sent.displayName));
  if (context.target.off) throw refuse('organization.off');
  const act = permittedTo(context, context.target, context.permit);
  const { id } = await makeGroup(act, door.organizationId, { name, description: '' });
  await keepExternalId(context.db, door, id, externalIdOf(sent));
  await inParts(membersOf(sent), (ids) => join(act, door, id, ids));
  return (await readGroupRow(context, door, id)).resource;
}

/**
 * Changes a group to what a PUT or PATCH makes of it: its name, and who is in it, each by the act that a person would do
 * it by (I10). Whoever the caller does not see stays as they are.
 * @param context permitted to `group.configure` this group
 */
export async function changeGroup(
  context: Context,
  door: Door,
  groupId: string,
  next: (before: Resource) => Resource,
): Promise<Resource> {
  await lockGroup(context.db, groupId);
  const there = await readGroupRow(context, door, groupId);
  requireSameGroup(context, there);
  const { row, resource: before } = there;
  const after = next(before);
  const [had, has] = [new Set(membersOf(before)), new Set(membersOf(after))];
  const joined = [...has].filter((id) => !had.has(id));
  const left = [...had].filter((id) => !has.has(id));
  // What a rule gave them for it ends.
  if (left.length > 0) context.takeAway();

  const act = permittedTo(context, context.target, context.permit);
  const name = checkedGroupName(text(after.displayName));
  const [ownId, theirs] = [externalIdOf(before), externalIdOf(after)];
  if (name !== row.name) await updateGroup(act, groupId, { name });
  if (ownId !== theirs) {
    await keepExternalId(context.db, door, groupId, theirs);
    await recordNamed(act, groupId, ownId, theirs);
  }
  await inParts(left, async (ids) => {
    const named = await membershipsNamed(context.db, door.organizationId, ids);
    await removeMembers(act, groupId, [...named.values()]);
  });
  await inParts(joined, (ids) => join(act, door, groupId, ids));
  context.nothingChanged();
  const changed = name !== row.name || ownId !== theirs || left.length + joined.length > 0;
  return (await readGroupRow(context, door, groupId, changed)).resource;
}

/** @throws Refusal `version.stale` when the client saw another version */
export function requireSameGroup(
  context: Pick<Context, 'checkVersion'>,
  { row, resource: { members: _, ...said } }: { row: GroupRow; resource: Resource },
): void {
  context.checkVersion(versionOf({ ...said, digest: row.digest }));
}

/** Whose ids stand in it, in small: an id may be written in capitals. */
function membersOf({ members }: Resource): string[] {
  return (Array.isArray(members) ? members : [])
    .filter(isObject)
    .map((member) => {
      // Refused with a reason: a group of groups would be another thing than the rest of Remit means by one.
      if (text(member.type).toLowerCase() === 'group') throw scimError('scim.invalid-value', 'scim.nested');
      return text(member.value).toLowerCase();
    })
    .filter((id) => id !== '');
}

/** @throws Refusal `scim.invalid-value` for somebody who is not there, and for somebody out of sight */
async function join(context: Context, door: Door, groupId: string, written: string[]): Promise<void> {
  const named = await membershipsNamed(
    context.db,
    door.organizationId,
    written.flatMap((one) => readId(one) ?? []),
  );
  const ids = [...named.values()];
  const { rows } = await sql<{ id: string }>`
    select m.id from membership m where m.id = any (${ids}::uuid[]) and m.state <> 'ended' and m.ends_at > ${context.at}
      and ${inReach(door.people, sql`m.path`, sql`m.user_id`, sql`m.line`)}`.execute(context.db);
  if (rows.length < new Set(written).size)
    throw scimError('scim.invalid-value', 'scim.nobody', { name: 'members.value' });
  await addMembers(context, groupId, ids);
}

async function inParts(ids: readonly string[], act: (ids: string[]) => Promise<void>): Promise<void> {
  for (let start = 0; start < ids.length; start += mostAtOnce)
    await act(ids.slice(start, start + mostAtOnce));
}

/** A client's own id is no part of the group; that it was changed stands in the trail all the same. */
async function recordNamed(
  context: Context,
  groupId: string,
  before: string | null,
  after: string | null,
): Promise<void> {
  await sql`update people_group set version = version + 1, changed_at = ${context.at} where id = ${groupId}`.execute(
    context.db,
  );
  const { id, organizationId, state, version, path } = await lockGroup(context.db, groupId);
  const said = { id, organizationId, state };
  context.record({
    type: 'group.updated',
    targetKind: 'group',
    targetId: id,
    organizationId,
    path,
    before: { ...said, version: version - 1 },
    after: { ...said, version },
    personal: { externalId: { before, after } },
  });
}
