import { describe, expect, it } from 'vitest';
import { openEgress } from '../../src/platform/egress.ts';
import { openEgressSockets } from '../../src/platform/egress-socket.ts';
import {
  type Abilities,
  type AccountValues,
  type ByHand,
  type Change,
  type Connector,
  ConnectorError,
  type ConnectorProblem,
  type PasswordForm,
  type Seen,
  type Session,
  type Settings,
  type Wanted,
} from '../../src/provisioning/connectors/connector.ts';

/**
 * What every connector must do, said once. A connector brings an adapter: where its target stands and what an account
 * is called there. `docs/connectors.md` shows how. The file is as long as the table of what is said.
 */
export type Adapter = {
  connector: Connector;
  settings: Settings;
  secrets: Settings;
  /** the operator's word for loopback: ports of the target, and hosts without encryption */
  allowed?: { ports?: readonly number[]; httpHosts?: readonly string[]; networks?: readonly string[] };
  /** Values of an account that nobody else has; `name` is short, of letters and digits. */
  person(name: string): AccountValues;
  /** a value with one text that takes nearly anything; another that is left alone meanwhile */
  text: string;
  other: string;
  /** a value that may have several texts */
  many?: string;
  /** a value that names the account, and what it could be called instead */
  rename?: (name: string) => AccountValues;
  /** Whether somebody signs in there, where there is signing in. */
  signsIn?(account: Seen, password: string): Promise<boolean>;
  /** forms of a password besides `clear`, as they are sent */
  passwords?: Partial<Record<PasswordForm, (clear: string) => string | Promise<string>>>;
  /** Makes it that a list of everything is cut short by the target, while the act runs. */
  cutShort?(act: () => Promise<void>): Promise<void>;
  /** Puts so many accounts there that a list has several pages, while the act runs; tells it how many there are. */
  fill?(act: (count: number) => Promise<void>): Promise<void>;
  dropFolder?: string;
  /** who does it, where no machine does; of a session that looks after these roles */
  byHand?: (roles: readonly string[]) => ByHand;
  /** what it cannot hold by its nature, and why; each is tried all the same, and has to fail */
  except?: Readonly<Record<string, string>>;
  /** settings with which nobody answers */
  nobodyThere?: Settings;
  /** secrets that the target does not take */
  wrongSecrets?: Settings;
};

export type Trial = {
  adapter: Adapter;
  session: Session;
  can: Abilities;
  /** a person of this statement's own */
  wanted(more?: Partial<Wanted> & { name?: string }): Wanted;
  /** an opaque word that nobody has used before */
  fresh(): string;
  all(): Promise<{ seen: Seen[]; whole: boolean }>;
  open(
    settings?: Settings,
    secrets?: Settings,
    deadline?: AbortSignal,
    roles?: readonly string[],
  ): Promise<Session>;
  /** Makes sure of so many new roles, and opens a session that looks after them. */
  withRoles(count: number): Promise<{ session: Session; roles: string[] }>;
};

export type Statement = {
  says: string;
  /** left out where the target cannot do it */
  where?: (adapter: Adapter) => boolean;
  holds(trial: Trial): Promise<void>;
};

const nothing: Change = { values: {}, rolesAdded: [], rolesRemoved: [] };
const canary = 'Canary-7f3a-Secret';

/** What it fails with. @throws when it does not fail, or not as connectors do */
async function failure(act: Promise<unknown>): Promise<ConnectorError> {
  const error = await act.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(ConnectorError);
  return error as ConnectorError;
}
const failsWith = async (act: Promise<unknown>, ...problems: ConnectorProblem[]): Promise<ConnectorError> => {
  const error = await failure(act);
  expect(problems).toContain(error.problem);
  return error;
};

const abilitiesOf = ({ connector, settings }: Adapter): Abilities =>
  (connector.declared?.(settings) ?? connector.description).can;
const disables = (adapter: Adapter): boolean => abilitiesOf(adapter).disable;
const lists = (adapter: Adapter): boolean => abilitiesOf(adapter).list === 'whole';
const deletes = (adapter: Adapter): boolean => abilitiesOf(adapter).delete;
const roles = (adapter: Adapter): boolean => abilitiesOf(adapter).roles;
const takesPasswords = (adapter: Adapter): boolean =>
  abilitiesOf(adapter).passwords.includes('clear') && !!adapter.signsIn;

/** Texts that have broken something somewhere: they come back the same, or are refused and nothing is changed. */
const strange: Record<string, string> = {
  'quotes and a backslash': `O'Neil "Bob" \\ \\\\`,
  'a filter': '*)(objectClass=*',
  'a part of a name': 'a,ou=admins+cn=root;dc=x',
  'a leading number sign': '#0403',
  'spaces around': '  spaced  out  ',
  'a path': '../../etc/passwd',
  'a script': "'); drop table person; --",
  'a formula': '=HYPERLINK("http://x")',
  'a template': '{{userName}} $(secret) %0d%0a',
  lines: 'first\nsecond\r\nthird\ttab',
  'an emoji': 'Zoë 🦩 字',
  'right to left': 'שלום \u202egnp.exe',
  'a thousand letters': 'x'.repeat(1000),
  'a null': 'before\0after',
  'half a pair': 'a\ud800b',
  'a look-alike': 'ａdmin',
};

export const statements: readonly Statement[] = [
  {
    says: 'describes itself: one key once, and the settings that work are right',
    async holds({ adapter: { connector, settings } }) {
      const { settings: fields, secrets, values } = connector.description;
      for (const list of [[...fields, ...secrets], values]) {
        const keys = list.map(({ key }) => key);
        expect(keys).toEqual([...new Set(keys)]);
      }
      expect(connector.check(settings)).toEqual([]);
    },
  },
  {
    says: 'says which field is wrong where settings are missing, and never throws over them',
    async holds({ adapter: { connector } }) {
      const wrong = connector.check({});
      expect(wrong.length).toBeGreaterThan(0);
      const known = connector.description.settings.map(({ key }) => key);
      for (const { field, text } of wrong) {
        expect(known).toContain(field);
        expect(text).not.toBe('');
      }
      const garbage = Object.fromEntries(known.map((key) => [key, `\0"'*)(;--\n${key}`]));
      expect(connector.check(garbage).length).toBeGreaterThan(0);
    },
  },
  {
    says: 'can be made sure of: it finds what it made, or making twice makes one',
    async holds({ can }) {
      expect(can.find || can.createIsIdempotent).toBe(true);
    },
  },
  {
    says: 'tests its settings without a bad finding, and changes nothing by that',
    async holds({ session, all, adapter }) {
      const before = lists(adapter) ? (await all()).seen.length : 0;
      const findings = await session.test();
      expect(findings.filter(({ level }) => level === 'bad')).toEqual([]);
      expect(lists(adapter) ? (await all()).seen.length : 0).toBe(before);
    },
  },
  {
    says: 'makes an account, and answers what is there then',
    async holds({ session, wanted }) {
      const one = wanted();
      const made = await session.create(one);
      expect(made).toMatchObject({ correlation: one.correlation, enabled: true });
      expect(made.id).not.toBe('');
      expect(made.values).toMatchObject(one.values);
    },
  },
  {
    says: 'finds an account by its correlation, after an answer that was lost',
    where: (adapter) => abilitiesOf(adapter).find,
    async holds({ session, wanted, open }) {
      const one = wanted();
      const made = await session.create(one);
      const later = await open();
      expect(await later.find(one.correlation)).toMatchObject({ id: made.id, correlation: one.correlation });
      await later.close();
    },
  },
  {
    says: 'reads an account by its id, in another session too',
    async holds({ session, wanted, open }) {
      const one = wanted();
      const { id } = await session.create(one);
      expect(await session.read(id)).toMatchObject({ id, correlation: one.correlation, values: one.values });
      const later = await open();
      expect(await later.read(id)).toMatchObject({ id, correlation: one.correlation });
      await later.close();
    },
  },
  {
    says: 'finds nothing where nothing is',
    async holds({ session, fresh, can }) {
      if (can.find) expect(await session.find(fresh())).toBeUndefined();
      expect(await session.read(fresh())).toBeUndefined();
    },
  },
  {
    says: 'takes no part of a correlation or of an id for the whole, and none for a pattern',
    async holds({ session, wanted, can }) {
      const one = wanted();
      const { id } = await session.create(one);
      for (const odd of [
        '*',
        '%',
        `${one.correlation.slice(0, -1)}*`,
        `${one.correlation.slice(0, -1)}%`,
        "' or '1'='1",
        '.*',
        '*)(cn=*',
        '../',
      ])
        if (can.find) expect(await session.find(odd), odd).toBeUndefined();
      for (const odd of [
        '*',
        '%',
        `${id.slice(0, -1)}*`,
        `${id.slice(0, -1)}_`,
        "' or '1'='1",
        `${id}/../${id}`,
        `${id}?x`,
      ])
        expect(await session.read(odd).catch(() => undefined), odd).toBeUndefined();
    },
  },
  {
    says: 'makes one account where the same is made twice',
    async holds({ session, wanted, can, all, adapter }) {
      const one = wanted();
      const { id } = await session.create(one);
      if (can.createIsIdempotent) expect(await session.create(one)).toMatchObject({ id });
      else await failsWith(session.create(one), 'exists');
      if (!lists(adapter)) return;
      expect((await all()).seen.filter(({ correlation }) => correlation === one.correlation)).toHaveLength(1);
    },
  },
  {
    says: 'makes one account where the same is made twice at the same moment',
    async holds({ session, wanted, can, all, adapter, open }) {
      const one = wanted();
      const other = await open();
      const both = await Promise.allSettled([session.create(one), other.create(one)]);
      await other.close();
      const made = both.filter(({ status }) => status === 'fulfilled');
      if (can.createIsIdempotent) expect(made).toHaveLength(2);
      else expect(made.length).toBeLessThanOrEqual(1);
      if (lists(adapter))
        expect((await all()).seen.filter(({ correlation }) => correlation === one.correlation)).toHaveLength(
          1,
        );
    },
  },
  {
    says: 'makes an account that is switched off',
    where: disables,
    async holds({ session, wanted }) {
      const made = await session.create(wanted({ enabled: false }));
      expect(made.enabled).toBe(false);
      expect((await session.read(made.id))!.enabled).toBe(false);
    },
  },
  {
    says: 'lists everything once, and says that it is whole',
    where: lists,
    async holds({ session, wanted, all }) {
      const three = [wanted(), wanted(), wanted()];
      for (const one of three) await session.create(one);
      const { seen, whole } = await all();
      expect(whole).toBe(true);
      expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
      for (const one of three)
        expect(seen.find(({ correlation }) => correlation === one.correlation)).toMatchObject({
          enabled: true,
          values: one.values,
        });
    },
  },
  {
    says: 'lists what was there before and is not ours, without calling it ours',
    where: (adapter) => lists(adapter) && deletes(adapter),
    async holds({ session, wanted, all }) {
      const one = wanted();
      const { id } = await session.create(one);
      const listed = (await all()).seen.find((seen) => seen.id === id);
      expect(listed).toEqual(await session.read(id));
    },
  },
  {
    says: 'lists many pages without leaving anything out or twice',
    where: ({ fill }) => !!fill,
    async holds({ adapter, all, session }) {
      await adapter.fill!(async (count) => {
        expect((await session.list()).next).toBeDefined();
        const { seen, whole } = await all();
        expect(whole).toBe(true);
        expect(seen).toHaveLength(count);
        expect(new Set(seen.map(({ id }) => id)).size).toBe(count);
      });
    },
  },
  {
    says: 'does not call a list whole that was cut short',
    where: ({ cutShort }) => !!cutShort,
    async holds({ adapter, open, session, wanted }) {
      for (let n = 0; n < 4; n++) await session.create(wanted());
      await adapter.cutShort!(async () => {
        const cut = await open();
        const whole = await readAll(cut).then(
          ({ whole }) => whole,
          (error: unknown) => {
            expect(error).toBeInstanceOf(ConnectorError);
            return false;
          },
        );
        await cut.close().catch(() => {});
        expect(whole).toBe(false);
      });
    },
  },
  {
    says: 'changes one value and leaves the others',
    async holds({ session, wanted, adapter: { text, other } }) {
      const one = wanted({ values: {} });
      const { id } = await session.create({
        ...one,
        values: { ...one.values, [text]: 'before', [other]: 'kept' },
      });
      await session.update(id, { ...nothing, values: { [text]: 'after' } });
      const { values, enabled } = (await session.read(id))!;
      expect(values).toMatchObject({ ...one.values, [text]: 'after', [other]: 'kept' });
      expect(enabled).toBe(true);
    },
  },
  {
    says: 'empties a value, also one that is empty',
    async holds({ session, wanted, adapter: { text } }) {
      const one = wanted();
      const { id } = await session.create({ ...one, values: { ...one.values, [text]: 'before' } });
      for (let times = 0; times < 2; times++) {
        await session.update(id, { ...nothing, values: { [text]: null } });
        expect((await session.read(id))!.values[text] ?? null).toBeNull();
      }
    },
  },
  {
    says: 'replaces several texts by others, whatever their order',
    where: ({ many }) => !!many,
    async holds({ session, wanted, fresh, adapter: { many } }) {
      const [a, b, c] = [`${fresh()}@a.example`, `${fresh()}@b.example`, `${fresh()}@c.example`];
      const one = wanted();
      const { id } = await session.create({ ...one, values: { ...one.values, [many!]: [a, b] } });
      expect([(await session.read(id))!.values[many!]].flat().sort()).toEqual([a, b].sort());
      await session.update(id, { ...nothing, values: { [many!]: [c, a] } });
      expect([(await session.read(id))!.values[many!]].flat().sort()).toEqual([a, c].sort());
    },
  },
  {
    says: 'changes the same twice without an error',
    async holds({ session, wanted, adapter: { text } }) {
      const { id } = await session.create(wanted());
      for (let times = 0; times < 2; times++)
        await session.update(id, { ...nothing, values: { [text]: 'the same' } });
      expect((await session.read(id))!.values[text]).toBe('the same');
    },
  },
  {
    says: 'changes nothing where nothing is to be changed',
    async holds({ session, wanted }) {
      const { id } = await session.create(wanted());
      const before = await session.read(id);
      await session.update(id, nothing);
      expect(await session.read(id)).toEqual(before);
    },
  },
  {
    says: 'says that nothing is there to be changed',
    where: deletes,
    async holds({ session, wanted, adapter: { text } }) {
      const { id } = await session.create(wanted());
      await session.delete(id);
      await failsWith(session.update(id, { ...nothing, values: { [text]: 'x' } }), 'absent');
    },
  },
  {
    says: 'refuses a value that the target has not, and changes nothing',
    async holds({ session, wanted, adapter: { text } }) {
      const { id } = await session.create(wanted());
      const before = await session.read(id);
      await failsWith(
        session.update(id, { ...nothing, values: { [text]: 'x', noSuchValue7: 'y' } }),
        'refused',
        'bad-settings',
      );
      expect(await session.read(id)).toEqual(before);
    },
  },
  {
    says: 'switches an account off and on, and both are seen',
    where: disables,
    async holds({ session, wanted, all, adapter }) {
      const one = wanted();
      const { id } = await session.create(one);
      for (const enabled of [false, true]) {
        await (enabled ? session.enable(id) : session.disable(id));
        expect((await session.read(id))!.enabled).toBe(enabled);
        if (lists(adapter)) expect((await all()).seen.find((seen) => seen.id === id)!.enabled).toBe(enabled);
      }
    },
  },
  {
    says: 'switches off what is off and on what is on without an error',
    where: disables,
    async holds({ session, wanted }) {
      const { id } = await session.create(wanted());
      await session.enable(id);
      await session.disable(id);
      await session.disable(id);
      expect((await session.read(id))!.enabled).toBe(false);
    },
  },
  {
    says: 'keeps what an account has while it is off, and can change it then',
    where: disables,
    async holds({ session, wanted, adapter: { text, other } }) {
      const one = wanted();
      const { id } = await session.create({ ...one, values: { ...one.values, [other]: 'kept' } });
      await session.disable(id);
      await session.update(id, { ...nothing, values: { [text]: 'changed while off' } });
      const off = (await session.read(id))!;
      expect(off).toMatchObject({ correlation: one.correlation, enabled: false });
      expect(off.values).toMatchObject({ ...one.values, [text]: 'changed while off', [other]: 'kept' });
    },
  },
  {
    says: 'says that nothing is there to be switched on, and lets nobody in by that',
    where: (adapter) => disables(adapter) && deletes(adapter),
    async holds({ session, wanted }) {
      const { id } = await session.create(wanted());
      await session.delete(id);
      await failsWith(session.enable(id), 'absent');
      expect(await session.read(id)).toBeUndefined();
    },
  },
  {
    says: 'lets in with the password that was set, and with no other',
    where: takesPasswords,
    async holds({ session, wanted, adapter }) {
      const seen = await session.create(wanted());
      await session.setPassword(seen.id, 'clear', 'First-Pass-123!');
      expect(await adapter.signsIn!(seen, 'First-Pass-123!')).toBe(true);
      await session.setPassword(seen.id, 'clear', 'Second-Päss-456! "x"');
      expect(await adapter.signsIn!(seen, 'First-Pass-123!')).toBe(false);
      expect(await adapter.signsIn!(seen, 'Second-Päss-456! "x"')).toBe(true);
    },
  },
  {
    says: 'lets nobody in while the account is off, and again when it is on',
    where: (adapter) => takesPasswords(adapter) && disables(adapter),
    async holds({ session, wanted, adapter }) {
      const { id } = await session.create(wanted());
      await session.setPassword(id, 'clear', 'First-Pass-123!');
      await session.disable(id);
      expect(await adapter.signsIn!((await session.read(id))!, 'First-Pass-123!')).toBe(false);
      await session.enable(id);
      expect(await adapter.signsIn!((await session.read(id))!, 'First-Pass-123!')).toBe(true);
    },
  },
  {
    says: 'leaves an account off whose password is set',
    where: (adapter) => takesPasswords(adapter) && disables(adapter),
    async holds({ session, wanted, adapter }) {
      const { id } = await session.create(wanted({ enabled: false }));
      await session.setPassword(id, 'clear', 'First-Pass-123!');
      const seen = (await session.read(id))!;
      expect(seen.enabled).toBe(false);
      expect(await adapter.signsIn!(seen, 'First-Pass-123!')).toBe(false);
    },
  },
  {
    says: 'takes a password in each form that it names, and refuses every other',
    where: ({ passwords, signsIn }) => !!passwords && !!signsIn,
    async holds({ session, wanted, adapter, can }) {
      for (const form of ['ssha512', 'bcrypt', 'argon2id'] as const) {
        const seen = await session.create(wanted());
        const made = adapter.passwords![form];
        if (!can.passwords.includes(form)) await failure(session.setPassword(seen.id, form, 'x'));
        else if (made) {
          await session.setPassword(seen.id, form, await made('Third-Pass-789!'));
          expect(await adapter.signsIn!(seen, 'Third-Pass-789!'), form).toBe(true);
          expect(await adapter.signsIn!(seen, 'Third-Pass-789?'), form).toBe(false);
        }
      }
    },
  },
  {
    says: 'deletes an account: nobody reads, finds or lists it',
    where: deletes,
    async holds({ session, wanted, all, can, adapter }) {
      const one = wanted();
      const { id } = await session.create(one);
      await session.delete(id);
      expect(await session.read(id)).toBeUndefined();
      if (can.find) expect(await session.find(one.correlation)).toBeUndefined();
      if (lists(adapter)) expect((await all()).seen.filter((seen) => seen.id === id)).toEqual([]);
    },
  },
  {
    says: 'deletes what is gone without an error',
    where: deletes,
    async holds({ session, wanted }) {
      const { id } = await session.create(wanted());
      await session.delete(id);
      await session.delete(id);
    },
  },
  {
    says: 'deletes one account and no other, whatever the id looks like',
    where: (adapter) => deletes(adapter) && lists(adapter),
    async holds({ session, wanted, all }) {
      const { id } = await session.create(wanted());
      await session.create(wanted());
      const before = (await all()).seen.length;
      for (const odd of ['*', '%', '', `${id.slice(0, -1)}*`, "' or '1'='1", '../', '?', '#'])
        await session.delete(odd).catch((error: unknown) => expect(error).toBeInstanceOf(ConnectorError));
      expect((await all()).seen).toHaveLength(before);
      await session.delete(id);
      expect((await all()).seen).toHaveLength(before - 1);
    },
  },
  {
    says: 'gives whoever comes back after a deletion nothing of before',
    where: (adapter) => deletes(adapter) && roles(adapter),
    async holds({ wanted, withRoles }) {
      const {
        session,
        roles: [role = ''],
      } = await withRoles(1);
      const one = wanted();
      const { id } = await session.create({ ...one, roles: [role] });
      await session.delete(id);
      const again = await session.create(one);
      expect((await session.read(again.id))!.roles ?? []).toEqual([]);
    },
  },
  {
    says: 'has a role once, however often it is asked for',
    where: roles,
    async holds({ session, fresh, open }) {
      const name = `r${fresh()}`;
      const role = await session.ensureRole(name);
      const other = await open();
      expect(await other.ensureRole(name)).toBe(role);
      expect(await Promise.all([session.ensureRole(`${name}b`), other.ensureRole(`${name}b`)])).toEqual(
        Array(2).fill(await session.ensureRole(`${name}b`)),
      );
      await other.close();
    },
  },
  {
    says: 'gives roles with the account, adds and takes them, and touches no other account',
    where: roles,
    async holds({ wanted, withRoles }) {
      const {
        session,
        roles: [a = '', b = ''],
      } = await withRoles(2);
      const one = await session.create(wanted({ roles: [a] }));
      const two = await session.create(wanted({ roles: [a] }));
      const rolesOf = async (id: string) => [...((await session.read(id))!.roles ?? [])].sort();
      expect(await rolesOf(one.id)).toEqual([a]);
      await session.update(one.id, { ...nothing, rolesAdded: [b], rolesRemoved: [a] });
      expect([await rolesOf(one.id), await rolesOf(two.id)]).toEqual([[b], [a]]);
    },
  },
  {
    says: 'adds a role that is there and takes one that is not without an error',
    where: roles,
    async holds({ wanted, withRoles }) {
      const {
        session,
        roles: [role = ''],
      } = await withRoles(1);
      const { id } = await session.create(wanted());
      for (const change of [{ rolesAdded: [role] }, { rolesRemoved: [role] }])
        for (let times = 0; times < 2; times++) await session.update(id, { ...nothing, ...change });
      expect((await session.read(id))!.roles ?? []).toEqual([]);
    },
  },
  {
    says: 'keeps a role that nobody has any more',
    where: roles,
    async holds({ wanted, withRoles }) {
      const {
        session,
        roles: [role = ''],
      } = await withRoles(1);
      const { id } = await session.create(wanted({ roles: [role] }));
      await session.update(id, { ...nothing, rolesRemoved: [role] });
      await session.update(id, { ...nothing, rolesAdded: [role] });
      expect((await session.read(id))!.roles).toEqual([role]);
    },
  },
  {
    says: 'lists the roles that reading one account tells',
    where: (adapter) => roles(adapter) && lists(adapter),
    async holds({ wanted, withRoles }) {
      const {
        session,
        roles: [role = ''],
      } = await withRoles(1);
      const { id } = await session.create(wanted({ roles: [role] }));
      const listed = (await readAll(session)).seen.find((seen) => seen.id === id)!;
      if (listed.roles !== undefined) expect(listed.roles).toEqual([role]);
      expect((await session.read(id))!.roles).toEqual([role]);
    },
  },
  {
    says: 'keeps the roles of an account through switching off and on',
    where: (adapter) => roles(adapter) && disables(adapter),
    async holds({ wanted, withRoles }) {
      const {
        session,
        roles: [role = ''],
      } = await withRoles(1);
      const { id } = await session.create(wanted({ roles: [role] }));
      await session.disable(id);
      await session.enable(id);
      expect((await session.read(id))!.roles).toEqual([role]);
    },
  },
  {
    says: 'keeps id, correlation and roles of an account that is called something else',
    where: ({ rename }) => !!rename,
    async holds({ wanted, fresh, adapter, can, withRoles }) {
      const { session, roles: role } = await withRoles(can.roles ? 1 : 0);
      const one = wanted({ roles: role });
      const { id } = await session.create(one);
      const renamed = adapter.rename!(fresh());
      await session.update(id, { ...nothing, values: renamed });
      const seen = (await session.read(id))!;
      expect(seen).toMatchObject({ id, correlation: one.correlation, values: renamed });
      if (can.roles) expect(seen.roles).toEqual(role);
      if (can.find) expect((await session.find(one.correlation))!.id).toBe(id);
    },
  },
  {
    says: 'gives strange texts back as they were, or refuses them and changes nothing',
    async holds({ session, wanted, adapter: { text } }) {
      const { id } = await session.create(wanted());
      const others = await session.create(wanted());
      const before = await session.read(others.id);
      for (const [what, value] of Object.entries(strange)) {
        await session.update(id, { ...nothing, values: { [text]: 'plain' } });
        const taken = await session.update(id, { ...nothing, values: { [text]: value } }).then(
          () => true,
          (error: unknown) => {
            expect(error, what).toMatchObject({ name: 'ConnectorError', problem: 'refused' });
            return false;
          },
        );
        expect((await session.read(id))!.values[text], what).toBe(taken ? value : 'plain');
      }
      expect(await session.read(others.id)).toEqual(before);
    },
  },
  {
    says: 'makes accounts with strange texts as they are, or refuses and makes none',
    where: (adapter) => lists(adapter) && deletes(adapter),
    async holds({ session, wanted, all, adapter: { text } }) {
      for (const [what, value] of Object.entries(strange)) {
        const one = wanted();
        const before = (await all()).seen.length;
        const made = await session
          .create({ ...one, values: { ...one.values, [text]: value } })
          .catch((error) => {
            expect(error, what).toMatchObject({ name: 'ConnectorError', problem: 'refused' });
          });
        expect((await all()).seen, what).toHaveLength(before + (made ? 1 : 0));
        if (!made) continue;
        expect((await session.read(made.id))!.values[text], what).toBe(value);
        await session.delete(made.id);
      }
    },
  },
  {
    says: 'has roles of strange names, or refuses them; none is taken for another',
    where: roles,
    async holds({ session: first, wanted, fresh, open }) {
      const { id } = await first.create(wanted());
      const word = fresh();
      const made = new Map<string, string>();
      for (const [what, value] of Object.entries(strange).filter(([, { length }]) => length < 500)) {
        const role = await first.ensureRole(`${value}${word}`).catch((error: unknown) => {
          expect(error, what).toMatchObject({ name: 'ConnectorError', problem: 'refused' });
        });
        if (role !== undefined) made.set(what, role);
      }
      expect(new Set(made.values()).size).toBe(made.size);
      const session = await open(undefined, undefined, undefined, [...made.values()]);
      for (const [what, role] of made) {
        await session.update(id, { ...nothing, rolesAdded: [role] });
        expect((await session.read(id))!.roles, what).toEqual([role]);
        await session.update(id, { ...nothing, rolesRemoved: [role] });
        expect((await session.read(id))!.roles ?? [], what).toEqual([]);
      }
    },
  },
  {
    says: 'looks after several accounts at once',
    async holds({ session, wanted, adapter: { text } }) {
      const made = await Promise.all(Array.from({ length: 12 }, () => session.create(wanted())));
      await Promise.all(
        made.map(({ id }, n) => session.update(id, { ...nothing, values: { [text]: `number ${n}` } })),
      );
      const read = await Promise.all(made.map(({ id }) => session.read(id)));
      expect(read.map((seen) => seen!.values[text])).toEqual(made.map((_, n) => `number ${n}`));
    },
  },
  {
    says: 'is not let in with a wrong secret, and says nothing of it',
    where: ({ wrongSecrets }) => !!wrongSecrets,
    async holds({ adapter, open, fresh, can }) {
      const wrong = Object.fromEntries(Object.keys(adapter.wrongSecrets!).map((key) => [key, canary]));
      const error = await failsWith(
        open(adapter.settings, wrong).then((session) =>
          can.find ? session.find(fresh()) : session.read(fresh()),
        ),
        'no-permission',
      );
      expect(everythingOf(error)).not.toContain(canary);
    },
  },
  {
    says: 'says that nobody answers, and that nothing has happened then',
    where: ({ nobodyThere }) => !!nobodyThere,
    async holds({ adapter, open, wanted }) {
      const error = await failsWith(
        open(adapter.nobodyThere).then((session) => session.create(wanted())),
        'unreachable',
      );
      expect(error.mayHaveHappened).toBe(false);
      for (const secret of Object.values(adapter.secrets)) expect(everythingOf(error)).not.toContain(secret);
    },
  },
  {
    says: 'begins nothing after its deadline',
    async holds({ adapter, session, wanted, open, can }) {
      const ends = new AbortController();
      const one = wanted();
      const error = await failure(
        open(adapter.settings, adapter.secrets, ends.signal).then((late) => {
          ends.abort();
          return late.create(one);
        }),
      );
      expect(error).toMatchObject({ problem: 'unreachable', mayHaveHappened: false });
      if (can.find) expect(await session.find(one.correlation)).toBeUndefined();
    },
  },
  {
    says: 'says what of a password went wrong without the password',
    where: (adapter) => abilitiesOf(adapter).passwords.length > 0 && deletes(adapter),
    async holds({ session, wanted, can }) {
      const { id } = await session.create(wanted());
      await session.delete(id);
      const error = await failsWith(session.setPassword(id, can.passwords[0]!, canary), 'absent');
      expect(everythingOf(error)).not.toContain(canary);
    },
  },
  {
    says: 'closes twice without an error, and does nothing afterwards',
    async holds({ open, wanted, session, can }) {
      const closed = await open();
      await closed.close();
      await closed.close();
      const one = wanted();
      await failure(closed.create(one));
      if (can.find) expect(await session.find(one.correlation)).toBeUndefined();
    },
  },
];

/** Message, cause, cause of the cause: whatever a log would write. */
function everythingOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.name} ${error.message} ${error.stack} ${JSON.stringify(error)} ${everythingOf(error.cause ?? '')}`;
}

async function readAll(session: Session): Promise<{ seen: Seen[]; whole: boolean }> {
  const seen: Seen[] = [];
  let from: string | undefined;
  for (let pages = 0; pages < 1000; pages++) {
    const page = await session.list(from);
    seen.push(...page.seen);
    if (page.next === undefined) return { seen, whole: page.whole };
    expect(page.whole, 'only the last page can be called whole').toBe(false);
    from = page.next;
  }
  throw new Error('the list has no end');
}

let counter = 0;
const run = Date.now().toString(36).slice(-5);

/** Runs one statement with a session of its own. */
export async function hold(statement: Statement, adapter: Adapter): Promise<void> {
  const { connector, settings, secrets, allowed = {} } = adapter;
  const rules = { networks: ['127.0.0.0/8'], httpHosts: [], ports: [], ...allowed };
  const egress = openEgress(rules, { kept: 2 });
  const sockets = openEgressSockets(rules);
  const ends = new AbortController();
  const open: Trial['open'] = (given = settings, hidden = secrets, deadline = ends.signal, roles = []) =>
    connector.open(given, hidden, {
      ...{ egress, sockets, deadline, roles },
      dropFolder: adapter.dropFolder,
      byHand: adapter.byHand?.(roles),
    });
  const fresh = (): string => `${run}${(counter++).toString(36)}`;
  try {
    const session = await open();
    await statement.holds({
      adapter,
      session,
      can: abilitiesOf(adapter),
      fresh,
      wanted({ name = `p${fresh()}`, ...more } = {}) {
        const values = { ...adapter.person(name), ...more.values };
        return { correlation: `c-${name}`, enabled: true, roles: [], ...more, values };
      },
      all: () => readAll(session),
      open,
      async withRoles(count) {
        const roles: string[] = [];
        for (let n = 0; n < count; n++) roles.push(await session.ensureRole(`r${fresh()}`));
        return { session: await open(settings, secrets, ends.signal, roles), roles };
      },
    });
    await session.close();
  } finally {
    ends.abort();
    egress.close();
  }
}

export const statementsFor = (adapter: Adapter): Statement[] =>
  statements.filter(({ where }) => where?.(adapter) ?? true);

/** One test a statement. @param adapterOf asked when the tests run, for targets that are started before them */
export function conforms(title: string, connector: Connector, adapterOf: () => Adapter): void {
  describe(title, () => {
    it('makes exceptions only of what is said', () => {
      const said = statements.map(({ says }) => says);
      expect(Object.keys(adapterOf().except ?? {}).filter((one) => !said.includes(one))).toEqual([]);
    });
    for (const statement of statements)
      it(statement.says, async (context) => {
        const adapter = adapterOf();
        expect(adapter.connector).toBe(connector);
        const unfit = adapter.except?.[statement.says];
        if (statement.where?.(adapter) === false) context.annotate('not for this target');
        else if (unfit !== undefined) {
          context.annotate(unfit);
          // An exception that is none any more is taken out.
          await expect(hold(statement, adapter)).rejects.toThrow();
        } else await hold(statement, adapter);
      });
  });
}
