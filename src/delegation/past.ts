import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { DB } from '../platform/schema.gen.ts';
import {
  chainFrom,
  columnsIn,
  movedPath,
  moveOf,
  type PastEvent,
  type PastRow,
  type PastRows,
  type RowKind,
  tables,
  takeBack,
} from './past-rows.ts';

const eventParts = sql`e.position, e.target_kind as "targetKind", e.target_id as "targetId", e.before, e.after`;

/**
 * Rows as they stood at an instant: those that stand now, with every later event taken back. What no event tells of
 * stood as it stands. Costs what happened since to the rows that are asked for, and to the tree.
 */
export class Past {
  readonly db: Kysely<DB>;
  readonly at: Date;
  readonly #moves: PastEvent[];
  private constructor(db: Kysely<DB>, at: Date, moves: PastEvent[]) {
    this.db = db;
    this.at = at;
    this.#moves = moves;
  }

  /** @param at an instant not after now */
  static async of(db: Kysely<DB>, at: Date): Promise<Past> {
    const { rows } = await sql<PastEvent>`
      select ${eventParts} from event e
      where e.target_kind = 'organization' and e.before ->> 'path' <> e.after ->> 'path' and e.at > ${at}
      order by e.position desc`.execute(db);
    return new Past(db, at, rows);
  }

  /** Where what stood at `path` then stands now. */
  nowAt(path: string): string {
    return this.#moves.reduceRight((moved, event) => {
      const { from, to } = moveOf(event)!;
      return movedPath(moved, from, to);
    }, path);
  }

  /** @param which a predicate over `t`, a row of the kind's table as it stands now */
  async rows(kind: RowKind, which: RawBuilder<boolean>): Promise<Map<string, PastRow>> {
    const { table } = tables[kind];
    const more =
      kind === 'access-role'
        ? sql`|| jsonb_build_object('entitlement_ids', array(select c.entitlement_id from access_role_entitlement c where c.access_role_id = t.id))`
        : sql``;
    // What was made since was not there, whether or not an event tells of its making.
    const { rows: standing } = await sql<{ row: PastRow }>`
      select to_jsonb(t) ${more} as row from ${sql.table(table)} t where ${which} and t.created_at <= ${this.at}`.execute(
      this.db,
    );
    const found: PastRows = new Map([
      [kind, new Map(standing.map(({ row }) => [row.id, { ...columnsIn(kind, row), id: row.id }]))],
    ]);
    const ids = standing.map(({ row }) => row.id);
    if (ids.length === 0) return found.get(kind)!;
    const { rows: later } = await sql<PastEvent>`
      select ${eventParts} from event e where e.target_id = any (${ids}::uuid[]) and e.at > ${this.at}
      order by e.position desc`.execute(this.db);
    const known = new Set(later.map(({ position }) => position));
    const all = [...later, ...this.#moves.filter(({ position }) => !known.has(position))];
    for (const event of all.sort((one, other) => other.position - one.position)) takeBack(found, event);
    return found.get(kind)!;
  }

  /** What an organization records of a member: outside the sealed part of the events, and erased with the person. */
  async recordOf(membershipId: string): Promise<{ title: string; attributes: Record<string, unknown> }> {
    type Written = { title?: string; attributes?: Record<string, unknown> };
    const { rows } = await sql<{ now: Required<Written>; before: Written[] | null }>`
      select jsonb_build_object('title', m.title, 'attributes', m.attributes) as now, (
        select jsonb_agg(e.personal -> 'before' order by e.position desc) from event e
        where e.target_id = m.id and e.target_kind = 'membership' and e.at > ${this.at} and e.personal -> 'before' is not null) as before
      from membership m where m.id = ${membershipId}`.execute(this.db);
    const { now, before } = rows[0]!;
    return (before ?? []).reduce<Required<Written>>(
      (later, { title, attributes }) => ({
        title: title ?? later.title,
        attributes: attributes ?? later.attributes,
      }),
      now,
    );
  }

  /** Was this membership in the group then? What happened to it since tells what it was before. */
  async memberOf(membershipId: string, groupId: string): Promise<boolean> {
    const { rows } = await sql<{ was: boolean }>`
      select coalesce((
        select e.type = 'group.member-removed' from event e
        where e.target_id = ${membershipId} and e.at > ${this.at} and e.type in ('group.member-added', 'group.member-removed')
          and coalesce(e.after, e.before) ->> 'groupId' = ${groupId} order by e.position limit 1),
        exists (select 1 from group_member g where g.group_id = ${groupId} and g.membership_id = ${membershipId})) as was`.execute(
      this.db,
    );
    return rows[0]!.was;
  }

  /** Links with all their ancestors of then, which a hand-over or a move may have changed since. */
  async links(which: RawBuilder<boolean>): Promise<Map<string, PastRow>> {
    const links = await this.rows(
      'delegation',
      sql`t.id in (select unnest(array_append(t.chain, t.id)) from delegation t where ${which})`,
    );
    for (;;) {
      const missing = [...links.values()].flatMap(({ parent_id: parent }) =>
        typeof parent === 'string' && !links.has(parent) ? [parent] : [],
      );
      if (missing.length === 0) break;
      const more = await this.rows('delegation', sql`t.id = any (${missing}::uuid[])`);
      if (more.size === 0) break;
      for (const [id, link] of more) links.set(id, link);
    }
    for (const [id, link] of links) link.chain = chainFrom(links, id);
    return links;
  }

  /** The organizations that stood at these paths then. */
  async organizationsAt(paths: readonly string[]): Promise<PastRow[]> {
    const now = [...new Set(paths.map((path) => this.nowAt(path)))];
    return [...(await this.rows('organization', sql`t.path = any (${now}::text[])`)).values()];
  }
}
