import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import type { Target } from '../../authority/delegation.ts';
import type { Actor } from '../../authority/facts.ts';
import { inReach, type Reach } from '../../authority/reach.ts';
import type { Context } from '../../operation/operation.ts';
import type { Config } from '../../platform/config.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { seal, unseal } from '../../platform/sealing.ts';
import type { ImportActor } from '../import/run.ts';
import type { Gives, SourceSettings, sourceDetail, sourceView } from './fields.ts';
import { type RunProblem, sayRunProblem } from './problems.ts';
import type { Cursor, DirectorySource, SourceBrake } from './reading.ts';

type Db = Kysely<DB>;

/** What is said of a source's reading, besides where its people belong. */
type Reading = Pick<DirectorySource, 'base' | 'objectClass' | 'columns' | 'places'>;

export type SourceRow = {
  id: string;
  organizationId: string;
  path: string;
  name: string;
  make: 'ldap' | 'ad';
  settings: SourceSettings;
  sealed: string;
  /** who gave the password; null where nobody knows any more */
  passwordBy: ImportActor | null;
  reading: Reading;
  gives: Gives;
  everyMinutes: number;
  wholeHours: number;
  brake: SourceBrake;
  state: 'draft' | 'active' | 'paused' | 'retired';
  actor: ImportActor;
  cursor: Cursor | null;
  nextWholeAt: Date | null;
  version: number;
};

export async function readSource(db: Db, id: string, { lock = false } = {}): Promise<SourceRow | undefined> {
  const { rows } = await sql<SourceRow>`
    select s.id, s.organization_id as "organizationId", o.path, s.name, s.make, s.settings, s.sealed, s.password_by as "passwordBy", s.reading, s.gives,
      s.every_minutes as "everyMinutes", s.whole_hours as "wholeHours", s.brake, s.state, s.actor, s.cursor,
      s.next_whole_at as "nextWholeAt", s.version
    from source s join organization o on o.id = s.organization_id where s.id = ${id}
    ${lock ? sql`for no key update of s` : sql``}`.execute(db);
  return rows[0];
}

/** Where a source stands; a retired one is gone. */
export async function sourceTarget(db: Db, id: string): Promise<(Target & { id: string }) | undefined> {
  const { rows } = await sql<Target & { id: string }>`
    select 'source' as kind, s.id, s.organization_id as "organizationId", o.path, place_is_off(o.path) as off
    from source s join organization o on o.id = s.organization_id where s.id = ${id} and s.state <> 'retired'`.execute(
    db,
  );
  return rows[0];
}

export const directorySource = ({ organizationId, make, reading }: SourceRow): DirectorySource => ({
  organizationId,
  make,
  ...reading,
});

type Keys = Pick<Config, 'secretKeys'>;

/** @throws {SealingError} */
export const sealedPassword = ({ secretKeys }: Keys, id: string, password: string): string =>
  password === '' ? '' : seal(secretKeys, 'source-secret', id, password);

/** Whether it was this one who gave the password: nobody else reads with it what they were not given. */
export const gavePassword = (actor: Actor, { passwordBy }: Pick<SourceRow, 'passwordBy'>): boolean =>
  actor.kind === 'user'
    ? passwordBy?.kind === 'membership' && passwordBy.membershipId === actor.membershipId
    : actor.kind === 'client' && passwordBy?.kind === 'client' && passwordBy.clientId === actor.clientId;

/** @throws {SealingError} */
export const passwordOf = ({ secretKeys }: Keys, { id, sealed }: Pick<SourceRow, 'id' | 'sealed'>): string =>
  sealed === '' ? '' : unseal(secretKeys, 'source-secret', id, sealed);

type View = z.infer<typeof sourceView>;
type Instants = 'failingSince' | 'lastGoodAt' | 'nextAt' | 'heldAt';
type Row = Omit<View, Instants | 'problem'> & Record<Instants, Date | null> & { problem: RunProblem | null };

/** Keys of a source whose people are here and have not left. */
export const peopleOf = sql`
  select distinct m.id from source_entry e
  join import_key k on k.top_organization_id = s.organization_id and k.kind = 'user' and k.key = e.key
  join membership m on m.user_id = k.id and m.state <> 'ended' and m.ends_at > remit_now()
    and (m.path = o.path or starts_with(m.path, o.path || '.'))
  where e.source_id = s.id`;

async function views(db: Db, where: RawBuilder<unknown>, people: Reach): Promise<View[]> {
  const { rows } = await sql<Row>`
    select s.id as "sourceId", s.organization_id as "organizationId", o.name as "organizationName", s.name, s.make, s.state,
      coalesce(case when ${inReach(people, sql`a.path`, sql`a.user_id`)} then u.display_name end, c.name, '') as answers, s.failing_since as "failingSince", s.last_good_at as "lastGoodAt", s.held_at as "heldAt",
      case when s.state = 'active' then s.next_at end as "nextAt", s.version,
      (select count(*)::int from (${peopleOf}) p) as people,
      (select count(*)::int from proposal p join membership m on m.id = p.membership_id
        where p.source_id = s.id and p.state = 'open' and m.state <> 'ended' and ${inReach(people, sql`m.path`, sql`m.user_id`)}) as proposals,
      (select r.id from source_run r where r.source_id = s.id and r.state = 'held') as "heldRunId",
      case when s.failing_since is not null then (select r.problem from source_run r
        where r.source_id = s.id and r.state = 'failed' order by r.id desc limit 1) end as problem
    from source s join organization o on o.id = s.organization_id
    left join membership a on a.id = (s.actor ->> 'membershipId')::uuid left join app_user u on u.id = a.user_id
    left join client c on c.id = (s.actor ->> 'clientId')::uuid
    where ${where} order by lower(s.name), s.id`.execute(db);
  return rows.map(({ failingSince, lastGoodAt, nextAt, heldAt, problem, ...row }) => ({
    ...row,
    failingSince: failingSince?.toISOString() ?? null,
    lastGoodAt: lastGoodAt?.toISOString() ?? null,
    nextAt: nextAt?.toISOString() ?? null,
    heldAt: heldAt?.toISOString() ?? null,
    problem: problem && sayRunProblem(problem),
  }));
}

/** Those in reach, or in one organization of it; a few dozen at most, so there are no pages. */
export const listSources = (
  db: Db,
  reach: Reach,
  people: Reach,
  {
    organizationId,
    membershipId,
  }: { organizationId?: string | undefined; membershipId?: string | undefined },
): Promise<View[]> =>
  views(
    db,
    sql`s.state <> 'retired' and ${inReach(reach, sql`o.path`)}
      ${organizationId ? sql`and o.id = ${organizationId}` : sql``}
      ${membershipId ? sql`and ${bringsIn(membershipId, people)}` : sql``}`,
    people,
  );

/** Whoever is out of sight comes from nowhere. */
const bringsIn = (membershipId: string, people: Reach): RawBuilder<boolean> => sql<boolean>`exists (
  select 1 from membership m join import_key k on k.id = m.user_id and k.kind = 'user' and k.top_organization_id = s.organization_id
  join source_entry e on e.source_id = s.id and e.key = k.key
  where m.id = ${membershipId} and (m.path = o.path or starts_with(m.path, o.path || '.'))
    and ${inReach(people, sql`m.path`, sql`m.user_id`, sql`m.line`)})`;

export const viewSource = async (db: Db, id: string, people: Reach): Promise<View> =>
  (await views(db, sql`s.id = ${id}`, people))[0]!;

export async function detailOf(
  { db, reach, actor }: Pick<Context, 'db' | 'reach' | 'actor'>,
  id: string,
): Promise<z.infer<typeof sourceDetail>> {
  const row = (await readSource(db, id))!;
  const { base, objectClass, columns, places } = row.reading;
  return {
    ...(await viewSource(db, id, reach('user.read'))),
    settings: row.settings,
    hasPassword: row.sealed !== '',
    gavePassword: gavePassword(actor, row),
    base,
    objectClass,
    columns: { ...columns },
    places: places.from === 'map' ? { from: 'map', map: [...places.map] } : places,
    gives: row.gives,
    everyMinutes: row.everyMinutes,
    wholeHours: row.wholeHours,
    brake: row.brake,
  };
}

/** One as its events say it: how it is reached leads inside somebody's network, and stands in none. */
export async function sourceState(db: Db, id: string): Promise<Record<string, unknown>> {
  const { rows } = await sql<{ state: Record<string, unknown> }>`
    select to_jsonb(s) - '{name,settings,sealed,reading,cursor,next_at,next_whole_at,failing_since,failures,last_good_at,held_at,told,password_by,erase_key}'::text[]
      || jsonb_build_object('gives', (select coalesce(jsonb_agg(g - 'group'), '[]') from jsonb_array_elements(s.gives) g)) as state
    from source s where s.id = ${id}`.execute(db);
  return rows[0]!.state;
}
