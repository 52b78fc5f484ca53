import type { Kysely } from 'kysely';
import { z } from 'zod';
import { chainIn } from '../authority/chain.ts';
import { decide } from '../authority/decide.ts';
import { type Chain, type Link, relationKinds, type Stop, stopOf } from '../authority/delegation.ts';
import { alwaysAfter, alwaysBefore, type Facts } from '../authority/facts.ts';
import { linkUseKey, loadLinkFacts } from '../authority/load-facts.ts';
import { isAtOrBelow } from '../authority/place.ts';
import { say } from '../authority/say.ts';
import type { Proposal } from '../authority/within.ts';
import { permissionWords, stopWords } from '../authority/words.ts';
import { firstDayAt, firstDayOut, lastDayAt, lastDayOut } from '../directory/by-day.ts';
import type { DB } from '../platform/schema.gen.ts';
import { dayOf, spokenDay } from './days.ts';
import { delegateName, loadNames, type Names, timeZoneOfLink } from './names.ts';
import { limitOf } from './rules.ts';
import { loadSeatsTaken } from './seats.ts';
import { sentenceOf, sentenceOfOther } from './sentence.ts';
import { everything, isMine, type Sight, sightOf } from './sight.ts';
import { type Delegate, loadChains } from './store.ts';

const named = z.object({ id: z.string(), name: z.string() });

/** A delegation as people read it. What lies outside the reader's reach is "a level above", unnamed (ruling 9). */
export const delegationView = z
  .object({
    id: z.string(),
    delegate: z
      .object({
        kind: z.enum(['user', 'organization', 'client', 'relation', 'root']),
        name: z.string(),
        userId: z.string().nullable(),
        membershipId: z.string().nullable(),
        organizationId: z.string().nullable(),
        clientId: z.string().nullable(),
      })
      .describe('Who holds it; "a level above", and no id, when out of reach.'),
    giver: z
      .object({ name: z.string(), userId: z.string().nullable() })
      .describe('Who gave it; "a level above" when out of reach.'),
    adminRole: z.object({ id: z.string(), key: z.string().nullable(), name: z.string() }).nullable(),
    permissions: z.array(z.string()).describe('What it lets do, as the whole chain gives it.'),
    permissionWords: z.array(z.string()),
    places: z.array(z.object({ id: z.string(), name: z.string(), below: z.boolean() })),
    elsewhere: z.boolean().describe('It reaches places, too, that you do not see.'),
    holes: z
      .array(z.object({ id: z.string(), name: z.string(), below: z.boolean() }))
      .describe('Taken out of it again.'),
    lessElsewhere: z.boolean().describe('Parts are taken out, too, that you do not see.'),
    people: z.array(named).nullable().describe('Only these, those among them whom you see; null: everybody.'),
    reports: z
      .array(
        z.object({
          of: z.string().nullable().describe('Null: of whoever it is given to.'),
          name: z.string().nullable(),
          depth: z.enum(['direct', 'all']),
        }),
      )
      .describe('Only people who report to somebody.'),
    whereRelation: z.boolean().describe('Only where the relation holds for whoever uses it.'),
    relation: z.enum(relationKinds).nullable(),
    seats: z.number().int().nullable(),
    seatsTaken: z
      .number()
      .int()
      .nullable()
      .describe(
        'People and open invitations there now; null without seats, or where you do not see everybody there.',
      ),
    entitlements: z.object({
      all: z.boolean(),
      applications: z.array(named),
      entitlements: z.array(named.extend({ applicationName: z.string() })),
    }),
    from: z.string().nullable(),
    until: z.string().nullable(),
    firstDay: firstDayOut,
    lastDay: lastDayOut,
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
  proposal: Proposal & { seats?: number | undefined },
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
    delegateOrganizationId: 'organizationId' in delegate ? delegate.organizationId : null,
    delegateClientId: delegate.kind === 'client' ? delegate.clientId : null,
    relation: delegate.kind === 'relation' ? delegate.relation : null,
    relationPath: delegate.kind === 'relation' ? delegate.path : null,
    giverMembershipId: null,
    adminRoleId,
    offPlaces: [],
    state: 'active',
    endedAt: null,
    version: 0,
    ...proposal,
    seats: proposal.seats ?? null,
  };
  const names = await loadNames(db, [[link]]);
  const view = partsOf([link], names, everything);
  return { sentence: sentenceOf(view, { mine: false, ended: false }), from: view.from, until: view.until };
}

export const levelAbove = (): string => say('levelAbove');

/** Reads delegations for this reader; ids that do not exist are left out. */
export async function viewDelegations(
  db: Kysely<DB>,
  facts: Facts,
  ids: readonly string[],
): Promise<DelegationView[]> {
  const chains = await withGivers(db, await loadChains(db, ids));
  const names = await loadNames(db, [...chains.values()]);
  const taken = await loadSeatsTaken(
    db,
    facts,
    [...chains.values()].map(([link]) => link!),
  );
  return ids.flatMap((id) => {
    const chain = chains.get(id);
    return chain ? [viewOf(chain, names, facts, taken.get(id) ?? null)] : [];
  });
}

/**
 * Below a relation a link is in force only while its giver stands there. Their facts are asked for by one statement
 * more, and only where there is a relation; who uses the link itself is no question here.
 */
async function withGivers(db: Kysely<DB>, chains: Map<string, Chain>): Promise<Map<string, Chain>> {
  const below = [...chains].filter(([, chain]) => chain.slice(1).some(({ relation }) => relation));
  const facts = await loadLinkFacts(
    db,
    below.map(([linkId]) => ({ linkId, membershipId: null })),
  );
  for (const [linkId, chain] of below) {
    const found = facts.get(linkUseKey({ linkId, membershipId: null }));
    if (!found) continue;
    const settled = chainIn(found, found.held[0]!);
    chains.set(
      linkId,
      chain.map((link, index) => (index > 0 && settled[index]?.lapsed ? { ...link, lapsed: true } : link)),
    );
  }
  return chains;
}

/** What does not depend on what is in force: who, what, where, which access. */
function partsOf(chain: Chain, names: Names, sight: Sight) {
  const link = chain[0]!;
  const named = sight.holder(link);
  const places = link.scope.flatMap((box) => box.places ?? []);
  const seen = places.filter((place) => sight.place(link, place));
  const given = link.permissions.filter((name) => chain.every((above) => above.permissions.includes(name)));
  const role = link.adminRoleId ? names.roles.get(link.adminRoleId) : undefined;
  const timeZone = timeZoneOfLink(link, names);
  return {
    delegate: {
      kind: link.delegateKind,
      name: named ? delegateName(link, names) : levelAbove(),
      userId: named ? link.delegateUserId : null,
      membershipId: named ? link.delegateMembershipId : null,
      organizationId: named ? link.delegateOrganizationId : null,
      clientId: named ? link.delegateClientId : null,
    },
    adminRole: role ? { id: link.adminRoleId!, ...role } : null,
    permissions: given,
    permissionWords: given.map(permissionWords),
    places: seen.map(({ id, below }) => ({ id, name: names.organizations.get(id)?.name ?? '', below })),
    elsewhere: seen.length < places.length,
    holes: link.scope
      .flatMap((box) => box.holes ?? [])
      .filter(sight.hole)
      .map(({ id, below }) => ({ id, name: names.organizations.get(id)?.name ?? '', below })),
    lessElsewhere: link.scope.some((box) => box.holes?.some((hole) => !sight.hole(hole))),
    people: peopleView(link, names, sight),
    reports: link.scope.flatMap(({ reports }) => {
      if (!reports) return [];
      const head = reports.of ? names.heads.get(reports.of) : undefined;
      const seen = head && sight.person(link, head);
      return [
        {
          of: seen ? reports.of! : null,
          name: reports.of ? (seen ? head.name : levelAbove()) : null,
          depth: reports.depth,
        },
      ];
    }),
    whereRelation: link.scope.some((box) => box.where === 'relation'),
    relation: named ? link.relation : null,
    seats: link.seats,
    entitlements: limitView(chain, names),
    from: outward(link.startsAt),
    until: outward(link.endsAt),
    firstDay: firstDayAt(link.startsAt, timeZone),
    lastDay: lastDayAt(link.endsAt, timeZone),
    mayPassOn: link.mayPassOn,
  };
}

export type Parts = ReturnType<typeof partsOf>;

function peopleView(link: Link, names: Names, sight: Sight): { id: string; name: string }[] | null {
  if (!link.scope.some((box) => box.users)) return null;
  return [...new Set(link.scope.flatMap((box) => box.users ?? []))].flatMap((id) => {
    const known = names.users.get(id);
    return known && sight.person(link, { path: known.path, userId: id }) ? [{ id, name: known.name }] : [];
  });
}

function viewOf(chain: Chain, names: Names, facts: Facts, seatsTaken: number | null): DelegationView {
  const link = chain[0]!;
  const stop = link.kind === 'administer' ? stopOf(chain, facts.at) : stopOfOther(chain, facts.at);
  const mine = isMine(facts, link);
  const ended = link.state === 'ended';
  const sight = sightOf(facts, names);
  const giver = link.giverUserId ? names.users.get(link.giverUserId) : undefined;
  const giverNamed = giver && sight.giver(link);
  const parts = partsOf(chain, names, sight);
  const from = giverNamed
    ? { name: giver.name, userId: link.giverUserId }
    : { name: link.giverUserId ? levelAbove() : say('instance'), userId: null };
  return {
    id: link.id,
    ...parts,
    giver: from,
    state: link.state,
    effective: stop === undefined,
    vacant: names.vacant.has(link.id),
    stop: stop
      ? {
          reason: stop.reason,
          own: stop.link?.id === link.id,
          sentence: stopSentence(chain, stop, { names, facts, sight }),
        }
      : null,
    seatsTaken,
    sentence:
      link.kind === 'administer'
        ? sentenceOf(parts, { mine, ended }, seatsTaken)
        : sentenceOfOther(link.kind, parts, { mine, ended }, from.name),
    mayChange: facts.held.some((held) => link.chain.includes(held.id)),
    version: link.version,
  };
}

/** A deputy's link and a mandate end at no root row: only what their own links say stops them here. */
function stopOfOther(chain: Chain, at: Date): Stop | undefined {
  if (chain.length !== chain[0]!.chain.length + 1) return { link: undefined, reason: 'broken' };
  for (let above = chain.length - 1; above >= 0; above -= 1) {
    const link = chain[above]!;
    if (link.state !== 'active') return { link, reason: link.state };
    if (at < link.startsAt) return { link, reason: 'not-begun' };
    if (at >= link.endsAt) return { link, reason: 'expired' };
    if (link.mayPassOn < above) return { link, reason: 'too-deep' };
  }
  return undefined;
}

const outward = (at: Date): string | null =>
  at >= alwaysAfter || at <= alwaysBefore ? null : at.toISOString();

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

type Reading = { names: Names; facts: Facts; sight: Sight };

/** "The delegation to Acme Solar was ended by a level above on 3 March 2026." */
function stopSentence(chain: Chain, stop: Stop, reading: Reading): string {
  const link = chain.find((one) => one.id === stop.link?.id);
  if (!link) return say('stopped.broken');
  const { reason } = stop;
  const when =
    reason === 'ended' && link.endedAt
      ? say('stopped.on', { day: dayOf(link.endedAt) })
      : reason === 'expired'
        ? ` (${spokenDay(lastDayAt(link.endsAt, timeZoneOfLink(link, reading.names))!)})`
        : '';
  const name =
    link.id === chain[0]!.id && link.delegateKind === 'user'
      ? reading.sight.holder(link)
        ? say('stopped.thisTo', { name: delegateName(link, reading.names) })
        : say('stopped.this')
      : linkName(link, reading);
  return `${name} ${stopWords(reason)}${when}.`;
}

/** My own organization's standing delegation, and what lies in my reach, have names; the rest is a level above. */
function linkName(link: Link, { names, facts, sight }: Reading): string {
  const { actor } = facts;
  const organization = link.delegateOrganizationId
    ? names.organizations.get(link.delegateOrganizationId)
    : undefined;
  if (organization && actor.kind === 'user' && actor.path && isAtOrBelow(actor.path, organization.path))
    return say('stopped.limit', { name: organization.name });
  if (isMine(facts, link)) return say('stopped.mine');
  const place = link.scope[0]?.places?.[0];
  const seen =
    place &&
    sight.holder(link) &&
    decide(facts, 'delegation.read', {
      kind: 'delegation',
      id: link.id,
      organizationId: place.id,
      path: place.path,
      off: false,
    }).effect === 'permit';
  return seen ? say('stopped.to', { name: delegateName(link, names) }) : say('stopped.above');
}
