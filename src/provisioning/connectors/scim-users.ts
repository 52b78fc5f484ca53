import {
  type AccountValue,
  type AccountValues,
  ConnectorError,
  type Page,
  type Seen,
  type Session,
  type Wanted,
} from './connector.ts';
import { below, isObject, jsonOf } from './http-answers.ts';
import type { ScimGroups } from './scim-groups.ts';
import {
  enterpriseSchema,
  jsonBody,
  type PatchOperation,
  patchOf,
  quoted,
  readPage,
  type ScimHttp,
  text,
  userSchema,
} from './scim-protocol.ts';

type Options = { knownBy: 'externalId' | 'userName'; put: boolean; pageSize: number };
type Users = Omit<Session, 'test' | 'close' | 'ensureRole'>;

/** Values of an account and the attributes that carry them (RFC 7643, sections 4.1 and 4.3). */
const simple: Record<string, string> = {
  userName: 'userName',
  displayName: 'displayName',
  title: 'title',
  language: 'preferredLanguage',
  timezone: 'timezone',
};
const named: Record<string, string> = { givenName: 'givenName', familyName: 'familyName' };
const several: Record<string, string> = { email: 'emails', phone: 'phoneNumbers' };
const enterprise = ['employeeNumber', 'organization', 'department', 'costCenter'];

export function usersOver(http: ScimHttp, options: Options, groups: ScimGroups): Users {
  const address = (id: string): string => below(http.base, 'Users', id);
  const patch = async (id: string, operations: readonly PatchOperation[]): Promise<void> => {
    if (operations.length > 0)
      await http.call({ method: 'PATCH', url: address(id), ...jsonBody(http, patchOf(operations)) });
  };
  const readRaw = async (id: string): Promise<Record<string, unknown> | undefined> => {
    try {
      const body = jsonOf((await http.call({ method: 'GET', url: address(id), headers: http.headers })).body);
      return isObject(body) ? body : undefined;
    } catch (error) {
      if (error instanceof ConnectorError && error.problem === 'absent') return undefined;
      throw error;
    }
  };
  const put = async (id: string, over: (resource: Record<string, unknown>) => void): Promise<void> => {
    const resource = await readRaw(id);
    if (!resource) throw new ConnectorError('absent', 'It has no account under that id any more.');
    delete resource.meta;
    delete resource.groups;
    over(resource);
    await http.call({ method: 'PUT', url: address(id), ...jsonBody(http, resource) });
  };
  const switched = (id: string, active: boolean): Promise<void> =>
    options.put
      ? put(id, (resource) => {
          resource.active = active;
        })
      : patch(id, [{ op: 'replace', path: 'active', value: active }]);
  const seen = async (resource: Record<string, unknown>): Promise<Seen> => {
    const account = seenOf(resource, options);
    return { ...account, roles: account.roles ?? (await groups.of(account.id)) };
  };
  return {
    async list(from = '1') {
      return await pageFrom(http, options, Number(from), seen);
    },
    async read(id) {
      const resource = await readRaw(id);
      return resource && (await seen(resource));
    },
    async find(correlation) {
      const { resources } = await readPage(http, 'Users', {
        filter: `${options.knownBy} eq ${quoted(correlation)}`,
        count: '2',
      });
      // A server that did not understand the filter answers with everybody: nobody is taken for somebody else.
      const same = resources.filter((resource) => resource[options.knownBy] === correlation);
      return same[0] && (await seen(same[0]));
    },
    async create(wanted) {
      const { body } = await http.call({
        method: 'POST',
        url: below(http.base, 'Users'),
        ...jsonBody(http, resourceOf(wanted, options)),
      });
      const made = jsonOf(body);
      if (!isObject(made) || !text(made.id))
        throw new ConnectorError('failing', 'It made an account, and did not say under which id.', {
          mayHaveHappened: true,
        });
      for (const role of wanted.roles) await groups.add(role, text(made.id)!);
      return { ...seenOf(made, options), roles: wanted.roles };
    },
    async update(id, { values, rolesAdded, rolesRemoved }) {
      if (Object.keys(values).length > 0)
        await (options.put
          ? put(id, (resource) => Object.assign(resource, merged(resource, values)))
          : patched(values, (operations) => patch(id, operations)));
      for (const role of rolesAdded) await groups.add(role, id);
      for (const role of rolesRemoved) await groups.remove(role, id);
    },
    enable: (id) => switched(id, true),
    async disable(id) {
      await unlessAbsent(switched(id, false));
    },
    async delete(id) {
      await unlessAbsent(http.call({ method: 'DELETE', url: address(id), headers: http.headers }));
    },
    async setPassword(id, form, value) {
      if (form !== 'clear')
        throw new ConnectorError(
          'bad-settings',
          'SCIM takes a password only as it is (RFC 7643, section 4.1.1).',
        );
      await patch(id, [{ op: 'replace', path: 'password', value }]);
    },
  };
}

/** What has ended already has ended. */
async function unlessAbsent(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof ConnectorError && error.problem === 'absent')) throw error;
  });
}

/**
 * One page by index (RFC 7644, section 3.4.2.4). An index moves under our feet when somebody is removed meanwhile, so
 * only a list whose total stayed what it was, and was reached, counts as whole.
 */
async function pageFrom(
  http: ScimHttp,
  { pageSize }: Options,
  from: number,
  seen: (resource: Record<string, unknown>) => Promise<Seen>,
): Promise<Page> {
  const { resources, total } = await readPage(http, 'Users', {
    startIndex: String(from),
    count: String(pageSize),
  });
  const accounts: Seen[] = [];
  for (const resource of resources) if (text(resource.id)) accounts.push(await seen(resource));
  const reached = from - 1 + resources.length;
  const more = total !== undefined && reached < total && resources.length > 0;
  return {
    seen: accounts,
    ...(more ? { next: String(reached + 1) } : {}),
    whole: !more && total !== undefined && reached === total && accounts.length === resources.length,
    ...(total === undefined ? {} : { total }),
  };
}

function seenOf(resource: Record<string, unknown>, { knownBy }: Options): Seen {
  const meta = isObject(resource.meta) ? resource.meta : {};
  return {
    id: text(resource.id)!,
    correlation: text(resource[knownBy]),
    // Absent is active: the attribute is optional (RFC 7643, section 4.1.1).
    enabled: resource.active !== false && resource.active !== 'False',
    values: valuesOf(resource),
    roles: Array.isArray(resource.groups)
      ? resource.groups.flatMap((group) => (isObject(group) ? (text(group.value) ?? []) : []))
      : undefined,
    version: text(meta.version),
  };
}

function valuesOf(resource: Record<string, unknown>): AccountValues {
  const values: Record<string, AccountValue> = {};
  const keep = (key: string, value: unknown): void => {
    values[key] = text(value) ?? null;
  };
  for (const [key, attribute] of Object.entries(simple)) keep(key, resource[attribute]);
  const name = isObject(resource.name) ? resource.name : {};
  for (const [key, attribute] of Object.entries(named)) keep(key, name[attribute]);
  for (const [key, attribute] of Object.entries(several)) keep(key, workOf(resource[attribute])?.value);
  const extension = resource[enterpriseSchema];
  for (const key of enterprise) keep(key, isObject(extension) ? extension[key] : undefined);
  return values;
}

/** The value for work; else the first: servers that know one address only give it no type. */
function workOf(list: unknown): Record<string, unknown> | undefined {
  const entries = Array.isArray(list) ? list.filter(isObject) : [];
  return entries.find(({ type }) => type === 'work') ?? entries.find(({ type }) => type === undefined);
}

function resourceOf({ correlation, enabled, values }: Wanted, { knownBy }: Options): Record<string, unknown> {
  const resource = merged({ schemas: [userSchema] }, values);
  return { ...resource, [knownBy]: correlation, active: enabled };
}

/** A resource with these values in it, as it is created and replaced. */
function merged(before: Record<string, unknown>, values: AccountValues): Record<string, unknown> {
  const resource = { ...before };
  const set = (on: Record<string, unknown>, key: string, value: AccountValue): void => {
    if (value === null) delete on[key];
    else on[key] = value;
  };
  for (const [key, value] of Object.entries(values)) {
    if (simple[key]) set(resource, simple[key], value);
    else if (named[key]) {
      const name = { ...(isObject(resource.name) ? resource.name : {}) };
      set(name, named[key], value);
      resource.name = name;
    } else if (several[key]) {
      const rest = (
        Array.isArray(resource[several[key]]) ? (resource[several[key]] as unknown[]) : []
      ).filter((entry) => entry !== workOf(resource[several[key]!]));
      resource[several[key]] = value === null ? rest : [{ value, type: 'work', primary: true }, ...rest];
    } else if (enterprise.includes(key)) {
      const extension = { ...(isObject(resource[enterpriseSchema]) ? resource[enterpriseSchema] : {}) };
      set(extension, key, value);
      resource[enterpriseSchema] = extension;
      resource.schemas = [
        ...new Set([
          ...(Array.isArray(resource.schemas) ? resource.schemas : [userSchema]),
          enterpriseSchema,
        ]),
      ];
    }
  }
  return resource;
}

/**
 * Sends values as PATCH. Where a server has no work address yet, replacing it hits nothing (`noTarget`, RFC 7644, section
 * 3.5.2.3): then it is added.
 */
async function patched(
  values: AccountValues,
  send: (operations: readonly PatchOperation[]) => Promise<void>,
): Promise<void> {
  const plain: PatchOperation[] = [];
  for (const [key, value] of Object.entries(values)) {
    const list = several[key];
    const path =
      simple[key] ??
      (named[key]
        ? `name.${named[key]}`
        : enterprise.includes(key)
          ? `${enterpriseSchema}:${key}`
          : undefined);
    if (path) plain.push(value === null ? { op: 'remove', path } : { op: 'replace', path, value });
    else if (list) await changeWork(list, value, send);
  }
  await send(plain);
}

async function changeWork(
  list: string,
  value: AccountValue,
  send: (operations: readonly PatchOperation[]) => Promise<void>,
): Promise<void> {
  const noTarget = (error: unknown): void => {
    if (!(error instanceof ConnectorError && /noTarget|absent/.test(`${error.message}${error.problem}`)))
      throw error;
  };
  const path = `${list}[type eq "work"]`;
  if (value === null) return await send([{ op: 'remove', path }]).catch(noTarget);
  let there = true;
  await send([{ op: 'replace', path: `${path}.value`, value }]).catch((error: unknown) => {
    noTarget(error);
    there = false;
  });
  if (!there) await send([{ op: 'add', path: list, value: [{ value, type: 'work', primary: true }] }]);
}
