import { closing, refuseUnknown } from './closing.ts';
import {
  type Abilities,
  type Connector,
  ConnectorError,
  type ConnectorField,
  type Description,
  type Seen,
  type Session,
  type Settings,
} from './connector.ts';
import { callerOver } from './http-answers.ts';
import { type DeclaredApi, readDeclared } from './http-declared.ts';
import { pageOf } from './http-paging.ts';
import { type Declared, isName, listAt, seenOf, send } from './http-requests.ts';
import { at } from './http-template.ts';
import { wrongByForm } from './settings-check.ts';

/**
 * Looks after accounts behind any REST API that speaks JSON, by requests that are declared instead of programmed.
 * `docs/connectors.md` has an example. A declaration reaches no other host, and no header.
 */
const description: Description = {
  name: 'http',
  label: 'REST API, declared',
  settings: [
    { key: 'url', label: 'Address', kind: 'address', required: true, help: 'Paths are added to it' },
    {
      key: 'signIn',
      label: 'Signs in by',
      kind: 'one-of',
      choices: ['bearer', 'basic', 'header', 'nothing'],
      choiceLabels: {
        bearer: 'Bearer token',
        basic: 'User name and password (Basic)',
        header: 'A header of its own',
        nothing: 'Nothing',
      },
      usual: 'bearer',
    },
    {
      key: 'user',
      label: 'User name',
      kind: 'text',
      help: 'Only where it signs in by user name and password',
    },
    {
      key: 'header',
      label: 'Header',
      kind: 'text',
      help: 'Only where it signs in by a header, such as X-Api-Key',
    },
    { key: 'requests', label: 'Requests', kind: 'long-text', required: true, help: 'JSON, see the example' },
  ],
  secrets: [{ key: 'token', label: 'Token or password', kind: 'text' }],
  values: [],
  can: {
    find: true,
    createIsIdempotent: false,
    disable: true,
    delete: true,
    roles: true,
    list: 'whole',
    passwords: ['clear'],
  },
};

export const httpConnector: Connector = {
  description,
  declared(settings) {
    const read = readDeclared(settings.requests ?? '');
    if ('wrong' in read) return { values: [], can: description.can };
    return {
      values: valuesOf(read.api),
      can: abilitiesOf(read.api),
    };
  },
  check(settings) {
    const read = readDeclared(settings.requests ?? '');
    return [
      ...wrongByForm(
        description.settings.filter(({ key }) => key !== 'requests'),
        settings,
      ),
      ...('wrong' in read ? read.wrong.map((text) => ({ field: 'requests', text })) : []),
      ...(settings.signIn === 'basic' && !settings.user
        ? [{ field: 'user', text: 'Signing in by basic needs a user name.' }]
        : []),
      ...(settings.signIn === 'header' && !/^[A-Za-z0-9-]{1,60}$/.test(settings.header ?? '')
        ? [{ field: 'header', text: 'Signing in by a header needs its name, such as X-Api-Key.' }]
        : []),
    ];
  },
  async open(settings, secrets, { egress, deadline }) {
    const read = readDeclared(settings.requests ?? '');
    if ('wrong' in read) throw new ConnectorError('bad-settings', read.wrong[0]!);
    const http: Declared = {
      api: read.api,
      base: (settings.url ?? '').replace(/\/+$/, ''),
      headers: headersFor(settings, secrets, read.api),
      call: callerOver(egress, deadline),
    };
    return closing(sessionOver(http), deadline);
  },
};

const valuesOf = (api: DeclaredApi): ConnectorField[] =>
  Object.keys(api.account.values).map((key) => ({ key, label: key, kind: 'text' as const }));

const abilitiesOf = (api: DeclaredApi): Abilities => ({
  find: api.find !== undefined,
  createIsIdempotent: api.idempotencyHeader !== undefined,
  disable: api.disable !== undefined && api.enable !== undefined && api.account.enabled !== undefined,
  delete: api.delete !== undefined,
  roles: api.role !== undefined && api.account.roles !== undefined,
  list: api.list ? 'whole' : 'none',
  passwords: api.setPassword ? ['clear'] : [],
});

function headersFor(settings: Settings, secrets: Settings, api: DeclaredApi): Record<string, string> {
  const token = secrets.token ?? '';
  const signedIn: Record<string, Record<string, string>> = {
    bearer: { authorization: `Bearer ${token}` },
    basic: { authorization: `Basic ${Buffer.from(`${settings.user ?? ''}:${token}`).toString('base64')}` },
    header: { [(settings.header ?? 'x-api-key').toLowerCase()]: token },
  };
  return {
    accept: 'application/json',
    'user-agent': 'Remit',
    ...api.headers,
    ...signedIn[settings.signIn ?? 'bearer'],
  };
}

function sessionOver(http: Declared): Session {
  const { api } = http;
  const missing = (text: string): ConnectorError => new ConnectorError('bad-settings', text);
  const read = async (id: string): Promise<Seen | undefined> => {
    const answer = await orAbsent(send(http, api.read, { id }));
    return answer === undefined ? undefined : seenOf(api, at(answer, api.read.answer));
  };
  return {
    async test() {
      if (!api.list)
        return [{ level: 'doubt', text: 'It says nothing of how to read accounts: nothing was tried.' }];
      const { seen } = await pageOf(http, undefined);
      return [
        { level: 'good', text: `It answers, and lets us read its accounts (${seen.length} on a page).` },
      ];
    },
    list: (from) => {
      if (!api.list) throw missing('Its requests do not say how to read all accounts.');
      return pageOf(http, from);
    },
    read,
    async find(correlation) {
      if (!api.find) throw missing('Its requests do not say how to find an account.');
      const answer = await orAbsent(send(http, api.find, { correlation }));
      // An API that did not understand the question answers with everybody: nobody is taken for somebody else.
      return listAt(answer, api.find.items)
        .map((item) => seenOf(api, item))
        .find((seen) => seen.correlation === correlation);
    },
    async create(wanted) {
      refuseUnknown(valuesOf(api), wanted.values);
      const answer = await send(
        http,
        api.create,
        { ...wanted.values, correlation: wanted.correlation, enabled: wanted.enabled },
        api.idempotencyHeader ? { more: { [api.idempotencyHeader.toLowerCase()]: wanted.correlation } } : {},
      );
      const made = seenOf(api, at(answer, api.create.answer), true);
      for (const role of wanted.roles)
        if (!made.roles?.includes(role)) await changeRole(http, 'add', made.id, role);
      return { ...made, roles: wanted.roles };
    },
    async update(id, { values, rolesAdded, rolesRemoved }) {
      refuseUnknown(valuesOf(api), values);
      if (Object.keys(values).length > 0) {
        const before = api.update.send === 'all' ? await read(id) : undefined;
        if (api.update.send === 'all' && !before)
          throw new ConnectorError('absent', 'It has no account under that id any more.');
        const given = before
          ? { ...before.values, correlation: before.correlation, enabled: before.enabled, ...values, id }
          : { ...values, id };
        await send(http, api.update, given, { onlyGiven: !before });
      }
      for (const role of rolesAdded) await changeRole(http, 'add', id, role);
      for (const role of rolesRemoved) await changeRole(http, 'remove', id, role);
    },
    async enable(id) {
      if (!api.enable) throw missing('Its requests do not say how to switch an account on.');
      await send(http, api.enable, { id });
    },
    async disable(id) {
      if (!api.disable) throw missing('Its requests do not say how to switch an account off.');
      await orAbsent(send(http, api.disable, { id }));
    },
    async delete(id) {
      if (!api.delete) throw missing('Its requests do not say how to delete an account.');
      await orAbsent(send(http, api.delete, { id }));
    },
    async ensureRole(name) {
      if (!api.role) throw missing('Its requests do not say how to give roles.');
      const { find, create } = api.role;
      const found = find && (await roleNamed(http, find, name));
      if (found || !create) return found ?? name;
      const id = at(await send(http, create, { name }), create.id);
      if (!isName(id)) throw new ConnectorError('failing', 'It made a role, and did not say under which id.');
      // Another process may have made one at the same time: both take the same of the two.
      return (find && (await roleNamed(http, find, name))) ?? String(id);
    },
    async setPassword(id, form, value) {
      if (form !== 'clear' || !api.setPassword)
        throw missing('Its requests do not say how to set a password.');
      await send(http, api.setPassword, { id, password: value });
    },
    async close() {},
  };
}

async function changeRole(http: Declared, how: 'add' | 'remove', id: string, role: string): Promise<void> {
  const declared = http.api.role?.[how];
  if (!declared) throw new ConnectorError('bad-settings', 'Its requests do not say how to give roles.');
  const sent = send(http, declared, { id, role });
  if (how === 'remove') await orAbsent(sent);
  // Given already is given.
  else
    await sent.catch((error: unknown) => {
      if (!(error instanceof ConnectorError && error.problem === 'exists')) throw error;
    });
}

async function roleNamed(
  http: Declared,
  find: NonNullable<NonNullable<DeclaredApi['role']>['find']>,
  name: string,
): Promise<string | undefined> {
  const answer = await orAbsent(send(http, find, { name }));
  const ids = listAt(answer, find.items)
    .filter((item) => at(item, find.name) === name)
    .map((item) => at(item, find.id))
    .filter(isName)
    .map(String);
  return ids.sort()[0];
}

/** What is not there, for whoever asks or ends. */
async function orAbsent<T>(work: Promise<T>): Promise<T | undefined> {
  return await work.catch((error: unknown) => {
    if (error instanceof ConnectorError && error.problem === 'absent') return undefined;
    throw error;
  });
}
