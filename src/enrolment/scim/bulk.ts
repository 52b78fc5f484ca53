import type { Target } from '../../authority/delegation.ts';
import type { Permission } from '../../authority/permissions.ts';
import { isAtOrBelow } from '../../authority/place.ts';
import { endMembership } from '../../directory/end-membership.ts';
import { endGroup, groupTarget } from '../../directory/groups.ts';
import type { Context } from '../../operation/operation.ts';
import { permittedTo } from '../../operation/permitted.ts';
import { membershipTarget, organizationTarget } from '../../operation/targets.ts';
import { type Refusal, refuse } from '../../platform/refusals.ts';
import { type Door, readId } from './connection/door.ts';
import { readGroupRow } from './groups/group-rows.ts';
import { changeGroup, createGroup, requireSameGroup } from './groups/write-group.ts';
import { normalise, normaliseResource, patchSchema } from './patch/habits.ts';
import { applyPatch } from './patch/patch.ts';
import { changeUser } from './people/change-user.ts';
import { createUser } from './people/create-user.ts';
import { membershipsNamed } from './people/identity.ts';
import { readUser } from './people/user-rows.ts';
import { patching, replacing } from './people/writing.ts';
import { bulkLimits } from './protocol/about.ts';
import { cleaned, requireSchema } from './protocol/fitting.ts';
import { entryOf, isObject, type Json, type JsonObject, type Resource } from './protocol/json.ts';
import { scimError } from './protocol/problem.ts';
import { groupType } from './protocol/schema.ts';
import { versionOf } from './protocol/tag.ts';

/**
 * Many operations at once (RFC 7644, section 3.7): each is decided and done as if it came alone, and is taken back alone
 * when it is refused. What a later one makes may be named by an earlier one, by its `bulkId`.
 */
export const bulkSchema = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
export const bulkAnswerSchema = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse';

type Asked = {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  kind: 'Users' | 'Groups';
  /** the id in the path, or a `bulkId:` */
  id: string | undefined;
  bulkId: string | undefined;
  version: string | undefined;
  data: Json;
};

export type BulkResult = {
  method: string;
  bulkId?: string;
  location?: string;
  version?: string;
  /** of what was done; what was refused says its own */
  status?: number;
  refusal?: Refusal;
};

/** @throws Refusal `scim.invalid-syntax`, `scim.too-many-operations` for a request that is none */
export async function bulk(context: Context, door: Door, body: JsonObject): Promise<BulkResult[]> {
  const { asked, failOnErrors } = requestIn(body);
  const made = new Map<string, string>();
  const failed = new Set<string>();
  const results = new Map<Asked | Wrong, BulkResult>();
  let errors = 0;
  let left = [...asked];
  while (left.length > 0) {
    const waiting: typeof left = [];
    const known = new Set(left.flatMap((one) => one.bulkId ?? []));
    for (const one of left) {
      if ('wrong' in one) {
        results.set(one, { ...named(one), refusal: one.wrong });
      } else {
        const missing = referencesOf(one).filter((id) => !made.has(id));
        if (missing.some((id) => known.has(id) && id !== one.bulkId && !failed.has(id))) {
          waiting.push(one);
          continue;
        }
        results.set(one, missing.length > 0 ? unresolved(one) : await done(context, door, one, made));
      }
      const result = results.get(one)!;
      if (!result.refusal) continue;
      if (one.bulkId) failed.add(one.bulkId);
      errors += 1;
      if (failOnErrors !== undefined && errors >= failOnErrors) return inOrder();
    }
    // Whoever waits for each other waits for ever.
    if (waiting.length === left.length) for (const one of waiting) results.set(one, unresolved(one as Asked));
    left = waiting.length === left.length ? [] : waiting;
  }
  return inOrder();

  function inOrder(): BulkResult[] {
    return asked.flatMap((one) => results.get(one) ?? []);
  }
}

type Wrong = { method: string; bulkId: string | undefined; wrong: Refusal };

const named = ({ method, bulkId }: Pick<Asked, 'bulkId'> & { method: string }) => ({
  method,
  ...(bulkId === undefined ? {} : { bulkId }),
});

/** "the service provider MUST return HTTP status code 409" for what cannot be resolved (RFC 7644, section 3.7.1). */
const unresolved = (one: Asked): BulkResult => ({
  ...named(one),
  refusal: refuse('scim.unresolved'),
});

function requestIn(body: JsonObject): { asked: (Asked | Wrong)[]; failOnErrors: number | undefined } {
  requireSchema(body, bulkSchema);
  const operations = entryOf(body, 'Operations')?.[1];
  if (!Array.isArray(operations)) throw scimError('scim.invalid-syntax', 'scim.body', { name: 'Operations' });
  if (operations.length > bulkLimits.operations)
    throw refuse('scim.too-many-operations', { limit: bulkLimits.operations });
  const limit = entryOf(body, 'failOnErrors')?.[1] ?? undefined;
  if (limit !== undefined && (typeof limit !== 'number' || !Number.isSafeInteger(limit) || limit < 1))
    throw scimError('scim.invalid-syntax', 'scim.body', { name: 'failOnErrors' });
  return { asked: operations.map(operationIn), failOnErrors: limit };
}

function operationIn(given: Json): Asked | Wrong {
  const part = (name: string) => (isObject(given) ? (entryOf(given, name)?.[1] ?? undefined) : undefined);
  const text = (name: string): string | undefined => {
    const value = part(name);
    return typeof value === 'string' ? value : undefined;
  };
  const method = (text('method') ?? '').toUpperCase();
  const bulkId = text('bulkId');
  const [, kind, id] = /^\/(Users|Groups)(?:\/([^/?]{1,200}))?$/.exec(text('path') ?? '') ?? [];
  const isMethod = method === 'POST' || method === 'PUT' || method === 'PATCH' || method === 'DELETE';
  const data = part('data');
  const fits =
    isMethod &&
    kind !== undefined &&
    (method === 'POST' ? id === undefined && bulkId !== undefined : id !== undefined) &&
    (method === 'DELETE' || data !== undefined);
  if (!fits)
    return {
      method: method.slice(0, 20),
      bulkId,
      wrong: scimError('scim.invalid-syntax', 'scim.body', { name: 'Operations' }),
    };
  return {
    method,
    kind: kind as Asked['kind'],
    id,
    bulkId,
    version: text('version'),
    data: data ?? null,
  };
}

const reference = /^bulkId:(.{1,200})$/i;

/** The `bulkId`s that an operation names: in its path, or as a value in its data. */
function referencesOf({ id, data }: Asked): string[] {
  const found: string[] = [];
  const walk = (value: Json): void => {
    if (typeof value === 'string') found.push(...(reference.exec(value)?.slice(1) ?? []));
    else if (Array.isArray(value)) value.forEach(walk);
    else if (isObject(value)) Object.values(value).forEach(walk);
  };
  walk(id ?? null);
  walk(data);
  return found;
}

function resolved<T extends Json>(value: T, made: ReadonlyMap<string, string>): T {
  if (typeof value === 'string') return (made.get(reference.exec(value)?.[1] ?? '') ?? value) as T;
  if (Array.isArray(value)) return value.map((each) => resolved(each, made)) as Json as T;
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, resolved(inner, made)]),
  ) as Json as T;
}

async function done(
  context: Context,
  door: Door,
  one: Asked,
  made: Map<string, string>,
): Promise<BulkResult> {
  const data = resolved(one.data, made);
  const id = one.id === undefined ? undefined : resolved(one.id, made);
  const came = await context.attempt(() =>
    one.kind === 'Users' ? user(context, door, one, id, data) : group(context, door, one, id, data),
  );
  if (!came.ok) {
    context.refused(came.refusal);
    return { ...named(one), ...placeOf(door, one, id), refusal: came.refusal };
  }
  const resource = came.value;
  if (one.method === 'POST' && one.bulkId !== undefined) made.set(one.bulkId, String(resource?.id));
  const meta = resource?.meta as { location: string; version: string } | undefined;
  return {
    ...named(one),
    ...(meta ? { location: meta.location, version: meta.version } : placeOf(door, one, id)),
    status: one.method === 'POST' ? 201 : one.method === 'DELETE' ? 204 : 200,
  };
}

/** Where it stands, said of everything but of what could not be made (RFC 7644, section 3.7). */
const placeOf = (door: Door, one: Asked, id: string | undefined): { location?: string } =>
  id === undefined ? {} : { location: `${door.address}/${one.kind}/${encodeURIComponent(id)}` };

/** One act on one thing: found below the door, permitted apart, and of the version that the client saw. */
function actOn(
  context: Context,
  target: Target | undefined,
  door: Door,
  permission: Permission,
  version: string | undefined,
): Context {
  const seen = target && isAtOrBelow(target.path, door.path) ? target : undefined;
  const permit = context.require(permission, seen, 'user.read');
  const wanted = version === undefined ? undefined : /^(?:W\/)?"(\d{1,9})"$/.exec(version.trim())?.[1];
  return Object.create(permittedTo(context, seen!, permit), {
    checkVersion: {
      value: (found: number) => {
        if (version !== undefined && wanted !== String(found)) throw refuse('version.stale');
      },
    },
  }) as Context;
}

/** As `data` of a PATCH stands in the RFC's own example: the operations alone, or the whole message. */
const patchIn = (data: Json): Json =>
  Array.isArray(data) ? { schemas: [patchSchema], Operations: data } : data;

async function user(
  context: Context,
  door: Door,
  { method, version }: Asked,
  written: string | undefined,
  data: Json,
): Promise<Resource | undefined> {
  if (method === 'POST') return createUser(context, door, data);
  const id = readId(written ?? '');
  const membershipId = id && (await membershipsNamed(context.db, door.organizationId, [id])).get(id);
  const target = membershipId && (await membershipTarget(context.db, membershipId));
  const permission = method === 'DELETE' ? 'membership.end' : 'membership.update';
  const act = actOn(context, target || undefined, door, permission, version);
  const found = act.target.id!;
  if (method === 'DELETE') {
    context.takeAway();
    act.checkVersion(versionOf((await readUser(act, door, found)).resource));
    await endMembership(permittedTo(act, act.target, act.permit), { membershipId: found, endKeys: false });
    return undefined;
  }
  const next = method === 'PATCH' ? patching(door, patchIn(data)) : replacing(door, data);
  return changeUser(act, door, found, next);
}

async function group(
  context: Context,
  door: Door,
  { method, version }: Asked,
  written: string | undefined,
  data: Json,
): Promise<Resource | undefined> {
  const id = readId(written ?? '');
  const target =
    method === 'POST'
      ? await organizationTarget(context.db, door.organizationId)
      : id && (await groupTarget(context.db, id));
  const act = actOn(context, target || undefined, door, 'group.configure', version);
  if (method === 'POST') return createGroup(act, door, data);
  if (method === 'DELETE') {
    context.takeAway();
    requireSameGroup(act, await readGroupRow(act, door, id!));
    await endGroup(permittedTo(act, act.target, act.permit), id!);
    return undefined;
  }
  if (method === 'PATCH') {
    const operations = normalise(patchIn(data), groupType);
    return changeGroup(act, door, id!, (before) => applyPatch(before, operations, groupType).resource);
  }
  const sent = cleaned(normaliseResource(data, groupType), groupType);
  return changeGroup(act, door, id!, () => sent);
}
