import { chainIn } from './chain.ts';
import { type Chain, type EntitlementLimit, hasPermission, stopOf } from './delegation.ts';
import { binds, type Exception } from './exception.ts';
import type { Facts } from './facts.ts';
import { type Permission, permissionNames, traitsOf } from './permissions.ts';
import type { Place } from './place.ts';
import { type Region, regionsOf } from './region.ts';

/**
 * Over whom and over which access a power is: everybody, one named person, or reports; access that may be given is
 * `*`, `a:<application>` or `e:<entitlement>`, absent for the act as such. Parts are compared by name alone: whether two
 * people's reports have somebody in common is not asked.
 */
export type Part = { access?: string; user?: string; reports: string[] };

/** Something that a link gives: a part, in a place without its holes and without what exceptions take out. */
export type Piece = {
  part: Part;
  place: Place;
  holes: Place[];
  without: { part: Part; place: Place }[];
};

/** Pieces with their content as one text, so that the same ones are compared once for thousands of people. */
export type Bundle = { text: string; pieces: Piece[] };

/** Everything that somebody may do now: `permission`, or `permission *` for the access it is about, to pieces. */
export type Powers = Map<string, Bundle[]>;

/** Acts that are decided for one application's role as well. */
export const aboutAccess: readonly Permission[] = ['access.grant', 'access.end', 'request.decide'];

export const accessKey = (permission: string): string => `${permission} *`;
export const permissionOf = (key: string): Permission => key.replace(' *', '') as Permission;

/** Which application an entitlement belongs to. */
export type ApplicationOf = (entitlementId: string) => string | undefined;

/** Does `outer` hold everything that `inner` does? */
export function partWithin(inner: Part, outer: Part, applicationOf: ApplicationOf): boolean {
  if ((inner.access === undefined) !== (outer.access === undefined)) return false;
  if (inner.access !== undefined && !accessWithin(inner.access, outer.access!, applicationOf)) return false;
  if (outer.user !== undefined && outer.user !== inner.user) return false;
  return outer.reports.every((one) => inner.reports.some((own) => own === one || own === directOf(one)));
}

const directOf = (reports: string): string => reports.replace(/:all$/, ':direct');

const accessWithin = (inner: string, outer: string, applicationOf: ApplicationOf): boolean =>
  outer === '*' ||
  inner === outer ||
  (inner.startsWith('e:') && outer === `a:${applicationOf(inner.slice(2)) ?? ''}`);

export const partKey = ({ access, user, reports }: Part): string =>
  `${access ?? ''}|${user ?? ''}|${reports.join(',')}`;

/** What these facts let their actor do, as pieces. Pure; the same answer as `decide`, for all targets at once. */
export function powersOf(facts: Facts, applicationOf: ApplicationOf): Powers {
  const powers: Powers = new Map();
  if (facts.noStanding) return powers;
  const machine = facts.actor.kind === 'client';
  for (const held of facts.held) {
    const chain = chainIn(facts, held);
    if (held.kind !== 'administer' || stopOf(chain, facts.at)) continue;
    const names = permissionNames.filter((name) => hasPermission(chain, name));
    addChain(
      powers,
      chain,
      machine ? names.filter((name) => !traitsOf(name).protectedAct) : names,
      facts,
      applicationOf,
    );
  }
  for (const chain of deputyChains(facts)) addChain(powers, chain, ['request.decide'], facts, applicationOf);
  return powers;
}

/** What a deputy may decide: their giver's chains, each cut down to what the deputy was named for. */
export function deputyChains(facts: Facts): (Chain & { from?: Chain })[] {
  return facts.deputyFor.flatMap(({ link, giver }) => {
    if (giver.noStanding) return [];
    const own: Chain[] = giver.held
      .map((held) => chainIn(giver, held))
      .filter(
        (chain) =>
          chain[0]!.kind === 'administer' &&
          hasPermission(chain, 'request.decide') &&
          !stopOf(chain, giver.at),
      );
    return [...own, ...deputyChains(giver)].map((chain) => [link, ...chain]);
  });
}

function addChain(
  powers: Powers,
  chain: Chain,
  names: readonly Permission[],
  { exceptions, at }: Facts,
  applicationOf: ApplicationOf,
): void {
  if (names.length === 0) return;
  const regions = regionsOf(chain);
  const atoms = atomsOf(chain, applicationOf);
  // An exception binds by the link that is held; a deputy is bound as the giver is.
  const acting = chain.slice(chain.findIndex((link) => link.kind === 'administer'));
  const bundles = new Map<string, { plain: Bundle; access: Bundle }>();
  for (const name of names) {
    const cuts = exceptions.filter((one) => binds(one, acting, name, at));
    const key = cuts.map(({ id }) => id).join();
    let bundle = bundles.get(key);
    if (!bundle) {
      bundle = {
        plain: bundleOf(regions.flatMap((region) => piecesIn(region, [undefined], cuts))),
        access: bundleOf(regions.flatMap((region) => piecesIn(region, atoms, cuts))),
      };
      bundles.set(key, bundle);
    }
    add(powers, name, bundle.plain);
    if (aboutAccess.includes(name)) add(powers, accessKey(name), bundle.access);
  }
}

function add(powers: Powers, key: string, bundle: Bundle): void {
  if (bundle.pieces.length === 0) return;
  const known = powers.get(key);
  if (known) known.push(bundle);
  else powers.set(key, [bundle]);
}

const bundleOf = (pieces: Piece[]): Bundle => ({
  text: pieces
    .map(({ part, place, holes, without }) =>
      [
        partKey(part),
        placeText(place),
        holes.map(placeText).sort().join('-'),
        without.map((one) => `${partKey(one.part)}@${placeText(one.place)}`).join('-'),
      ].join(' '),
    )
    .sort()
    .join('\n'),
  pieces,
});

const placeText = ({ path, below }: Place): string => `${path}${below ? '/' : ''}`;

function piecesIn(region: Region, atoms: readonly (string | undefined)[], cuts: Exception[]): Piece[] {
  const reports = region.reports.map(({ of, depth }) => `${of}:${depth}`).sort();
  return atoms.flatMap((access) => {
    const holes = [...region.holes];
    const without: Piece['without'] = [];
    for (const { place, userId, applicationId, entitlementId } of cuts) {
      const about = entitlementId ? `e:${entitlementId}` : applicationId ? `a:${applicationId}` : undefined;
      if (!userId && !about) holes.push(place);
      // What is kept from one application does not touch acts that are about none.
      else if (access !== undefined || !about)
        without.push({
          part: partOf(access === undefined ? undefined : (about ?? '*'), userId ?? undefined),
          place,
        });
    }
    return (region.users ?? [undefined]).map((user) => ({
      part: { ...partOf(access, user), reports },
      place: region.place,
      holes,
      without,
    }));
  });
}

const partOf = (access: string | undefined, user: string | undefined): Part => ({
  ...(access === undefined ? {} : { access }),
  ...(user === undefined ? {} : { user }),
  reports: [],
});

/** The access that a chain lets hand out, as the fewest names for it. */
function atomsOf(chain: Chain, applicationOf: ApplicationOf): string[] {
  const met = chain
    .map(({ entitlements }) => atomsIn(entitlements))
    .reduce((some, others) => [
      ...new Set(
        some.flatMap((one) =>
          others.flatMap((other) =>
            accessWithin(one, other, applicationOf)
              ? [one]
              : accessWithin(other, one, applicationOf)
                ? [other]
                : [],
          ),
        ),
      ),
    ]);
  return met
    .filter((one) => !met.some((other) => other !== one && accessWithin(one, other, applicationOf)))
    .sort();
}

const atomsIn = (limit: EntitlementLimit): string[] =>
  limit.all
    ? ['*']
    : [...limit.applications.map((id) => `a:${id}`), ...limit.entitlements.map((id) => `e:${id}`)];
