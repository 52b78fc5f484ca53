import { sql } from 'kysely';
import type { z } from 'zod';
import { entitlementTargets } from '../../access/applications.ts';
import { groupTargets } from '../../directory/groups.ts';
import type { Context } from '../../operation/operation.ts';
import { membershipTargets, organizationTargets, withEntitlement } from '../../operation/targets.ts';
import { newId } from '../../platform/ids.ts';
import { refuse } from '../../platform/refusals.ts';
import { connectorNamed } from '../connectors/all.ts';
import { namedIn } from '../connectors/by-hand.ts';
import type { Connector, ConnectorField, Settings } from '../connectors/connector.ts';
import { inWords, labelOf } from '../connectors/words.ts';
import { tellsWhose } from '../reconciling/match.ts';
import { type Mending, mendingOf } from '../reconciling/mending-rules.ts';
import { readRoles, type TargetRow } from '../store.ts';
import { declaredBy } from '../wanted/declared.ts';
import { type MappingRow, mapped } from '../wanted/mapping.ts';
import type { roleFields, targetFields } from './target-fields.ts';

export function requireConnector(name: string): Connector {
  const connector = connectorNamed(name);
  if (!connector) throw refuse('target.no-connector');
  return connector;
}

/** Names the field as its form does: whoever filled it in knows no other name. */
const wrong = (field: string, label: string, text: string) =>
  refuse('input.invalid', { problem: text.startsWith(label) ? text : `${label}: ${text}`, field });

/** Only what the connector knows, all that it needs, and what it finds sound. @throws Refusal with the field */
export function checkSettings({ description, check }: Connector, settings: Settings): void {
  requireKnown('settings', description.settings, settings);
  requireAll('settings', description.settings, settings);
  const [first] = check(settings);
  if (!first) return;
  const field = description.settings.find(({ key }) => key === first.field);
  throw wrong(`settings.${first.field}`, field ? labelOf(field) : first.field, inWords(first.text));
}

/**
 * Whoever is named anew, to do by hand what is to be done, is somebody whom the one who saves it sees: they are asked, and
 * told of people here. Those who were named before stay, also by somebody who does not see them.
 */
export async function requireAsked(
  context: Context,
  { description }: Connector,
  before: Settings,
  settings: Settings,
): Promise<void> {
  const fields = description.settings.filter(({ kind }) => kind === 'people');
  const known = new Set(fields.flatMap(({ key }) => namedIn(before[key])));
  const named = fields.flatMap(({ key }) => namedIn(settings[key])).filter((id) => !known.has(id));
  if (named.length === 0) return;
  const people = await membershipTargets(context.db, named);
  for (const id of named) context.require('user.read', people.get(id.toLowerCase()), 'user.read');
}

function requireKnown(group: string, fields: readonly ConnectorField[], given: Settings): void {
  for (const key of Object.keys(given))
    if (!fields.some((field) => field.key === key))
      throw refuse('target.unknown-field', { field: `${group}.${key}` });
}

function requireAll(group: string, fields: readonly ConnectorField[], given: Settings): void {
  for (const field of fields)
    if (field.required && field.usual === undefined && !given[field.key])
      throw refuse('target.field-missing', { field: `${group}.${field.key}`, label: labelOf(field) });
}

/** Where a connection leads and whether it is to be trusted: a secret goes to no other place than it was given for. */
const leads = (field: ConnectorField): boolean =>
  field.kind === 'address' || ['host', 'port', 'security', 'encryption', 'trust'].includes(field.key);

/**
 * The secrets after a change. Whoever changes where they go has to know them: otherwise a system of one's own would be
 * told those of another.
 */
export function secretsAfter(
  { description }: Connector,
  before: { settings: Settings; secrets: Settings },
  settings: Settings,
  given: z.infer<typeof targetFields.secrets>,
): Settings {
  const moved = description.settings.some(
    (field) => leads(field) && (before.settings[field.key] ?? '') !== (settings[field.key] ?? ''),
  );
  if (moved && Object.keys(before.secrets).some((key) => !(key in given)))
    throw refuse('target.secrets-again');
  const after: Record<string, string> = { ...before.secrets };
  for (const [key, value] of Object.entries(given)) {
    if (value === null || value === '') delete after[key];
    else after[key] = value;
  }
  requireKnown('secrets', description.secrets, after);
  return after;
}

type Roles = z.infer<typeof roleFields>;

/** Each has to be there for whoever saves it: what is handed out under their delegation, and what they see. */
export async function requireRoles(context: Context, roles: Roles): Promise<void> {
  const { db, target } = context;
  const entitlements = await entitlementTargets(
    db,
    roles.flatMap(({ entitlementId }) => entitlementId ?? []),
  );
  const organizations = await organizationTargets(
    db,
    roles.flatMap(({ organizationId }) => organizationId ?? []),
  );
  const groups = await groupTargets(
    db,
    roles.flatMap(({ groupId }) => groupId ?? []),
  );
  for (const { entitlementId, organizationId, groupId } of roles) {
    if (entitlementId) {
      const found = entitlements.get(entitlementId);
      if (!found) throw refuse('not-found');
      const ref = { id: entitlementId, applicationId: found.applicationId };
      const within = context.decide('target.configure', withEntitlement(target, ref)).effect === 'permit';
      if (within) continue;
      const sees = context.decide('application.read', found.target).effect === 'permit';
      throw refuse(sees ? 'target.role-outside' : 'not-found');
    }
    if (organizationId)
      context.require('organization.read', organizations.get(organizationId), 'organization.read');
    if (groupId) context.require('user.read', groups.get(groupId), 'user.read');
  }
}

/** What was said of roles, as its rows: those that stay keep how the target calls them. Two statements, however many. */
export async function writeRoles({ db }: Context, targetId: string, roles: Roles): Promise<void> {
  const known = await readRoles(db, targetId);
  const key = (
    one: { [K in 'entitlementId' | 'organizationId' | 'groupId' | 'name']?: string | null | undefined },
  ): string => `${one.entitlementId ?? one.organizationId ?? one.groupId} ${one.name ?? ''}`;
  const wanted = new Map(roles.map((one) => [key(one), one]));
  const gone = known.filter((one) => !wanted.has(key(one))).map(({ id }) => id);
  for (const one of known) wanted.delete(key(one));
  if (gone.length > 0) await sql`delete from target_role where id = any (${gone}::uuid[])`.execute(db);
  if (wanted.size === 0) return;
  const rows = [...wanted.values()].map((one) => ({ ...one, id: newId() }));
  await sql`insert into target_role (id, target_id, entitlement_id, organization_id, group_id, name)
    select r.id, ${targetId}, r."entitlementId", r."organizationId", r."groupId", r.name
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id uuid, "entitlementId" uuid, "organizationId" uuid, "groupId" uuid, name text)`.execute(
    db,
  );
}

/** Whose right it is that people are told outside: a person's or a key's, by one delegation. */
export function whoSavesTarget({ actor, permit }: Context): {
  userId: string | null;
  membershipId: string | null;
  under: string;
} {
  const [link] = permit.because;
  if (!link) throw refuse('auth.required');
  return actor.kind === 'user'
    ? { userId: actor.userId, membershipId: actor.membershipId, under: link.id }
    : { userId: null, membershipId: null, under: link.id };
}

/** What may be done on a loss is what the target can do. */
export function checkPolicy(
  connector: Connector,
  settings: Settings,
  policy: Pick<TargetRow['policy'], 'onLoss' | 'prepareDays'>,
): void {
  const { can } = declaredBy(connector, settings);
  if (
    !can.disable &&
    (policy.prepareDays > 0 || policy.onLoss === 'disable' || policy.onLoss === 'delete-after')
  )
    throw refuse('target.cannot-disable');
  if (!can.delete && policy.onLoss !== 'disable' && policy.onLoss !== 'leave')
    throw refuse('target.cannot-delete');
}

/**
 * What a system takes of passwords is what its connector can; and whoever sends people's own must be one who could hand
 * out sign-in codes there: it is asked of each person again before theirs is sent.
 */
export function checkPassword(
  context: Context,
  connector: Connector,
  settings: Settings,
  password: TargetRow['password'],
): void {
  if (!password) return;
  if (!declaredBy(connector, settings).can.passwords.includes(password.form))
    throw refuse('target.no-passwords');
  if (password.sync) context.require('credential.reset', context.target, 'target.read');
}

/** Nothing is switched on that could make two accounts of one person, or accounts for nobody (I46). */
export async function requireReady(context: Context, row: TargetRow, secrets: Settings): Promise<void> {
  const connector = requireConnector(row.connector);
  const { can, values } = declaredBy(connector, row.settings);
  if (!can.find && !can.createIsIdempotent) throw refuse('target.would-double');
  checkSettings(connector, row.settings);
  requireAll('secrets', connector.description.secrets, secrets);
  checkPolicy(connector, row.settings, row.policy);
  checkPassword(context, connector, row.settings, row.password);
  const roles = await readRoles(context.db, row.id);
  if (!roles.some(({ entitlementId }) => entitlementId)) throw refuse('target.no-roles');
  const missing = mapped(row.mapping, { displayName: 'x' }, values).find(
    ({ to, problem }) => problem !== undefined && !row.mapping.some((one) => one.to === to),
  );
  if (!missing) return;
  const value = values.find(({ key }) => key === missing.to);
  throw wrong(`mapping.${missing.to}`, value ? labelOf(value) : missing.to, missing.problem!);
}

/**
 * What is done by itself is what the target can do. An account is known to be somebody's only by what neither that person
 * nor a manager writes: otherwise they would be given any account there by being called like it.
 */
export async function checkMending(
  { db, target }: Pick<Context, 'db' | 'target'>,
  connector: Connector,
  settings: Settings,
  row: { mending: Partial<Mending>; mapping: readonly MappingRow[] },
): Promise<void> {
  const { orphan, missing, drift, nightly, match } = mendingOf(row.mending);
  const { can } = declaredBy(connector, settings);
  if (can.list !== 'whole' && (nightly || [orphan, missing, drift].some((way) => way !== 'leave')))
    throw refuse('target.no-list');
  if (orphan === 'disable' && !can.disable) throw refuse('target.cannot-disable');
  if (orphan === 'delete' && !can.delete) throw refuse('target.cannot-delete');
  if (orphan !== 'adopt') return;
  if (!(await tellsWhose(db, target.path, row.mapping, match))) throw refuse('target.no-match');
}

/** Values that the connector does not have are a mistake of whoever saves. */
export function checkMapping(connector: Connector, settings: Settings, mapping: TargetRow['mapping']): void {
  const { values } = declaredBy(connector, settings);
  for (const { to } of mapping)
    if (!values.some(({ key }) => key === to))
      throw refuse('target.unknown-field', { field: `mapping.${to}` });
}
