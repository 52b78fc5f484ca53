import { describe, expect, it } from 'vitest';
import {
  type AccountValues,
  type Connector,
  ConnectorError,
  type Seen,
  type Session,
} from '../../src/provisioning/connectors/connector.ts';
import { type Adapter, conforms, hold, statementsFor } from './suite.ts';

/**
 * The smallest connector that does everything, over a map: what docs/connectors.md begins with. The suite is held
 * against it, and then against nine of its brothers, each with one mistake that a connector has made somewhere.
 */
type Account = {
  id: string;
  correlation: string;
  enabled: boolean;
  values: Record<string, AccountValues[string]>;
  roles: Set<string>;
  password?: string;
};
type Target = { accounts: Map<string, Account>; roles: Set<string>; next: number; cut: boolean };
const emptyTarget = (): Target => ({ accounts: new Map(), roles: new Set(), next: 1, cut: false });

const keys = ['login', 'title', 'displayName', 'mail'];
const pageSize = 2;

function connectorOver(
  target: Target,
  broken: (session: Session, target: Target) => Partial<Session> = () => ({}),
): Connector {
  return {
    description: {
      name: 'map',
      label: 'A map',
      settings: [{ key: 'place', label: 'Place', kind: 'text', required: true }],
      secrets: [{ key: 'token', label: 'Token', kind: 'text', required: true }],
      values: keys.map((key) => ({
        key,
        label: key,
        kind: 'text',
        ...(key === 'mail' ? { many: true } : {}),
      })),
      can: {
        find: true,
        createIsIdempotent: false,
        disable: true,
        delete: true,
        roles: true,
        list: 'whole',
        passwords: ['clear'],
      },
    },
    check: ({ place = '' }) =>
      /^[a-z]+$/.test(place) ? [] : [{ field: 'place', text: 'Give a place of small letters.' }],
    async open({ place }, { token }, { deadline, roles }) {
      if (place === 'nowhere') throw new ConnectorError('unreachable', 'Nobody answers.');
      if (token !== 'secret-token') throw new ConnectorError('no-permission', 'The token is not taken.');
      const whole = sessionOver(target, deadline, roles);
      return { ...whole, ...broken(whole, target) };
    },
  };
}

function sessionOver(target: Target, deadline: AbortSignal, lookedAfter: readonly string[]): Session {
  const { accounts } = target;
  let closed = false;
  const ready = (): void => {
    if (deadline.aborted || closed) throw new ConnectorError('unreachable', 'It is too late, or closed.');
  };
  const required = (id: string): Account => {
    ready();
    const account = accounts.get(id);
    if (!account) throw new ConnectorError('absent', 'There is no such account.');
    return account;
  };
  const taken = (values: AccountValues): void => {
    for (const [key, value] of Object.entries(values))
      if (!keys.includes(key) || [value].flat().some((text) => String(text).includes('\0')))
        throw new ConnectorError(
          'refused',
          `The target does not take this ${keys.includes(key) ? key : 'value'}.`,
        );
  };
  const seenOf = ({ id, correlation, enabled, values, roles }: Account): Seen => ({
    id,
    correlation,
    enabled,
    values: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)),
    roles: [...roles].filter((role) => lookedAfter.includes(role)).sort(),
  });
  return {
    test: async () => [{ level: 'good', text: 'The map is there.' }],
    async list(from = '0') {
      ready();
      const all = [...accounts.values()].slice(Number(from));
      const seen = all.slice(0, pageSize).map(seenOf);
      if (target.cut) return { seen, whole: false };
      return all.length > pageSize
        ? { seen, whole: false, next: String(Number(from) + pageSize) }
        : { seen, whole: true };
    },
    async read(id) {
      ready();
      const account = accounts.get(id);
      return account && seenOf(account);
    },
    async find(correlation) {
      ready();
      const account = [...accounts.values()].find((one) => one.correlation === correlation);
      return account && seenOf(account);
    },
    async create({ correlation, enabled, values, roles }) {
      ready();
      taken(values);
      const there = [...accounts.values()];
      if (there.some((one) => one.correlation === correlation || one.values.login === values.login))
        throw new ConnectorError('exists', 'There is such an account.');
      const account = {
        id: `n${target.next++}`,
        correlation,
        enabled,
        values: { ...values },
        roles: new Set(roles),
      };
      accounts.set(account.id, account);
      return seenOf(account);
    },
    async update(id, { values, rolesAdded, rolesRemoved }) {
      const account = required(id);
      taken(values);
      Object.assign(account.values, values);
      for (const role of rolesRemoved) account.roles.delete(role);
      for (const role of rolesAdded) account.roles.add(role);
    },
    async enable(id) {
      required(id).enabled = true;
    },
    async disable(id) {
      required(id).enabled = false;
    },
    async delete(id) {
      ready();
      accounts.delete(id);
    },
    async ensureRole(name) {
      ready();
      if (name.includes('\0')) throw new ConnectorError('refused', 'This is no name.');
      target.roles.add(name);
      return name;
    },
    async setPassword(id, form, value) {
      if (form !== 'clear') throw new ConnectorError('refused', 'Only as it is.');
      required(id).password = value;
    },
    async close() {
      closed = true;
    },
  };
}

function adapterFor(target: Target, connector: Connector): Adapter {
  return {
    connector,
    settings: { place: 'here' },
    secrets: { token: 'secret-token' },
    person: (name) => ({ login: name }),
    text: 'title',
    other: 'displayName',
    many: 'mail',
    rename: (name) => ({ login: name }),
    signsIn: async ({ id }, password) => {
      const account = target.accounts.get(id);
      return !!account?.enabled && account.password === password;
    },
    passwords: {},
    async fill(act) {
      for (let n = 0; n < 5; n++)
        target.accounts.set(`f${n}`, {
          id: `f${n}`,
          correlation: `f${n}`,
          enabled: true,
          values: {},
          roles: new Set(),
        });
      await act(target.accounts.size);
    },
    async cutShort(act) {
      target.cut = true;
      await act();
      target.cut = false;
    },
    nobodyThere: { place: 'nowhere' },
    wrongSecrets: { token: 'wrong' },
  };
}

const target = emptyTarget();
const whole = connectorOver(target);
conforms('a map', whole, () => adapterFor(target, whole));

/** What each is called, what it does wrong, and a statement that must catch it. */
const mistakes: Record<
  string,
  { breaks: (session: Session, target: Target) => Partial<Session>; caught: RegExp }
> = {
  'makes a second account where one is': {
    breaks: (session, { accounts }) => ({
      async create(wanted) {
        const made = await session.create(wanted).catch(() => undefined);
        if (made) return made;
        const id = `again${accounts.size}`;
        accounts.set(id, { id, ...wanted, values: { ...wanted.values }, roles: new Set() });
        return (await session.read(id))!;
      },
    }),
    caught: /makes one account where the same is made twice/,
  },
  'calls a list whole that was cut short': {
    breaks: (session) => ({
      async list(from) {
        const page = await session.list(from);
        return page.next === undefined ? { ...page, whole: true } : page;
      },
    }),
    caught: /does not call a list whole that was cut short/,
  },
  'forgets the last page': {
    breaks: (session) => ({
      async list(from) {
        const page = await session.list(from);
        return from === undefined ? page : { seen: page.seen, whole: true };
      },
    }),
    caught: /lists many pages without leaving anything out/,
  },
  'replaces all values where one was to be changed': {
    breaks: (session, { accounts }) => ({
      async update(id, change) {
        const account = accounts.get(id);
        const { login } = account?.values ?? {};
        await session.update(id, change);
        if (account) account.values = { login: login!, ...change.values };
      },
    }),
    caught: /changes one value and leaves the others/,
  },
  'lets somebody in by setting a password': {
    breaks: (session) => ({
      async setPassword(id, form, value) {
        await session.setPassword(id, form, value);
        await session.enable(id);
      },
    }),
    caught: /leaves an account off whose password is set/,
  },
  'finds what only begins the same': {
    breaks: (session, { accounts }) => ({
      async find(correlation) {
        const start = correlation.replace(/[*%]$/, '');
        const found = [...accounts.values()].find((one) => one.correlation.startsWith(start));
        return found && (await session.read(found.id));
      },
    }),
    caught: /takes no part of a correlation/,
  },
  'says the secret in its complaint': {
    breaks: (session) => ({
      async setPassword(id, form, value) {
        await session.setPassword(id, form, value).catch((error: ConnectorError) => {
          throw new ConnectorError(error.problem, `Could not set ${value}.`);
        });
      },
    }),
    caught: /without the password/,
  },
  'makes an account anew when it is switched on': {
    breaks: (session, { accounts }) => ({
      async enable(id) {
        await session.enable(id).catch(() => {
          accounts.set(id, { id, correlation: id, enabled: true, values: {}, roles: new Set() });
        });
      },
    }),
    caught: /nothing is there to be switched on/,
  },
  'takes the roles of everybody': {
    breaks: (session, { accounts }) => ({
      async update(id, change) {
        await session.update(id, change);
        for (const account of accounts.values())
          for (const role of change.rolesRemoved) account.roles.delete(role);
      },
    }),
    caught: /touches no other account/,
  },
};

describe('the suite', () => {
  it.each(Object.entries(mistakes))('catches a connector that %s', async (_, { breaks, caught }) => {
    const target = emptyTarget();
    const adapter = adapterFor(target, connectorOver(target, breaks));
    const failed: string[] = [];
    for (const statement of statementsFor(adapter))
      await hold(statement, adapter).catch(() => failed.push(statement.says));
    expect(
      failed.some((says) => caught.test(says)),
      failed.join('\n'),
    ).toBe(true);
    // It is a mistake of one kind, and not a connector that does nothing.
    expect(failed.length).toBeLessThan(statementsFor(adapter).length / 2);
  });

  it('says some fifty things, each once', () => {
    const target = emptyTarget();
    const said = statementsFor(adapterFor(target, connectorOver(target))).map(({ says }) => says);
    expect(said.length).toBeGreaterThan(45);
    expect(said).toEqual([...new Set(said)]);
  });
});
