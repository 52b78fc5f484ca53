import { type Kysely, type RawBuilder, sql } from 'kysely';
import { separationsTouched } from '../access/separations.ts';
import type { DB } from '../platform/schema.gen.ts';
import { type Asked, type Conditions, type PlannedStep, type Policy, planOf, type Step } from './policy.ts';
import type { RequestRow } from './store.ts';

export type PolicyRow = Policy & {
  name: string;
  organizationId: string;
  organizationName: string;
  path: string;
  applies: Conditions;
  steps: Step[];
  savedBy: string;
  savedIn: string | null;
  savedUnder: string | null;
  state: 'active' | 'retired';
  version: number;
};

async function read(db: Kysely<DB>, where: RawBuilder<unknown>): Promise<PolicyRow[]> {
  const { rows } = await sql<PolicyRow>`
    select p.id, p.name, p.organization_id as "organizationId", o.name as "organizationName", o.path, p.applies, p.steps,
      p.saved_by as "savedBy", p.saved_in as "savedIn", p.saved_under as "savedUnder", p.state, p.version
    from approval_policy p join organization o on o.id = p.organization_id
    where ${where} order by length(o.path) desc, lower(p.name), p.id`.execute(db);
  return rows;
}

export const readPolicy = async (db: Kysely<DB>, id: string): Promise<PolicyRow | undefined> =>
  (await read(db, sql`p.id = ${id}`))[0];

/** The same for whoever changes it: of two at once the second finds what the first made of it. */
export async function lockPolicy(db: Kysely<DB>, id: string): Promise<PolicyRow | undefined> {
  await sql`select 1 from approval_policy where id = ${id} for update`.execute(db);
  return await readPolicy(db, id);
}

/** Those in force at a place, nearest first: its own, and those of the organizations above. */
export const policiesAt = (db: Kysely<DB>, path: string): Promise<PolicyRow[]> =>
  read(db, sql`p.state = 'active' and o.path = any (path_ancestors(${path}))`);

export const policiesById = (db: Kysely<DB>, ids: readonly string[]): Promise<PolicyRow[]> =>
  read(db, sql`p.id = any (${ids}::uuid[])`);

type AboutWhat = Pick<RequestRow, 'kind' | 'path' | 'membershipId' | 'entitlements' | 'endsAt' | 'createdAt'>;

/** The order in which a request takes their steps: from the nearest organization upwards, and there as they were made. */
export const inOrder = <P extends Pick<PolicyRow, 'id' | 'path'>>(policies: readonly P[]): P[] =>
  policies.toSorted(
    (one, other) =>
      other.path.length - one.path.length || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0),
  );

/** What conditions are compared with, for a request. */
export async function askedBy(db: Kysely<DB>, row: AboutWhat): Promise<Asked> {
  const ids = row.entitlements.map(({ id }) => id);
  const { rows } = await sql<Asked['entitlements'][number]>`
    select id, application_id as "applicationId", risk from entitlement where id = any (${ids}::uuid[])`.execute(
    db,
  );
  const { rows: places } = await sql<{ id: string }>`
    select id from organization where path = any (path_ancestors(${row.path}))`.execute(db);
  const length = row.endsAt && row.endsAt.getTime() - row.createdAt.getTime();
  return {
    kind: row.kind,
    organizationIds: places.map(({ id }) => id),
    entitlements: rows,
    external: row.path.includes('.'),
    days: length === null ? undefined : Math.ceil(length / 86_400_000),
    separation: await touchesSeparation(db, row),
  };
}

/** What ends or changes nothing that somebody holds puts nothing together. */
async function touchesSeparation(
  db: Kysely<DB>,
  { kind, membershipId, entitlements, endsAt }: AboutWhat,
): Promise<boolean> {
  if (!membershipId || (kind !== 'access' && kind !== 'extension')) return false;
  const touched = await separationsTouched(db, {
    membershipId,
    entitlementIds: entitlements.map(({ id }) => id),
    until: endsAt ?? undefined,
  });
  return touched.length > 0;
}

/** The steps that a request takes by the policies of this moment. */
export async function planFor(db: Kysely<DB>, row: AboutWhat): Promise<PlannedStep[]> {
  return planOf(inOrder(await policiesAt(db, row.path)), await askedBy(db, row));
}
