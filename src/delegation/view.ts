import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { decide } from '../authority/decide.ts';
import { type Chain, type Link, stopOf } from '../authority/delegation.ts';
import { alwaysAfter, alwaysBefore, type Facts } from '../authority/facts.ts';
import type { Proposal } from '../authority/within.ts';
import { permissionWords, stopWords } from '../authority/words.ts';
import type { DB } from '../platform/schema.gen.ts';
import { limitOf } from './rules.ts';
import { type Delegate, loadChains } from './store.ts';

const named = z.object({ id: z.string(), name: z.string() });

/** A delegation as people read it. What lies outside the reader's reach is "a level above", unnamed (ruling 9). */
export const delegationView = z
  .object({
    id: z.string(),
    delegate: z.object({
      kind: z.enum(['user', 'organization', 'client', 'relation', 'root']),
      name: z.string(),
      userId: z.string().nullable(),
      membershipId: z.string().nullable(),
      organizationId: z.string().nullable(),
      clientId: z.string().nullable(),
    }),
    giver: z
      .object({ name: z.string(), userId: z.string().nullable() })
      .describe('Who gave it; "a level above" when out of reach.'),
    adminRole: z.object({ id: z.string(), key: z.string().nullable(), name: z.string() }).nullable(),
    permissions: z.array(z.string()).describe('What it lets do, as the whole chain gives it.'),
    permissionWords: z.array(z.string()),
    places: z.array(z.object({ id: z.string(), name: z.string(), below: z.boolean() })),
    entitlements: z.object({
      all: z.boolean(),
      applications: z.array(named),
      entitlements: z.array(named.extend({ applicationName: z.string() })),
    }),
    from: z.string().nullable(),
    until: z.string().nullable(),
    mayPassOn: z.number().int(),
    state: z.enum(['active', 'paused', 'ended']),
    effective: z.boolean(),
    vacant: z.boolean().describe('Its holder has left; what was given from it stands.'),
    stop: z.object({ reason: z.string(), own: z.boolean(), sentence: z.string() }).nullable(),
    sentence: z.string(),
    mayChange: z.boolean().describe('The reader holds a link above it and may narrow, pause or end it.'),
    version: z.number().int(),
  })
  .meta({ id: 'Delegation' });

export type DelegationView = z.infer<typeof delegationView>;

/** A new delegation in words, before it is made. */
export async function sentenceForProposal(
  db: Kysely<DB>,
  delegate: Delegate,
  adminRoleId: string | null,
  proposal: Proposal,
): Promise<{ sentence: string; from: string | null; until: string | null }> {
  const link: Link = {
    id: '',
    kind: 'administer',
    parentId: null,
    chain: [],
    giverUserId: null,
    giverDelegationId: null,
    delegateKind: delegate.kind,
    delegateUserId: delegate.kind === 'user' ? delegate.userId : null,
    delegateMembershipId: null,
    delegateOrganizationId: delegate.kind === 'organization' ? delegate.organizationId : null,
    delegateClientId: delegate.kind === 'client' ? delegate.clientId : null,
    adminRoleId,
    offPlaces: [],
    seats: null,
    state: 'active',
    endedAt: null,
    version: 0,
    ...proposal,
  };
  const names = await loadNames(db, [[link]]);
  const view = partsOf([link], names);
  return { sentence: sentenceOf(view, false), from: view.from, until: view.until };
}

type Names = {
  users: Map<string, { name: string; path: string }>;
  organizations: Map<string, { name: string; path: string }>;
  applications: Map<string, string>;
  entitlements: Map<string, { name: string; applicationId: string; applicationName: string }>;
  roles: Map<string, { key: string | null; name: string }>;
  clients: Map<string, string>;
  vacant: Set<string>;
};

export const levelAbove = 'a level above';

/** Reads delegations for this reader; ids that do not exist are left out. */
export async function viewDelegations(
  db: Kysely<DB>,
  facts: Facts,
  ids: readonly string[],
): Promise<DelegationView[]> {
  const chains = await loadChains(db, ids);
  const names = await loadNames(db, [...chains.values()]);
  return ids.flatMap((id) => {
    const chain = chains.get(id);
    return chain ? [viewOf(chain, names, facts)] : [];
  });
}

/** What does not depend on who reads it. */
function partsOf(chain: Chain, names: Names) {
  const link = chain[0]!;
  const given = link.permissions.filter((name) => chain.every((above) => above.permissions.includes(name)));
  const role = link.adminRoleId ? names.roles.get(link.adminRoleId) : undefined;
  return {
    delegate: {
      kind: link.delegateKind,
      name: delegateName(link, names),
      userId: link.delegateUserId,
      membershipId: link.delegateMembershipId,
      organizationId: link.delegateOrganizationId,
      clientId: link.delegateClientId,
    },
    adminRole: role ? { id: link.adminRoleId!, ...role } : null,
    permissions: given,
    permissionWords: given.map(permissionWords),
    places: link.scope.flatMap((box) =>
      (box.places ?? []).map(({ id, below }) => ({
        id,
        name: names.organizations.get(id)?.name ?? '',
        below,
      })),
    ),
    entitlements: limitView(chain, names),
    from: outward(link.startsAt),
    until: outward(link.endsAt),
    mayPassOn: link.mayPassOn,
  };
}

type Parts = ReturnType<typeof partsOf>;

function viewOf(chain: Chain, names: Names, facts: Facts): DelegationView {
  const link = chain[0]!;
  const stop = stopOf(chain, facts.at);
  const mine = facts.actor.kind === 'user' && link.delegateUserId === facts.actor.userId;
  const giver = link.giverUserId ? names.users.get(link.giverUserId) : undefined;
  // Whoever acted on me is named to me; anybody else only within reach.
  const giverNamed = giver && (mine || canSeeUser(facts, giver.path, link.giverUserId!));
  const parts = partsOf(chain, names);
  return {
    id: link.id,
    ...parts,
    giver: giverNamed
      ? { name: giver.name, userId: link.giverUserId }
      : { name: link.giverUserId ? levelAbove : 'the instance', userId: null },
    state: link.state,
    effective: stop === undefined,
    vacant: names.vacant.has(link.id),
    stop: stop
      ? {
          reason: stop.reason,
          own: stop.link?.id === link.id,
          sentence: stopSentence(chain, stop.link?.id, stop.reason, names, facts),
        }
      : null,
    sentence: sentenceOf(parts, mine),
    mayChange: facts.held.some((held) => link.chain.includes(held.id)),
    version: link.version,
  };
}

const canSeeUser = (facts: Facts, path: string, userId: string): boolean =>
  decide(facts, 'user.read', { kind: 'user', id: userId, organizationId: '', path, off: false, userId })
    .effect === 'permit';

const outward = (at: Date): string | null =>
  at >= alwaysAfter || at <= alwaysBefore ? null : at.toISOString();

function delegateName(link: Chain[number], names: Names): string {
  if (link.delegateUserId) return names.users.get(link.delegateUserId)?.name ?? '';
  if (link.delegateOrganizationId) return names.organizations.get(link.delegateOrganizationId)?.name ?? '';
  if (link.delegateClientId) return names.clients.get(link.delegateClientId) ?? '';
  return 'Remit';
}

/** The intersection along the chain is what counts, so that is what is shown. */
function limitView(chain: Chain, names: Names): DelegationView['entitlements'] {
  const limit = limitOf(chain, (id) => names.entitlements.get(id)?.applicationId);
  if (limit.all) return { all: true, applications: [], entitlements: [] };
  return {
    all: false,
    applications: limit.applications.map((id) => ({ id, name: names.applications.get(id) ?? '' })),
    entitlements: limit.entitlements.map((id) => ({
      id,
      name: names.entitlements.get(id)?.name ?? '',
      applicationName: names.entitlements.get(id)?.applicationName ?? '',
    })),
  };
}

/** "The delegation to Acme Solar was ended by a level above on 3 March 2026." */
export function stopSentence(
  chain: Chain,
  linkId: string | undefined,
  reason: keyof typeof stopWords,
  names: Names,
  facts: Facts,
): string {
  const link = chain.find((one) => one.id === linkId);
  if (!link) return 'This delegation does not hold together.';
  const when =
    reason === 'ended' && link.endedAt
      ? ` on ${dayOf(link.endedAt)}`
      : reason === 'expired'
        ? ` (${dayOf(link.endsAt)})`
        : '';
  if (link.id === chain[0]!.id && link.delegateKind === 'user')
    return `This delegation to ${delegateName(link, names)} ${stopWords[reason]}${when}.`;
  return `${linkName(link, names, facts)} ${stopWords[reason]}${when}.`;
}

/** My own organization's standing delegation, and what lies in my reach, have names; the rest is a level above. */
function linkName(link: Chain[number], names: Names, facts: Facts): string {
  const { actor } = facts;
  const organization = link.delegateOrganizationId
    ? names.organizations.get(link.delegateOrganizationId)
    : undefined;
  if (
    organization &&
    actor.kind === 'user' &&
    actor.path &&
    (actor.path === organization.path || actor.path.startsWith(`${organization.path}.`))
  )
    return `What ${organization.name} may hand out`;
  if (link.delegateUserId && actor.kind === 'user' && link.delegateUserId === actor.userId)
    return 'What was delegated to you';
  const place = link.scope[0]?.places?.[0];
  const seen =
    place &&
    decide(facts, 'delegation.read', {
      kind: 'delegation',
      id: link.id,
      organizationId: place.id,
      path: place.path,
      off: false,
    }).effect === 'permit';
  return seen ? `The delegation to ${delegateName(link, names)}` : 'A delegation at a level above';
}

/** Days stand in the reader's way on screen; in sentences of the server they are unambiguous. */
export const dayOf = (at: Date): string =>
  at.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

function sentenceOf(view: Parts, mine: boolean): string {
  const who = mine ? 'You' : view.delegate.name;
  const where =
    view.places
      .map((place) => (place.below ? `${place.name} and everything below it` : `${place.name}`))
      .join(', ') || 'the people named';
  const what =
    view.delegate.kind === 'organization'
      ? 'may hand out'
      : view.adminRole
        ? `may act as ${view.adminRole.name.toLowerCase()}`
        : 'may';
  const access = view.entitlements.all
    ? 'all access'
    : [
        ...view.entitlements.applications.map(({ name }) => name),
        ...view.entitlements.entitlements.map(({ name, applicationName }) => `${name} in ${applicationName}`),
      ].join(', ') || 'no access';
  const until = view.until ? `, until ${dayOf(new Date(view.until))}` : '';
  const onward = view.mayPassOn > 0 ? ' and may pass it on' : '';
  if (view.delegate.kind === 'organization')
    return `${who} ${what} ${access}, for ${where}${until}${onward}.`;
  const acts = view.adminRole ? '' : ` ${view.permissionWords.slice(0, 4).join(', ')}`;
  return `${who} ${what}${acts} for ${where}, handing out ${access}${until}${onward}.`;
}

async function loadNames(db: Kysely<DB>, chains: Chain[]): Promise<Names> {
  const links = chains.flat();
  const ids = (pick: (link: Chain[number]) => (string | null | undefined)[]): string[] => [
    // A link that is only proposed has no id yet.
    ...new Set(links.flatMap(pick).filter((id): id is string => Boolean(id))),
  ];
  const users = ids((link) => [link.delegateUserId, link.giverUserId]);
  const organizations = ids((link) => [
    link.delegateOrganizationId,
    ...link.scope.flatMap((box) => (box.places ?? []).map((place) => place.id)),
  ]);
  const applications = ids((link) => (link.entitlements.all ? [] : link.entitlements.applications));
  const entitlements = ids((link) => (link.entitlements.all ? [] : link.entitlements.entitlements));
  const clients = ids((link) => [link.delegateClientId]);
  const { rows } = await sql<{
    kind: string;
    id: string;
    name: string;
    extra: string | null;
    more: string | null;
  }>`
    select 'user' as kind, u.id, u.display_name as name, o.path as extra, null as more from app_user u join organization o on o.id = u.home_organization_id where u.id = any (${users}::uuid[])
    union all select 'organization', id, name, path, null from organization where id = any (${organizations}::uuid[])
    union all select 'application', id, name, null, null from application where id = any (${applications}::uuid[])
    union all select 'entitlement', e.id, e.name, a.name, a.id::text from entitlement e join application a on a.id = e.application_id where e.id = any (${entitlements}::uuid[])
    union all select 'client', id, name, null, null from client where id = any (${clients}::uuid[])
    union all select 'role', id, name, key, null from admin_role where id = any (${ids((link) => [link.adminRoleId])}::uuid[])
    union all select 'vacant', d.id, '', null, null from delegation d join membership m on m.id = d.delegate_membership_id join app_user u on u.id = m.user_id
      where d.id = any (${ids((link) => [link.id])}::uuid[]) and (m.state = 'ended' or m.ends_at <= remit_now() or u.state = 'erased')`.execute(
    db,
  );
  const of = (kind: string) => rows.filter((row) => row.kind === kind);
  return {
    users: new Map(of('user').map((row) => [row.id, { name: row.name, path: row.extra! }])),
    organizations: new Map(of('organization').map((row) => [row.id, { name: row.name, path: row.extra! }])),
    applications: new Map(of('application').map((row) => [row.id, row.name])),
    entitlements: new Map(
      of('entitlement').map((row) => [
        row.id,
        { name: row.name, applicationId: row.more!, applicationName: row.extra! },
      ]),
    ),
    clients: new Map(of('client').map((row) => [row.id, row.name])),
    roles: new Map(of('role').map((row) => [row.id, { key: row.extra, name: row.name }])),
    vacant: new Set(of('vacant').map((row) => row.id)),
  };
}
