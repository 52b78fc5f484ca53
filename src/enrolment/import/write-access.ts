import { sql } from 'kysely';
import { newClientId } from '../../access/applications.ts';
import { periodOf } from '../../access/rules.ts';
import { insertRows, type NewAssignment, stateOf } from '../../access/store.ts';
import { type Context, userOf } from '../../operation/operation.ts';
import { newId } from '../../platform/ids.ts';
import { pair } from './stand.ts';
import { inBatches, type Places, type Work } from './work.ts';

/** `application, role` -> entitlement id, with those that stand; and the ids of applications that are new. */
export type Roles = { entitlements: Map<string, string>; created: string[]; all: string[] };

export async function writeApplications(
  context: Context,
  { take, stand, plan }: Work,
  places: Places,
): Promise<Roles> {
  const { db } = context;
  const top = places.get(take.organizations[0]!.id)!;
  const entitlements = new Map<string, string>();
  for (const [key, { roles }] of stand.applications)
    for (const [role, { id }] of roles) entitlements.set(pair(key, role), id);
  const ids = new Map([...stand.applications].map(([key, { id }]) => [key, id]));
  const created: { id: string; organization_id: string; key: string; name: string; client_id: string }[] = [];
  for (const { application: key } of plan.applications.create) {
    if (ids.has(key)) continue;
    const id = newId();
    ids.set(key, id);
    const clientId = newClientId(
      key
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .slice(0, 60),
    );
    created.push({ id, organization_id: top.id, key, name: key, client_id: clientId });
  }
  const roles = plan.applications.create.map((row) => {
    const id = newId();
    entitlements.set(pair(row.application, row.role), id);
    return { id, application_id: ids.get(row.application)!, key: row.role, name: row.role };
  });
  await inBatches(created, (some) =>
    sql`insert into application (id, organization_id, key, name, client_id)
      select id, organization_id, key, name, client_id from jsonb_populate_recordset(null::application, ${JSON.stringify(some)}::jsonb)`.execute(
      db,
    ),
  );
  await inBatches(roles, (some) =>
    sql`insert into entitlement (id, application_id, key, name)
      select id, application_id, key, name from jsonb_populate_recordset(null::entitlement, ${JSON.stringify(some)}::jsonb)`.execute(
      db,
    ),
  );
  const isNew = new Set(created.map(({ id }) => id));
  const rolesOf = Map.groupBy(roles, (role) => role.application_id);
  const at = { organizationId: top.id, path: top.path };
  for (const { id, key, client_id } of created)
    context.record({
      type: 'application.registered',
      targetKind: 'application',
      targetId: id,
      ...at,
      after: {
        id,
        organizationId: top.id,
        key,
        name: key,
        description: '',
        homeUrl: null,
        redirectUris: [],
        postLogoutRedirectUris: [],
        clientId: client_id,
        confidential: false,
        state: 'active',
        roles: rolesOf.get(id)!.map((role) => ({ entitlementId: role.id, key: role.key, state: 'active' })),
        version: 1,
      },
    });
  for (const role of roles.filter(({ application_id }) => !isNew.has(application_id)))
    context.record({
      type: 'entitlement.created',
      targetKind: 'entitlement',
      targetId: role.id,
      ...at,
      after: {
        id: role.id,
        applicationId: role.application_id,
        key: role.key,
        name: role.name,
        description: '',
        state: 'active',
      },
    });
  const inFiles = new Set(take.applications.map(({ application }) => application));
  return { entitlements, created: [...isNew], all: [...inFiles].map((key) => ids.get(key)!) };
}

export async function writeAssignments(
  context: Context,
  { plan, ceiling }: Work,
  places: Places,
  roles: Roles,
): Promise<void> {
  const { endsAt } = periodOf(ceiling.because);
  const rows = plan.assignments.create.map(
    (row): NewAssignment => ({
      id: newId(),
      membershipId: null,
      organizationId: places.get(row.organization)!.id,
      entitlementId: roles.entitlements.get(pair(row.application, row.role))!,
      accessRoleId: null,
      startsAt: context.at,
      endsAt,
      firstDay: null,
      lastDay: null,
      why: 'import',
      reason: '',
      givenBy: userOf(context)?.userId ?? null,
      givenUnder: ceiling.because[0]!.delegateKind === 'root' ? null : ceiling.because[0]!.id,
      replaces: null,
      requestId: null,
    }),
  );
  const paths = new Map([...places.values()].map(({ id, path }) => [id, path]));
  await inBatches(rows, async (some) => {
    for (const row of await insertRows(context.db, some))
      context.record({
        type: 'assignment.given',
        targetKind: 'assignment',
        targetId: row.id,
        organizationId: row.organizationId,
        path: paths.get(row.organizationId!)!,
        after: stateOf(row),
        because: ceiling.because,
      });
  });
}
