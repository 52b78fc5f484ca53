import { type Kysely, sql } from 'kysely';
import { isAtOrBelow } from '../../authority/place.ts';
import { inReach, type Reach } from '../../authority/reach.ts';
import { type DefinedAttribute, definitionsAround } from '../../directory/attribute-store.ts';
import type { DB } from '../../platform/schema.gen.ts';

/** An organization that a row names. */
export type NamedPlace = { id: string; path: string; timeZone: string };
export type Found = NamedPlace | 'unknown' | 'many';

/** Distinct names that are remembered: a file of bad names must not fill the memory. */
const mostKept = 20_000;

/**
 * Looks up what rows refer to, each name once: organizations at or below the one of the import, fields that are defined
 * there, and access roles by name.
 */
export class References {
  readonly #db: Kysely<DB>;
  readonly #top: NamedPlace;
  readonly #reach: Reach;
  readonly #places = new Map<string, Found>();
  #defined: (DefinedAttribute & { path: string })[] | undefined;
  readonly #definitions = new Map<string, DefinedAttribute[]>();
  readonly #roles = new Map<string, string | undefined>();
  readonly #people: Reach;
  #groups: Map<string, { id: string; path: string }[]> | undefined;

  /**
   * @param reach the organizations that the importer knows of
   * @param people where the importer knows of people, and so of groups
   */
  constructor(db: Kysely<DB>, top: NamedPlace, reach: Reach, people: Reach = reach) {
    this.#db = db;
    this.#top = top;
    this.#reach = reach;
    this.#people = people;
  }

  get top(): NamedPlace {
    return this.#top;
  }

  /** The organizations of these names, ids, keys of an earlier file, or paths of names such as `North / Site 2`. */
  async places(names: readonly string[]): Promise<ReadonlyMap<string, Found>> {
    if (this.#places.size > mostKept) this.#places.clear();
    const fresh = [...new Set(names)].filter((name) => !this.#places.has(name));
    if (fresh.length === 0) return this.#places;
    const asked = fresh.map((name) => ({ name, last: partsOf(name).at(-1) ?? name }));
    const { rows } = await sql<NamedPlace & { name: string; rank: number; names: string[] }>`
      with asked as (select * from json_to_recordset(${JSON.stringify(asked)}::json) as a (name text, last text)),
      found as (
        select a.name, o.id, 1 as rank from asked a join organization o on o.id::text = lower(a.name)
        union all select a.name, k.id, 2 from asked a join import_key k on k.kind = 'organization' and k.key = a.name
        union all select a.name, o.id, 3 from asked a join organization o on lower(o.name) = lower(a.name)
        union all select a.name, o.id, 4 from asked a join organization o on lower(o.name) = lower(a.last) where a.last <> a.name
      )
      select f.name, f.rank, o.id, o.path, o.time_zone as "timeZone",
        case when f.rank = 4 then array(select n.name from organization n where n.path = any (path_ancestors(o.path)) order by length(n.path)) end as names
      from found f join organization o on o.id = f.id
      where o.state <> 'closed' and (o.path = ${this.#top.path} or o.path >= ${`${this.#top.path}.`} and o.path < ${`${this.#top.path}/`})
        and ${inReach(this.#reach, sql`o.path`)}`.execute(this.#db);
    const byName = Map.groupBy(rows, ({ name }) => name);
    for (const name of fresh) {
      const fitting = (byName.get(name) ?? []).filter(
        ({ rank, names }) => rank < 4 || endsWith(names, partsOf(name)),
      );
      const best = Math.min(...fitting.map(({ rank }) => rank));
      const ids = new Map(fitting.filter(({ rank }) => rank === best).map((row) => [row.id, row]));
      const [only] = ids.values();
      this.#places.set(
        name,
        ids.size > 1 ? 'many' : only ? { id: only.id, path: only.path, timeZone: only.timeZone } : 'unknown',
      );
    }
    return this.#places;
  }

  /** Fields that apply at a place: the nearest of each key. All of them are few, so they are read once. */
  async definitions(place: NamedPlace): Promise<readonly DefinedAttribute[]> {
    const known = this.#definitions.get(place.id);
    if (known) return known;
    this.#defined ??= await definitionsAround(this.#db, this.#top.path);
    if (this.#definitions.size > mostKept) this.#definitions.clear();
    const nearest = new Map<string, DefinedAttribute>();
    for (const one of this.#defined) if (isAtOrBelow(place.path, one.path)) nearest.set(one.key, one);
    const here = [...nearest.values()];
    this.#definitions.set(place.id, here);
    return here;
  }

  /** The access role of this name that stands nearest above a place; whether the importer may know of it comes later. */
  async role(place: NamedPlace, name: string): Promise<string | undefined> {
    const key = `${place.id} ${name.toLowerCase()}`;
    if (this.#roles.has(key)) return this.#roles.get(key);
    if (this.#roles.size > mostKept) this.#roles.clear();
    const { rows } = await sql<{ id: string }>`
      select r.id from access_role r join organization o on o.id = r.organization_id
      where r.state = 'active' and lower(r.name) = lower(${name}) and o.path = any (path_ancestors(${place.path}))
      order by length(o.path) desc limit 1`.execute(this.#db);
    this.#roles.set(key, rows[0]?.id);
    return rows[0]?.id;
  }

  /** Groups that a cell names, each the nearest above a place of that name; or the first name that is none. */
  async groups(place: NamedPlace, cell: string): Promise<string[] | string> {
    this.#groups ??= await this.#groupsAround();
    const whole = this.#group(place, cell);
    if (whole) return [whole];
    const ids = new Set<string>();
    for (const name of cell.split(/[;|,\n]/).map((one) => one.trim())) {
      if (name === '') continue;
      const id = this.#group(place, name);
      if (!id) return name;
      ids.add(id);
    }
    return [...ids];
  }

  #group(place: NamedPlace, name: string): string | undefined {
    return this.#groups!.get(name.toLowerCase())?.find(({ path }) => isAtOrBelow(place.path, path))?.id;
  }

  /** Those that people of the import can be in, the nearest first. */
  async #groupsAround(): Promise<Map<string, { id: string; path: string }[]>> {
    const { rows } = await sql<{ id: string; path: string; name: string }>`
      select g.id, o.path, g.name from people_group g join organization o on o.id = g.organization_id
      where g.state = 'active' and ${inReach(this.#people, sql`o.path`)} and (o.path = any (path_ancestors(${this.#top.path}))
        or o.path >= ${`${this.#top.path}.`} and o.path < ${`${this.#top.path}/`})
      order by length(o.path) desc`.execute(this.#db);
    return Map.groupBy(rows, ({ name }) => name.toLowerCase());
  }
}

const partsOf = (name: string): string[] =>
  name
    .split(/\s*[/>]\s*/)
    .map((part) => part.trim())
    .filter(Boolean);

const endsWith = (names: readonly string[], parts: readonly string[]): boolean => {
  const tail = names.slice(-parts.length);
  return (
    tail.length === parts.length && parts.every((part, at) => tail[at]!.toLowerCase() === part.toLowerCase())
  );
};
