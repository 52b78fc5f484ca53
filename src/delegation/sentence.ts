import type { Link } from '../authority/delegation.ts';
import type { Permission } from '../authority/permissions.ts';
import { lastDayOf } from './days.ts';
import type { Parts } from './view.ts';

/** "the people who report to Mara in Acme and everything below it, but not Acme South" */
function whereOf(view: Parts, mine: boolean): string {
  const listed = (places: Parts['places']): string[] =>
    places.map((place) => (place.below ? `${place.name} and everything below it` : place.name));
  const places = listed(view.places)
    .concat(view.elsewhere ? ['places elsewhere'] : [])
    .join(', ');
  const out = [...listed(view.holes), ...(view.lessElsewhere ? ['all of it'] : [])];
  const holes = out.length > 0 ? `, but not ${out.join(', ')}` : '';
  const own = view.whereRelation ? `${mine ? 'your' : 'their'} own part of ` : '';
  const around = places ? `${own}${places}${holes}` : '';
  const people = [
    ...view.reports.map(({ name, depth }) => {
      const whom = name ?? (mine ? 'you' : 'them');
      return `the people who report ${depth === 'direct' ? 'directly ' : ''}to ${whom}`;
    }),
    ...(view.people ? [view.people.map(({ name }) => name).join(', ') || 'the people named'] : []),
  ].join(' and ');
  if (!people) return around || 'the people named';
  return around ? `${people} in ${around}` : people;
}

const givesAccess: ReadonlySet<string> = new Set<Permission>([
  'access.grant',
  'request.decide',
  'user.invite',
]);

/** Read by its holder, or after it was ended: then it says what they could do, and its last day is of no matter. */
type Told = { mine: boolean; ended: boolean };

const mayOf = ({ ended }: Told): string => (ended ? 'could' : 'may');

const untilOf = ({ until }: Parts, { ended }: Told): string =>
  until && !ended ? `, until ${lastDayOf(new Date(until))}` : '';

/** Who may do what, where, with which access, until when. */
export function sentenceOf(view: Parts, told: Told, seatsTaken: number | null = null): string {
  const { mine } = told;
  const who = mine ? 'You' : view.delegate.name;
  const where = whereOf(view, mine);
  const may = mayOf(told);
  const what =
    view.delegate.kind === 'organization'
      ? `${may} hand out`
      : view.adminRole
        ? `${may} act as ${view.adminRole.name.toLowerCase()}`
        : may;
  const access = view.entitlements.all
    ? 'all access'
    : [
        ...view.entitlements.applications.map(({ name }) => name),
        ...view.entitlements.entitlements.map(({ name, applicationName }) => `${name} in ${applicationName}`),
      ].join(', ') || 'no access';
  const until = untilOf(view, told);
  const onward = view.mayPassOn > 0 ? ` and ${may} pass it on` : '';
  const there = seatsTaken === null ? '' : ` (${seatsTaken} now)`;
  const seats = view.seats ? `, for at most ${view.seats} people${there}` : '';
  if (view.delegate.kind === 'organization')
    return `${who} ${what} ${access}, for ${where}${seats}${until}${onward}.`;
  const acts = view.adminRole ? '' : ` ${view.permissionWords.slice(0, 4).join(', ')}`;
  // Which access counts only for whoever can give some.
  const handsOut = view.permissions.some((name) => givesAccess.has(name)) ? `, handing out ${access}` : '';
  return `${who} ${what}${acts} for ${where}${handsOut}${until}${onward}.`;
}

/** A deputy decides, a representative acts, for whoever named them. */
export function sentenceOfOther(kind: Link['kind'], view: Parts, told: Told, giver: string): string {
  const { mine } = told;
  const who = mine ? 'You' : view.delegate.name;
  const until = untilOf(view, told);
  const may = mayOf(told);
  if (kind !== 'approve') return `${who} ${may} act for ${giver}${until}.`;
  const onward = view.mayPassOn > 0 ? ` and ${may} name a deputy in turn` : '';
  return `${who} ${may} decide for ${giver}, about ${whereOf(view, mine)}${until}${onward}.`;
}
