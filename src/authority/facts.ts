import { type Stander, whereRelated } from './chain.ts';
import type { Box, EntitlementLimit, Link } from './delegation.ts';
import type { Exception } from './exception.ts';
import { isAtOrBelow } from './place.ts';

/** Proof of who acts, as it came in: hashes only. `membership` is a named user of the CLI or of a job. */
export type Credential =
  | { kind: 'session'; tokenHash: Buffer }
  | { kind: 'key'; keyHash: Buffer }
  | { kind: 'membership'; membershipId: string }
  | { kind: 'none' };

/** Why an actor has no standing: nobody acts from an ended membership or a closed organization. */
export type NoStanding =
  | 'anonymous'
  | 'no-membership'
  | 'user-off'
  | 'membership-off'
  | 'not-begun'
  | 'left'
  | 'organization-off'
  | 'client-off';

export type Actor =
  | {
      kind: 'user';
      userId: string;
      membershipId: string | null;
      sessionId: string | null;
      displayName: string;
      organizationId: string | null;
      path: string | null;
      language: string;
    }
  | { kind: 'client'; clientId: string; name: string; organizationId: string; path: string }
  | { kind: 'anonymous' }
  /** the instance itself: set-up and sweepers */
  | { kind: 'system' }
  /** whoever runs the CLI on the server without naming a user */
  | { kind: 'operator' };

/** Everything that deciding needs, loaded by one statement. */
export type Facts = {
  /** database time of the statement */
  at: Date;
  actor: Actor;
  noStanding: NoStanding | undefined;
  /** the links that the actor holds, in this membership only: rights of two organizations do not mix */
  held: Link[];
  /** the held links and all their ancestors, by id; and the links of those whose standing these rest on */
  links: ReadonlyMap<string, Link>;
  /** the actor, and whoever gave something below a relation or named the actor their deputy; by membership */
  standers: ReadonlyMap<string, Stander>;
  /** exceptions in the places of the held links that bind at least one of them */
  exceptions: Exception[];
  /** whose decisions the actor takes for a time */
  deputyFor: { link: Link; giver: Facts }[];
};

/** A stranger has nothing. */
export const nothing = {
  held: [],
  links: new Map(),
  standers: new Map(),
  exceptions: [],
  deputyFor: [],
} satisfies Partial<Facts>;

export type FactsRow = {
  at: Date;
  me: MeRow | null;
  links: (Omit<LinkRow, 'permissions' | 'offPlaces'> & { own: string[]; places: string[] })[] | null;
  /** permissions by admin role */
  roles: Record<string, string[]> | null;
  /** places at or above those of the links and of the actor that are suspended or closed */
  off: string[];
  /** everybody whose standing counts, the actor among them where a relation asks */
  standers: StanderRow[] | null;
  exceptions: ExceptionRow[] | null;
};

/** What the stamps said when the facts were read, in the same statement (see `stamp.ts`). */
export type Stamped = { stampKeys: string[]; stamp: number };

export type MeRow = {
  sessionId: string | null;
  userId: string | null;
  displayName: string;
  userState: string;
  language: string;
  membershipId: string | null;
  membershipState: string | null;
  startsAt: string | null;
  endsAt: string | null;
  organizationId: string | null;
  path: string | null;
  off: boolean | null;
  clientId: string | null;
};

/** A link as `to_jsonb` writes it: instants are text, and the infinities are words. */
export type LinkRow = Omit<Link, 'startsAt' | 'endsAt' | 'endedAt' | 'scope' | 'entitlements'> & {
  startsAt: string;
  endsAt: string;
  endedAt: string | null;
  scope: Box[];
  entitlements: EntitlementLimit;
};

export type StanderRow = {
  membershipId: string;
  userId: string;
  userState: string;
  displayName: string;
  language: string;
  membershipState: string;
  startsAt: string;
  endsAt: string;
  organizationId: string;
  path: string;
  off: boolean;
  /** the last day of whoever reports to them longest; null without reports */
  reportsUntil: string | null;
  guardianships: { path: string; startsAt: string; endsAt: string }[] | null;
  canSignIn: boolean;
};

type ExceptionRow = Omit<Exception, 'place' | 'free' | 'startsAt' | 'endsAt'> & {
  organizationId: string;
  path: string;
  below: boolean;
  free: (string | null)[] | null;
  startsAt: string;
  endsAt: string;
};

/** JavaScript has no infinite date; these stand further out than any day that a person enters. */
export const alwaysBefore = new Date(-8.64e15);

export const alwaysAfter = new Date(8.64e15);

/** Reads an instant that PostgreSQL wrote as text, `infinity` included. */
export function instant(text: string): Date {
  if (text === 'infinity') return alwaysAfter;
  if (text === '-infinity') return alwaysBefore;
  return new Date(text);
}

export const toLink = (row: LinkRow): Link => ({
  ...row,
  startsAt: instant(row.startsAt),
  endsAt: instant(row.endsAt),
  endedAt: row.endedAt === null ? null : instant(row.endedAt),
});

/** Written out: copying by spread took a third of what a check takes in this process. */
const linkFrom = (
  row: Omit<LinkRow, 'permissions' | 'offPlaces'>,
  permissions: string[],
  offPlaces: string[],
): Link => ({
  id: row.id,
  kind: row.kind,
  parentId: row.parentId,
  chain: row.chain,
  giverUserId: row.giverUserId,
  giverDelegationId: row.giverDelegationId,
  delegateKind: row.delegateKind,
  delegateUserId: row.delegateUserId,
  delegateMembershipId: row.delegateMembershipId,
  delegateOrganizationId: row.delegateOrganizationId,
  delegateClientId: row.delegateClientId,
  relation: row.relation,
  relationPath: row.relationPath,
  giverMembershipId: row.giverMembershipId,
  adminRoleId: row.adminRoleId,
  permissions,
  scope: row.scope,
  offPlaces,
  entitlements: row.entitlements,
  startsAt: instant(row.startsAt),
  endsAt: instant(row.endsAt),
  mayPassOn: row.mayPassOn,
  seats: row.seats,
  state: row.state,
  endedAt: row.endedAt === null ? null : instant(row.endedAt),
  version: row.version,
});

/** Facts from the one row that the statement gives. Pure. */
export function toFacts(row: FactsRow, withEnded: boolean): Facts {
  const { at, me, off } = row;
  if (!me) return { at, actor: { kind: 'anonymous' }, noStanding: 'anonymous', ...nothing };
  const isOff = me.path !== null && off.some((above) => isAtOrBelow(me.path!, above));
  const noStanding = standingOf({ ...me, off: isOff }, at);
  return factsOf(toActor(me), noStanding, sharedOf(row, withEnded), byMembership(row.standers ?? []), []);
}

export function sharedOf(
  { at, links: found, roles, off, standers, exceptions }: FactsRow,
  withEnded: boolean,
): Shared {
  const isOff = (path: string): boolean => off.some((above) => isAtOrBelow(path, above));
  const links = new Map<string, Link>();
  const byDelegate = new Map<string, Link[]>();
  for (const row of found ?? []) {
    const { own, adminRoleId } = row;
    const ofRole = (adminRoleId && roles?.[adminRoleId]) || [];
    const permissions = own.length === 0 ? ofRole : [...own, ...ofRole];
    const link = linkFrom(row, permissions, off.length === 0 ? [] : row.places.filter(isOff));
    links.set(link.id, link);
    const delegate = delegateKey(link);
    const known = byDelegate.get(delegate);
    if (known) known.push(link);
    else byDelegate.set(delegate, [link]);
  }
  return {
    at,
    links,
    byDelegate,
    standers: new Map(
      (standers ?? []).map((one) => [
        one.membershipId,
        {
          ...one,
          read: one,
          stands: standingOf({ ...one, clientId: null }, at) === undefined,
          hasReports: one.reportsUntil !== null && at < instant(one.reportsUntil),
          guardianOf: (one.guardianships ?? [])
            .filter(({ startsAt, endsAt }) => at >= instant(startsAt) && at < instant(endsAt))
            .map(({ path }) => path),
        },
      ]),
    ),
    exceptions: (exceptions ?? []).map(toException),
    withEnded,
  };
}

type Shared = Pick<Facts, 'at' | 'links' | 'standers' | 'exceptions'> & {
  withEnded: boolean;
  /** so that the facts of thousands of people are put together without each looking at every link */
  byDelegate: ReadonlyMap<string, Link[]>;
};

type People = ReadonlyMap<string, StanderRow>;

export const byMembership = (people: readonly StanderRow[]): People =>
  new Map(people.map((one) => [one.membershipId, one]));

/** Who could hold a link: one member, one machine; or anybody, where a relation does. */
const delegateKey = (link: Link): string =>
  link.delegateKind === 'user'
    ? link.delegateMembershipId!
    : link.delegateKind === 'client'
      ? link.delegateClientId!
      : link.delegateKind;

/** What one person or machine holds among the links loaded, and whose decisions they take. */
export function factsOf(
  actor: Actor,
  noStanding: NoStanding | undefined,
  { withEnded, byDelegate, ...shared }: Shared,
  people: People,
  seen: string[],
): Facts {
  const facts: Facts = { ...shared, actor, noStanding, held: [], deputyFor: [] };
  const own = (actor.kind === 'client' ? actor.clientId : actor.kind === 'user' && actor.membershipId) || '';
  const named = byDelegate.get(own) ?? [];
  for (const link of [...named, ...(byDelegate.get('relation') ?? [])]) {
    if (link.state === 'ended' && !withEnded) continue;
    if (link.kind === 'administer' && isHeldBy(facts, link)) facts.held.push(link);
  }
  facts.held.sort((one, other) => one.chain.length - other.chain.length || (one.id < other.id ? -1 : 1));
  if (actor.kind !== 'user' || !actor.membershipId) return facts;
  const circle = [...seen, actor.membershipId];
  for (const link of named) {
    const giver = link.kind === 'approve' ? people.get(link.giverMembershipId ?? '') : undefined;
    if (!giver) continue;
    if (link.state !== 'active' || facts.at < link.startsAt || facts.at >= link.endsAt) continue;
    // n deputies below need n <= mayPassOn; a circle gives nobody more.
    if (link.mayPassOn < seen.length || circle.includes(giver.membershipId)) continue;
    const standing = standingOf({ ...giver, clientId: null }, facts.at);
    const theirs = toActor({ ...giver, sessionId: null, clientId: null });
    facts.deputyFor.push({
      link,
      giver: factsOf(theirs, standing, { ...shared, byDelegate, withEnded: false }, people, circle),
    });
  }
  return facts;
}

function isHeldBy(facts: Facts, link: Link): boolean {
  const { actor } = facts;
  if (actor.kind === 'client')
    return link.delegateKind === 'client' && link.delegateClientId === actor.clientId;
  if (actor.kind !== 'user' || !actor.membershipId) return false;
  if (link.delegateKind === 'user') return link.delegateMembershipId === actor.membershipId;
  if (link.delegateKind !== 'relation') return false;
  return (whereRelated(facts, link, actor.membershipId) ?? []).length > 0;
}

const toException = ({
  organizationId,
  path,
  below,
  free,
  startsAt,
  endsAt,
  ...rest
}: ExceptionRow): Exception => ({
  ...rest,
  place: { id: organizationId, path, below },
  free: (free ?? []).filter((id): id is string => id !== null),
  startsAt: instant(startsAt),
  endsAt: instant(endsAt),
});

export function toActor(me: MeRow): Actor {
  if (me.clientId)
    return {
      kind: 'client',
      clientId: me.clientId,
      name: me.displayName,
      organizationId: me.organizationId!,
      path: me.path!,
    };
  return {
    kind: 'user',
    userId: me.userId!,
    membershipId: me.membershipId,
    sessionId: me.sessionId,
    displayName: me.displayName,
    organizationId: me.organizationId,
    path: me.path,
    language: me.language,
  };
}

export type Standing = Pick<
  MeRow,
  'clientId' | 'userState' | 'startsAt' | 'endsAt' | 'off' | 'membershipId' | 'membershipState'
>;

/** An active user (or client), inside the membership it acts in, inside first and last day, from an open organization. */
export function standingOf(me: Standing, at: Date): NoStanding | undefined {
  if (me.clientId) {
    if (me.userState !== 'active' || at < instant(me.startsAt!) || at >= instant(me.endsAt!))
      return 'client-off';
    return me.off ? 'organization-off' : undefined;
  }
  if (me.userState !== 'active') return 'user-off';
  if (!me.membershipId) return 'no-membership';
  if (me.membershipState === 'ended' || at >= instant(me.endsAt!)) return 'left';
  if (me.membershipState !== 'active') return 'membership-off';
  if (at < instant(me.startsAt!)) return 'not-begun';
  return me.off ? 'organization-off' : undefined;
}

export type Proof = Exclude<Credential, { kind: 'none' }>;
