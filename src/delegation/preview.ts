import { z } from 'zod';
import type { Area, Shift } from '../authority/difference.ts';
import type { Holding } from '../authority/holds.ts';
import type { Difference, Later } from '../authority/measure.ts';
import { partKey, permissionOf } from '../authority/pieces.ts';
import { permissionWords } from '../authority/words.ts';
import { type Context, userOf } from '../operation/operation.ts';
import {
  loadPreviewNames,
  type PreviewNames,
  partWords,
  type Someone,
  type Whereabouts,
} from './preview-names.ts';
import { laterSentence, powerSentence, sentenceOf } from './preview-words.ts';

const person = z.object({
  kind: z.enum(['user', 'client']),
  membershipId: z.string().nullable(),
  userId: z.string().nullable(),
  clientId: z.string().nullable(),
  name: z.string(),
  organizationName: z.string(),
});
const place = z.object({ id: z.string(), name: z.string(), below: z.boolean() });

const powerShift = z.object({
  who: z.array(person).describe('The first of them, by name.'),
  people: z.number().int().describe('How many in all.'),
  permissions: z.array(z.string()),
  permissionWords: z.array(z.string()),
  access: z
    .array(z.string())
    .describe('Which access these acts are about, in words; none: the acts as such.'),
  places: z.array(place),
  except: z.array(place),
  elsewhere: z.boolean().describe('In places, too, that the reader does not see.'),
  over: z.string().describe('Over whom, in words; empty for everybody there.'),
  but: z.array(z.string()).describe('What of it stays as it is, in words.'),
  sentence: z.string(),
});

const accessShift = z.object({
  membershipId: z.string(),
  userId: z.string(),
  name: z.string(),
  organizationId: z.string(),
  organizationName: z.string(),
  applicationName: z.string(),
  entitlementId: z.string(),
  entitlementName: z.string(),
});

const side = z.object({ powers: z.array(powerShift), access: z.array(accessShift) });
const count = z.object({ people: z.number().int(), powers: z.number().int(), access: z.number().int() });

export const changePreview = z
  .object({
    operation: z.string(),
    sentence: z.string(),
    gains: side,
    loses: side,
    stays: z
      .object({ access: z.array(accessShift) })
      .describe('What somebody loses at one place and has again at another, where it is named.'),
    counts: z.object({ gains: count, loses: count, stays: count }),
    outside: z
      .boolean()
      .describe('Effects reach outside what the reader sees; they are neither named nor counted.'),
    later: z
      .array(
        z.object({
          person,
          fromBefore: z.string().nullable(),
          fromAfter: z.string().nullable(),
          untilBefore: z.string().nullable(),
          untilAfter: z.string().nullable(),
          sentence: z.string(),
        }),
      )
      .describe('Nothing comes or goes now, but a date or how far it may be passed on changes.'),
    token: z.string().describe('Send it with the change as the header If-Preview.'),
  })
  .meta({ id: 'ChangePreview' });

export type ChangePreview = z.infer<typeof changePreview>;
export type PowerShift = z.infer<typeof powerShift>;

/** A difference as this reader may see it: by name within their reach, and beyond it only that there is more (ruling 9). */
export async function viewDifference(
  context: Context,
  operation: string,
  { difference, token }: { difference: Difference; token: string },
  most: number,
): Promise<ChangePreview> {
  const names = await loadPreviewNames(context.db, difference);
  const sight = new PreviewSight(context, names);
  const { gained, lost, again } = givenAgain(difference, names, sight);
  const gains = sideOf(difference, 'gains', gained, names, sight, most);
  const loses = sideOf(difference, 'loses', lost, names, sight, most);
  const stays = sideOf(difference, undefined, again, names, sight, most);
  const later = difference.later.flatMap((one) => laterView(one, names, sight));
  return {
    operation,
    sentence: sentenceOf(gains.count.people, loses.count.people, later.length, sight.outside),
    gains: gains.side,
    loses: loses.side,
    stays: { access: stays.side.access },
    counts: { gains: gains.count, loses: loses.count, stays: stays.count },
    outside: sight.outside,
    later: later.slice(0, most),
    token,
  };
}

/**
 * Whoever moves loses by their old place what the new one gives: they keep it. Told so only where the reader sees both;
 * otherwise the loss is a loss, and the rest lies outside.
 */
function givenAgain(
  { gained, lost }: Difference,
  names: PreviewNames,
  sight: PreviewSight,
): { gained: Holding[]; lost: Holding[]; again: Holding[] } {
  const keyOf = ({ userId, entitlementId }: Holding): string => `${userId} ${entitlementId}`;
  const seen = (one: Holding): boolean => sight.seesAccess(names.holders.get(`m:${one.membershipId}`));
  const gone = new Set(lost.filter(seen).map(keyOf));
  const again = gained.filter((one) => gone.has(keyOf(one)) && seen(one));
  const kept = new Set(again.map(keyOf));
  return {
    gained: gained.filter((one) => !kept.has(keyOf(one))),
    lost: lost.filter((one) => !kept.has(keyOf(one))),
    again,
  };
}

/** What the reader may know; remembers when something was kept back. */
class PreviewSight {
  outside = false;
  readonly #context: Context;
  readonly #names: PreviewNames;
  readonly #known = new Map<string, boolean>();
  constructor(context: Context, names: PreviewNames) {
    this.#context = context;
    this.#names = names;
  }

  #may(
    permission: 'user.read' | 'delegation.read' | 'access.read' | 'organization.read',
    path: string,
    who?: Pick<Someone, 'membershipId' | 'userId' | 'line'>,
  ): boolean {
    const key = `${permission} ${path} ${who?.membershipId ?? ''} ${who?.userId ?? ''}`;
    let may = this.#known.get(key);
    if (may === undefined) {
      may =
        this.#context.decide(permission, {
          kind: 'place',
          id: null,
          organizationId: '',
          path,
          off: false,
          userId: who?.userId ?? undefined,
          line: who?.line,
        }).effect === 'permit';
      this.#known.set(key, may);
    }
    return may;
  }

  isReader(who: Someone): boolean {
    const user = userOf(this.#context);
    return user !== undefined && who.userId === user.userId;
  }

  /** Somebody with a link; everybody knows of their own. */
  sees(who: Someone | undefined): who is Someone {
    const seen =
      who !== undefined &&
      (this.isReader(who) ||
        this.#may(who.kind === 'user' ? 'user.read' : 'organization.read', who.path, who));
    if (!seen) this.outside = true;
    return seen;
  }

  seesAccess(who: Someone | undefined): who is Someone {
    const seen = who !== undefined && (this.isReader(who) || this.#may('access.read', who.path, who));
    if (!seen) this.outside = true;
    return seen;
  }

  /** The areas of somebody's power that the reader may know of. */
  areas(who: Someone, areas: readonly Area[]): Area[] {
    const seen = areas.filter(
      ({ path }) =>
        this.#names.places.has(path) && (this.isReader(who) || this.#may('delegation.read', path)),
    );
    if (seen.length < areas.length) this.outside = true;
    return seen;
  }

  place(path: string): boolean {
    return this.#may('organization.read', path);
  }

  /** Somebody whom the boundary of `who` names: they know of it themselves, others only within reach. */
  knows(who: Someone): (userId: string, places: readonly Whereabouts[]) => boolean {
    return (userId, places) => {
      const seen =
        this.isReader(who) ||
        places.some(({ path, line }) => this.#may('user.read', path, { membershipId: null, userId, line }));
      if (!seen) this.outside = true;
      return seen;
    };
  }
}

type Group = Omit<PowerShift, 'who' | 'people' | 'sentence'> & { who: Map<string, Someone> };

function sideOf(
  difference: Difference,
  /** undefined: access alone */
  direction: 'gains' | 'loses' | undefined,
  holdings: readonly Holding[],
  names: PreviewNames,
  sight: PreviewSight,
  most: number,
) {
  const groups = new Map<string, Group>();
  // Thousands of people gain or lose the same: it is put into words once.
  const alike = new Map<string, { group: Omit<Group, 'who'>; key: string }[]>();
  const numbers = new Numbers();
  for (const [holder, acts] of difference.powers) {
    const shifts = direction
      ? [...acts].flatMap(([key, found]) => found[direction].map((shift) => ({ key, shift })))
      : [];
    if (shifts.length === 0) continue;
    const who = names.holders.get(holder);
    if (!sight.sees(who)) continue;
    const same = sight.isReader(who) ? `reader ${numbers.of(shifts)}` : numbers.of(shifts);
    let found = alike.get(same);
    if (!found) {
      found = groupsOf(who, shifts, names, sight).map((group) => ({ group, key: JSON.stringify(group) }));
      alike.set(same, found);
    }
    for (const { group, key } of found) {
      const known = groups.get(key) ?? { ...group, who: new Map() };
      known.who.set(holder, who);
      groups.set(key, known);
    }
  }
  const powers = [...groups.values()].sort((one, other) => other.who.size - one.who.size);
  const access = holdings
    .flatMap((holding) => {
      const who = names.holders.get(`m:${holding.membershipId}`);
      return sight.seesAccess(who) ? [{ holding, who }] : [];
    })
    .sort((one, other) => byName(one.who, other.who));
  const people = new Set([
    ...powers.flatMap(({ who }) => [...who.values()].map((one) => one.userId ?? one.clientId)),
    ...access.map(({ who }) => who.userId),
  ]);
  return {
    side: {
      powers: powers.slice(0, 100).map((group) => groupView(group, most)),
      access: access.slice(0, most).map(({ holding, who }) => ({
        membershipId: holding.membershipId,
        userId: holding.userId,
        name: who.name,
        organizationId: who.organizationId,
        organizationName: who.organizationName,
        applicationName: holding.applicationName,
        entitlementId: holding.entitlementId,
        entitlementName: holding.entitlementName,
      })),
    },
    count: {
      people: people.size,
      powers: powers.reduce((sum, { who }) => sum + who.size, 0),
      access: access.length,
    },
  };
}

const byName = (one: Someone, other: Someone): number =>
  one.name.localeCompare(other.name) || one.organizationName.localeCompare(other.organizationName);

/** The same shifts are the same objects: see `Comparison`. */
class Numbers {
  readonly #known = new Map<Shift, number>();
  of(shifts: readonly { key: string; shift: Shift }[]): string {
    return shifts
      .map(({ key, shift }) => {
        const known = this.#known.get(shift) ?? this.#known.size;
        this.#known.set(shift, known);
        return `${key} ${known}`;
      })
      .join();
  }
}

/** One person's shifts, those of the same places and people together; acts about the same access together. */
function groupsOf(
  who: Someone,
  shifts: readonly { key: string; shift: Shift }[],
  names: PreviewNames,
  sight: PreviewSight,
): Omit<Group, 'who'>[] {
  const knows = sight.knows(who);
  const where = new Map<string, { shift: Shift; areas: Area[]; acts: Map<string, Set<string>> }>();
  for (const { key, shift } of shifts) {
    const areas = sight.areas(who, shift.areas);
    if (areas.length === 0) continue;
    const { access, ...over } = shift.part;
    const text = JSON.stringify([partKey(over), areas, shift.but.map(partKey)]);
    const known = where.get(text) ?? { shift, areas, acts: new Map() };
    const permission = permissionOf(key);
    const atoms = known.acts.get(permission) ?? new Set();
    if (access !== undefined) atoms.add(partWords(shift.part, names, knows).access);
    known.acts.set(permission, atoms);
    where.set(text, known);
  }
  return [...where.values()].flatMap(({ shift, areas, acts }) => {
    const alike = new Map<string, { permissions: string[]; access: string[] }>();
    for (const [permission, atoms] of acts) {
      const access = [...atoms].sort();
      const known = alike.get(access.join('|')) ?? { permissions: [], access };
      known.permissions.push(permission);
      alike.set(access.join('|'), known);
    }
    const holes = areas.flatMap((area) => area.holes).filter(({ path }) => names.places.has(path));
    const seen = areas.filter(({ path }) => sight.place(path));
    const view = ({ path, below }: { path: string; below: boolean }) => ({
      ...names.places.get(path)!,
      below,
    });
    return [...alike.values()].map(({ permissions, access }) => ({
      permissions,
      permissionWords: permissions.map(permissionWords),
      access,
      places: seen.map(view),
      except: holes.filter(({ path }) => sight.place(path)).map(view),
      elsewhere: seen.length < areas.length,
      over: partWords(shift.part, names, knows).over,
      but: shift.but.map((part) =>
        Object.values(partWords(part, names, knows))
          .filter(Boolean)
          .join(' for '),
      ),
    }));
  });
}

function groupView({ who, ...group }: Group, most: number): PowerShift {
  const people = [...who.values()].sort(byName);
  const shift = { ...group, who: people.slice(0, most).map(personView), people: people.length };
  return { ...shift, sentence: powerSentence(shift) };
}

const personView = ({ kind, membershipId, userId, clientId, name, organizationName }: Someone) => ({
  kind,
  membershipId,
  userId,
  clientId,
  name,
  organizationName,
});

/** The zone of the place that a link names; of none when the change makes the place. */
const zoneOf = (period: Later['before'], names: PreviewNames): string =>
  names.places.get(period?.place ?? '')?.timeZone ?? 'UTC';

function laterView({ holder, before, after }: Later, names: PreviewNames, sight: PreviewSight) {
  const who = names.holders.get(holder);
  if (!sight.sees(who)) return [];
  return [
    {
      person: personView(who),
      fromBefore: before?.from ?? null,
      fromAfter: after?.from ?? null,
      untilBefore: before?.until ?? null,
      untilAfter: after?.until ?? null,
      sentence: laterSentence(who.name, { before, after }, zoneOf(before ?? after, names)),
    },
  ];
}
