import { type Kysely, sql } from 'kysely';
import type { Config } from '../platform/config.ts';
import { prepared } from '../platform/database.ts';
import type { DB } from '../platform/schema.gen.ts';
import { seal, unseal } from '../platform/sealing.ts';
import type { Settings } from './connectors/connector.ts';
import type { Mending } from './reconciling/mending-rules.ts';
import type { Brake, Limits } from './rules.ts';
import type { PasswordPolicy } from './sending/passwords.ts';
import type { Policy } from './wanted/desired.ts';
import type { Mapping } from './wanted/mapping.ts';

type Db = Kysely<DB>;

/** One connected system as it stands; secrets are opened only where they are used. */
export type TargetRow = {
  id: string;
  organizationId: string;
  path: string;
  name: string;
  connector: string;
  settings: Settings;
  sealed: string;
  mapping: Mapping;
  policy: Policy;
  limits: Partial<Limits>;
  brake: Partial<Brake>;
  mending: Partial<Mending>;
  compareAt: Date | null;
  password: PasswordPolicy | null;
  state: 'draft' | 'active' | 'paused' | 'retired';
  savedBy: string | null;
  savedIn: string | null;
  savedUnder: string | null;
  failingSince: Date | null;
  failures: number;
  restsUntil: Date | null;
  lastProblem: string | null;
  lastGoodAt: Date | null;
  brakedAt: Date | null;
  releasedAt: Date | null;
  changesHeldAt: Date | null;
  changesReleasedAt: Date | null;
  version: number;
};

const targetColumns = sql`t.id, t.organization_id as "organizationId", o.path, t.name, t.connector, t.settings, t.sealed, t.mapping,
  t.policy, t.limits, t.brake, t.mending, t.compare_at as "compareAt", t.password, t.state, t.saved_by as "savedBy", t.saved_in as "savedIn", t.saved_under as "savedUnder",
  t.failing_since as "failingSince", t.failures, t.rests_until as "restsUntil", t.last_problem as "lastProblem",
  t.last_good_at as "lastGoodAt", t.braked_at as "brakedAt", t.released_at as "releasedAt",
  t.changes_held_at as "changesHeldAt", t.changes_released_at as "changesReleasedAt", t.version`;

export async function readTarget(
  db: Db,
  targetId: string,
  { lock = false } = {},
): Promise<TargetRow | undefined> {
  const { rows } = await sql<TargetRow>`${prepared}
    select ${targetColumns} from target t join organization o on o.id = t.organization_id where t.id = ${targetId}
    ${lock ? sql`for no key update of t` : sql``}`.execute(db);
  return rows[0];
}

/** Those for which accounts are looked after: a paused one is kept up to date, and nothing is sent to it. */
export async function liveTargets(db: Db, only?: string): Promise<TargetRow[]> {
  const { rows } = await sql<TargetRow>`${prepared}
    select ${targetColumns} from target t join organization o on o.id = t.organization_id
    where t.state in ('active', 'paused') and ${only ? sql`t.id = ${only}` : sql`true`} order by t.id`.execute(
    db,
  );
  return rows;
}

/** What a role of the target is called there, and what it stands for. */
export type RoleRow = {
  id: string;
  entitlementId: string | null;
  organizationId: string | null;
  groupId: string | null;
  name: string | null;
  externalId: string | null;
  /** where it stands: the application's, or the place of the organization or group */
  applicationId: string | null;
  placeId: string | null;
  placePath: string | null;
};

export async function readRoles(db: Db, targetId: string): Promise<RoleRow[]> {
  const { rows } = await sql<RoleRow>`${prepared}
    select r.id, r.entitlement_id as "entitlementId", r.organization_id as "organizationId", r.group_id as "groupId", r.name,
      r.external_id as "externalId", e.application_id as "applicationId", o.id as "placeId", o.path as "placePath"
    from target_role r left join entitlement e on e.id = r.entitlement_id left join people_group g on g.id = r.group_id
    left join organization o on o.id = coalesce(r.organization_id, g.organization_id)
    where r.target_id = ${targetId} order by r.name, r.id`.execute(db);
  return rows;
}

/** Keeps how the target calls a role of that name, for all that stand for it. */
export async function keepRoleName(
  db: Db,
  targetId: string,
  name: string,
  externalId: string,
): Promise<void> {
  await sql`update target_role set external_id = ${externalId} where target_id = ${targetId} and name = ${name}
    and external_id is distinct from ${externalId}`.execute(db);
}

type Keys = Pick<Config, 'secretKeys'>;

/** The secrets of a target's settings as its row holds them. @throws {SealingError} */
export const sealedSettings = ({ secretKeys }: Keys, targetId: string, secrets: Settings): string =>
  Object.keys(secrets).length === 0
    ? ''
    : seal(secretKeys, 'target-secret', targetId, JSON.stringify(secrets));

/** @throws {SealingError} */
export const secretsOf = (
  { secretKeys }: Keys,
  { id, sealed }: Pick<TargetRow, 'id' | 'sealed'>,
): Settings =>
  sealed === '' ? {} : (JSON.parse(unseal(secretKeys, 'target-secret', id, sealed)) as Settings);
