import {
  AddRequest,
  AndFilter,
  Attribute,
  BerWriter,
  BindRequest,
  Change,
  Control,
  DeleteRequest,
  EqualityFilter,
  ExtendedRequest,
  ExtensibleFilter,
  type Filter,
  GreaterThanEqualsFilter,
  ModifyDNRequest,
  ModifyRequest,
  NotFilter,
  OrFilter,
  PagedResultsControl,
  PresenceFilter,
  type SearchEntry,
  SearchRequest,
} from 'ldapts';
import type { EgressSockets } from './egress-socket.ts';
import { isAttributeName, isWithin } from './ldap-names.ts';
import { type Answered, asLdapError, encrypt, LdapError, speak, type Wire } from './ldap-wire.ts';

/**
 * A directory, spoken to by LDAP. Signing in goes only through an encrypted connection, unless the operator lets this
 * host be spoken to in clear; referrals are never followed; every read says whether it was whole. One file, though it is long:
 * requests are made here and nowhere else, so that no value of a person becomes part of a filter or a name.
 */
export type DirectoryAddress = {
  host: string;
  port: number;
  /** `tls`: encrypted from the first byte (636). `starttls`: encrypted before anything is said (389). */
  security: 'tls' | 'starttls' | 'clear';
  /** certificates (PEM) that are trusted instead of the system's */
  trust?: string | undefined;
};

/** Names of attributes in lower case. */
export type DirectoryEntry = {
  dn: string;
  values: Readonly<Record<string, readonly string[]>>;
  bytes: Readonly<Record<string, readonly Buffer[]>>;
};

export type Query = {
  base: string;
  /** the base itself, what is directly below, or the base and all below */
  scope: 'base' | 'one' | 'sub';
  filter: LdapFilter;
  attributes: readonly string[];
  /** of these, those that are no text */
  binary?: readonly string[];
  /** entries at a time, and where the page before said that the next begins */
  page?: { size: number; from?: string | undefined };
  /** of attributes with many values, only those that are asked for (RFC 3876); servers that cannot give all */
  onlyValues?: readonly LdapFilter[];
};

export type Found = {
  entries: DirectoryEntry[];
  /** absent when nothing follows */
  next?: string;
  /** why more may be there than was read; without, this and the pages before are all (I48) */
  cut?: 'size-limit' | 'time-limit' | 'elsewhere' | 'no-paging';
};

export type DirectoryChange = {
  how: 'add' | 'delete' | 'replace';
  attribute: string;
  values: readonly (string | Buffer)[];
};

/** All throw {LdapError}; after one that is not `answered` the connection is over. */
export type Directory = {
  encrypted: boolean;
  /** What the server says of itself (RFC 4512, section 5.1). */
  root(): Promise<DirectoryEntry>;
  search(query: Query): Promise<Found>;
  add(dn: string, attributes: Readonly<Record<string, readonly (string | Buffer)[]>>): Promise<void>;
  modify(dn: string, changes: readonly DirectoryChange[]): Promise<void>;
  /** Gives an entry another own part, and another place when one is said. */
  rename(dn: string, part: string, below?: string): Promise<void>;
  remove(dn: string): Promise<void>;
  /** Sets a password as the server keeps it (RFC 3062). @throws {LdapError} `not-encrypted` */
  setPassword(dn: string, password: string): Promise<void>;
  close(): void;
};

/** Ports that need no operator's word. */
export const directoryPorts = [389, 636] as const;

/** Characters of an entry that comes in parts: a million members by long names. */
const mostOfAnEntry = 128 * 1024 * 1024;
/** What a part counts at least, so that empty ones come to an end, too: 4,096 parts. */
const leastOfAPart = 32 * 1024;

/** Result codes (RFC 4511, appendix A.1). */
export const resultCode = {
  timeLimitExceeded: 3,
  sizeLimitExceeded: 4,
  strongerAuthRequired: 8,
  referral: 10,
  adminLimitExceeded: 11,
  confidentialityRequired: 13,
  noSuchAttribute: 16,
  undefinedAttributeType: 17,
  constraintViolation: 19,
  attributeOrValueExists: 20,
  invalidAttributeSyntax: 21,
  noSuchObject: 32,
  invalidDnSyntax: 34,
  inappropriateAuthentication: 48,
  invalidCredentials: 49,
  insufficientAccessRights: 50,
  busy: 51,
  unavailable: 52,
  unwillingToPerform: 53,
  namingViolation: 64,
  objectClassViolation: 65,
  entryAlreadyExists: 68,
} as const;

const modifyPassword = '1.3.6.1.4.1.4203.1.11.1';
/** Microsoft's: no references to its other partitions, which every read of a domain ends with. */
const domainScope = '1.2.840.113556.1.4.1339';
const matchedValues = '1.2.826.0.1.3344810.2.3';
/** [MS-ADTS] 3.1.1.3.4.4.3 */
const matchingInChain = '1.2.840.113556.1.4.1941';
const pagedResults = '1.2.840.113556.1.4.319';

declare const opaque: unique symbol;
/** Made of values by the functions below, never of text. */
export type LdapFilter = { readonly [opaque]: true };
const asFilter = (filter: Filter): LdapFilter => filter as unknown as LdapFilter;
const asFilters = (filters: readonly LdapFilter[]): Filter[] => filters as unknown as Filter[];
const named = (attribute: string): string => {
  if (!isAttributeName(attribute)) throw new Error('not the name of an attribute');
  return attribute;
};
export const equals = (attribute: string, value: string | Buffer): LdapFilter =>
  asFilter(new EqualityFilter({ attribute: named(attribute), value }));
export const isPresent = (attribute: string): LdapFilter =>
  asFilter(new PresenceFilter({ attribute: named(attribute) }));
/** Entries of which this is true through any number of others in between (Active Directory). */
export const inChain = (attribute: string, name: string): LdapFilter =>
  asFilter(new ExtensibleFilter({ matchType: named(attribute), rule: matchingInChain, value: name }));
export const atLeast = (attribute: string, value: string): LdapFilter =>
  asFilter(new GreaterThanEqualsFilter({ attribute: named(attribute), value }));
export const allOf = (...filters: LdapFilter[]): LdapFilter =>
  asFilter(new AndFilter({ filters: asFilters(filters) }));
export const anyOf = (...filters: LdapFilter[]): LdapFilter =>
  asFilter(new OrFilter({ filters: asFilters(filters) }));
export const noneOf = (...filters: LdapFilter[]): LdapFilter =>
  asFilter(new NotFilter({ filter: new OrFilter({ filters: asFilters(filters) }) }));

/** @throws {LdapError} */
export async function openDirectory(
  address: DirectoryAddress,
  as: { dn: string; password: string },
  sockets: EgressSockets,
  deadline: AbortSignal,
): Promise<Directory> {
  const { host, port, security, trust } = address;
  // An empty password signs nobody in and is answered with success (RFC 4513, section 5.1.2).
  if (as.dn === '' || as.password === '')
    throw new LdapError('answered', { code: resultCode.invalidCredentials });
  try {
    if (security === 'clear' && !sockets.mayStayPlain(host)) throw new LdapError('not-encrypted');
    const call = { host, port, usualPorts: directoryPorts, trust };
    let socket = await sockets.connect({ ...call, security: security === 'tls' ? 'tls' : 'plain' }, deadline);
    if (security === 'starttls') socket = await encrypt(socket, sockets, call, deadline);
    const wire = speak(socket, deadline);
    try {
      must(await wire.ask(new BindRequest({ messageId: wire.nextId(), dn: as.dn, password: as.password })));
      const root = await readRoot(wire);
      return over(wire, root, security !== 'clear');
    } catch (error) {
      wire.close();
      throw error;
    }
  } catch (error) {
    throw asLdapError(error);
  }
}

function over(wire: Wire, root: DirectoryEntry, encrypted: boolean): Directory {
  const can = new Set(root.values.supportedcontrol ?? []);
  const changes = { changes: true };

  async function search({
    base,
    scope,
    filter,
    attributes,
    binary = [],
    page,
    onlyValues,
  }: Query): Promise<Found> {
    const paging =
      page && can.has(pagedResults)
        ? new PagedResultsControl({
            critical: true,
            value: { size: page.size, cookie: Buffer.from(page.from ?? '', 'base64') },
          })
        : undefined;
    const controls = [
      ...(paging ? [paging] : []),
      ...(can.has(domainScope) ? [new Control(domainScope)] : []),
      ...(onlyValues && can.has(matchedValues) ? [new MatchedValues(asFilters(onlyValues))] : []),
    ];
    const answer = await wire.ask(
      new SearchRequest({
        messageId: wire.nextId(),
        baseDN: base,
        scope,
        filter: filter as unknown as Filter,
        attributes: [...attributes],
        timeLimit: 0,
        controls,
      }),
    );
    const cut = cutBy(answer);
    if (!cut) must(answer);
    const entries = answer.entries.map((entry) => entryOf(entry, binary));
    if (base !== '' && !entries.every(({ dn }) => isWithin(dn, base))) throw new LdapError('nonsense');
    for (const [index, entry] of answer.entries.entries())
      entries[index] = await completed(entry, entries[index]!, binary);
    if (cut) return { entries, cut };
    if (!page) return { entries };
    const followed = answer.controls?.find((control) => control instanceof PagedResultsControl);
    if (paging && !followed) return { entries, cut: 'no-paging' };
    const cookie = followed?.value?.cookie;
    return cookie && cookie.length > 0 ? { entries, next: cookie.toString('base64') } : { entries };
  }

  /** Microsoft's servers give 1,500 values at a time, and say where they stopped in the attribute's name. */
  async function completed(
    raw: SearchEntry,
    entry: DirectoryEntry,
    binary: readonly string[],
  ): Promise<DirectoryEntry> {
    let values = entry.values;
    let room = mostOfAnEntry;
    for (const { type } of raw.attributes) {
      let range = rangeOf(type);
      while (range && range.to !== undefined) {
        const more = await wire.ask(
          new SearchRequest({
            messageId: wire.nextId(),
            baseDN: entry.dn,
            scope: 'base',
            filter: new PresenceFilter({ attribute: 'objectClass' }),
            attributes: [`${range.name};range=${range.to + 1}-*`],
            timeLimit: 0,
          }),
        );
        must(more);
        const part = more.entries[0]?.attributes.find(({ type }) => rangeOf(type)?.name === range!.name);
        const next = part && rangeOf(part.type);
        // Without the rest the entry would look as if it had been read.
        if (!part || !next || next.from !== range.to + 1) throw new LdapError('nonsense');
        const rest = entryOf({ name: entry.dn, attributes: [part] }, binary).values[range.name] ?? [];
        // Each answer is bounded by itself; a server that never comes to an end is not followed to the end of memory.
        room -= rest.reduce((sum, value) => sum + value.length, leastOfAPart);
        if (room < 0) throw new LdapError('answered', { code: resultCode.sizeLimitExceeded });
        values = { ...values, [range.name]: [...(values[range.name] ?? []), ...rest] };
        range = next;
      }
    }
    return values === entry.values ? entry : { ...entry, values };
  }

  const change = async (
    request: AddRequest | ModifyRequest | ModifyDNRequest | DeleteRequest | ExtendedRequest,
    sent: readonly string[] = [],
  ): Promise<void> => {
    must(await wire.ask(request, changes), sent);
  };

  return {
    encrypted,
    root: async () => root,
    search,
    add: async (dn, attributes) =>
      await change(
        new AddRequest({
          messageId: wire.nextId(),
          dn,
          attributes: Object.entries(attributes).map(([type, values]) => attributeOf(type, values)),
        }),
        Object.keys(attributes),
      ),
    modify: async (dn, list) =>
      await change(
        new ModifyRequest({
          messageId: wire.nextId(),
          dn,
          changes: list.map(
            ({ how, attribute, values }) =>
              new Change({ operation: how, modification: attributeOf(attribute, values) }),
          ),
        }),
        list.map(({ attribute }) => attribute),
      ),
    rename: async (dn, part, below = '') =>
      await change(
        new ModifyDNRequest({
          messageId: wire.nextId(),
          dn,
          newRdn: part,
          newSuperior: below,
          deleteOldRdn: true,
        }),
      ),
    remove: async (dn) => await change(new DeleteRequest({ messageId: wire.nextId(), dn })),
    async setPassword(dn, password) {
      if (!encrypted) throw new LdapError('not-encrypted');
      const value = new BerWriter();
      value.startSequence();
      value.writeString(dn, 0x80);
      value.writeString(password, 0x82);
      value.endSequence();
      await change(
        new ExtendedRequest({ messageId: wire.nextId(), oid: modifyPassword, value: value.buffer }),
      );
    },
    close: () => wire.close(),
  };
}

class MatchedValues extends Control {
  readonly #filters: readonly Filter[];
  constructor(filters: Filter[]) {
    super(matchedValues);
    this.#filters = filters;
  }
  protected override writeControl(writer: BerWriter): void {
    const value = new BerWriter();
    value.startSequence();
    for (const filter of this.#filters) filter.write(value);
    value.endSequence();
    writer.writeBuffer(value.buffer, 0x04);
  }
}

async function readRoot(wire: Wire): Promise<DirectoryEntry> {
  const answer = await wire.ask(
    new SearchRequest({
      messageId: wire.nextId(),
      baseDN: '',
      scope: 'base',
      filter: new PresenceFilter({ attribute: 'objectClass' }),
      attributes: ['*', '+'],
      timeLimit: 0,
    }),
  );
  must(answer);
  return answer.entries[0] ? entryOf(answer.entries[0], []) : { dn: '', values: {}, bytes: {} };
}

function must({ status, errorMessage }: Answered, sent: readonly string[] = []): void {
  if (status === 0) return;
  const words = new Set(errorMessage.toLowerCase().split(/[^a-z0-9-]+/));
  throw new LdapError('answered', {
    code: status,
    attribute: sent.find((name) => words.has(name.toLowerCase())),
  });
}

function cutBy({ status, references }: Answered): Found['cut'] {
  if (status === resultCode.sizeLimitExceeded || status === resultCode.adminLimitExceeded)
    return 'size-limit';
  if (status === resultCode.timeLimitExceeded) return 'time-limit';
  return status === 0 && references > 0 ? 'elsewhere' : undefined;
}

function attributeOf(type: string, values: readonly (string | Buffer)[]): Attribute {
  return new Attribute({
    type: named(type),
    values: values.map((value) => (typeof value === 'string' ? Buffer.from(value) : value)),
  });
}

const rangeOf = (type: string): { name: string; from: number; to: number | undefined } | undefined => {
  const found = /^([^;]+);range=(\d+)-(\d+|\*)$/i.exec(type);
  return found
    ? {
        name: found[1]!.toLowerCase(),
        from: Number(found[2]),
        to: found[3] === '*' ? undefined : Number(found[3]),
      }
    : undefined;
};

function entryOf(
  { name, attributes }: Pick<SearchEntry, 'name' | 'attributes'>,
  binary: readonly string[],
): DirectoryEntry {
  const values: Record<string, string[]> = Object.create(null);
  const bytes: Record<string, Buffer[]> = Object.create(null);
  for (const { type, parsedBuffers } of attributes) {
    const key = type.split(';')[0]!.toLowerCase();
    if (binary.some((one) => one.toLowerCase() === key))
      bytes[key] = [...(bytes[key] ?? []), ...parsedBuffers.map((one) => Buffer.from(one))];
    else values[key] = [...(values[key] ?? []), ...parsedBuffers.map((one) => one.toString('utf8'))];
  }
  return { dn: name, values, bytes };
}
