import type { Link } from '../authority/delegation.ts';
import type { Permission } from '../authority/permissions.ts';
import { say } from '../authority/say.ts';
import { spoken } from '../platform/language.ts';
import { spokenDay } from './days.ts';
import type { Parts } from './view.ts';

/** "the people who report to Mara in Acme and everything below it, but not Acme South" */
function whereOf(view: Parts, mine: boolean): string {
  const listed = (places: Parts['places']): string[] =>
    places.map((place) => (place.below ? say('where.below', { place: place.name }) : place.name));
  const places = listed(view.places)
    .concat(view.elsewhere ? [say('where.elsewhere')] : [])
    .join(', ');
  const holes = [...listed(view.holes), ...(view.lessElsewhere ? [say('where.allOfIt')] : [])].join(', ');
  const own =
    places && view.whereRelation ? say(mine ? 'where.own.mine' : 'where.own.theirs', { places }) : places;
  const around = own && holes ? say('where.but', { places: own, holes }) : own;
  const people = [
    ...view.reports.map(({ name, depth }) =>
      say(depth === 'direct' ? 'people.reports.direct' : 'people.reports.all', {
        whom: name ?? say(mine ? 'people.you' : 'people.them'),
      }),
    ),
    ...(view.people ? [view.people.map(({ name }) => name).join(', ') || say('people.named')] : []),
  ].join(say('and'));
  if (!people) return around || say('people.named');
  return around ? say('where.peopleIn', { people, places: around }) : people;
}

const givesAccess: ReadonlySet<string> = new Set<Permission>([
  'access.grant',
  'request.decide',
  'user.invite',
]);

/** Read by its holder, or after it was ended: then it says what they could do, and its last day is of no matter. */
type Told = { mine: boolean; ended: boolean };

/** Verbs follow their subject: you, one, or many in a relation. */
function mayOf({ delegate }: Parts, { mine, ended }: Told): string {
  const subject = mine ? 'you' : delegate.kind === 'relation' ? 'many' : 'one';
  return say(ended ? `could.${subject}` : `may.${subject}`);
}

const untilOf = ({ lastDay }: Parts, { ended }: Told): string =>
  lastDay && !ended ? say('part.until', { day: spokenDay(lastDay) }) : '';

/** Who may do what, where, with which access, until when. */
export function sentenceOf(view: Parts, told: Told, seatsTaken: number | null = null): string {
  const { mine } = told;
  const may = mayOf(view, told);
  const access = view.entitlements.all
    ? say('access.all')
    : [
        ...view.entitlements.applications.map(({ name }) => name),
        ...view.entitlements.entitlements.map(({ name, applicationName }) =>
          say('access.role', { role: name, application: applicationName }),
        ),
      ].join(', ') || say('access.none');
  const there = seatsTaken === null ? '' : say('part.there', { count: String(seatsTaken) });
  const parts = {
    who: mine ? say('you') : view.delegate.name,
    may,
    access,
    where: whereOf(view, mine),
    until: untilOf(view, told),
    onward: view.mayPassOn > 0 ? say('part.onward', { may }) : '',
    seats: view.seats ? say('part.seats', { count: String(view.seats), there }) : '',
    // Which access counts only for whoever can give some.
    handsOut: view.permissions.some((name) => givesAccess.has(name)) ? say('part.handsOut', { access }) : '',
  };
  if (view.delegate.kind === 'organization') return say('sentence.handOut', parts);
  if (!view.adminRole)
    return say('sentence.acts', { ...parts, acts: view.permissionWords.slice(0, 4).join(', ') });
  const { name } = view.adminRole;
  // German writes its nouns with a capital
  return say('sentence.role', { ...parts, role: spoken() === 'de' ? name : name.toLowerCase() });
}

/** A deputy decides, a representative acts, for whoever named them. */
export function sentenceOfOther(kind: Link['kind'], view: Parts, told: Told, giver: string): string {
  const { mine } = told;
  const may = mayOf(view, told);
  const parts = { who: mine ? say('you') : view.delegate.name, may, giver, until: untilOf(view, told) };
  if (kind !== 'approve') return say('sentence.represents', parts);
  const onward = view.mayPassOn > 0 ? say('part.deputy', { may }) : '';
  return say('sentence.decides', { ...parts, onward, where: whereOf(view, mine) });
}
