import type { Item, Output } from '../../api/types.ts';
import { catalogue } from '../../i18n/catalogue.ts';
import { day } from '../../i18n/dates.ts';
import { isId } from '../../routes/search.ts';

export type Offer = Item<'request.catalogue'>;
export type Whom = Output<'request.catalogue'>['whom'];

export const nameOf = (offer: Offer): string =>
  offer.applicationName
    ? catalogue.t('access.roleOf', { role: offer.name, application: offer.applicationName })
    : offer.name;

/** "Decides: your line manager, then a manager of the organization": levels, never names. */
export function whoDecides({ steps }: Pick<Offer, 'steps'>): string {
  if (steps.length === 0) return catalogue.t('ask.atOnce');
  const who = steps
    .map(({ who: kinds }) =>
      kinds.length > 0
        ? kinds.map((kind) => catalogue.t(`ask.who.${kind}`)).join(', ')
        : catalogue.t('ask.who.nobody'),
    )
    .reduce((first, next) => catalogue.t('ask.then', { first, next }));
  return catalogue.t('ask.decides', { who });
}

/** Who has it there already; undefined where the reader sees nobody. */
export function whoHas({ whoHas: they }: Offer): string | undefined {
  if (!they) return undefined;
  return they.count === 0 ? catalogue.t('ask.nobodyHas') : catalogue.t('ask.has', { count: they.count });
}

/** How long it lasts at most, whatever day is chosen. */
export function lasts({ atMostLastDay }: Offer, { lastDay }: Whom): string {
  if (lastDay) return catalogue.t('ask.lastsToLastDay', { day: day(lastDay) });
  if (atMostLastDay) return catalogue.t('ask.lastsAtMost', { day: day(atMostLastDay) });
  return catalogue.t('ask.lastsOpen');
}

/** The memberships that a link names; what is no id is left out, an address never breaks a page. */
export const idsIn = (list: string | undefined): string[] => [
  ...new Set((list ?? '').split(',').filter(isId)),
];

/** What a link asks for, as the catalogue finds it: by id, or by names. */
export function linkedInput(link: {
  access?: string | undefined;
  application?: string | undefined;
  role?: string | undefined;
}): { thingId?: string; search?: string } | undefined {
  const named = link.access ?? link.role;
  if (!named) return undefined;
  return isId(named) ? { thingId: named } : { search: named };
}

/** A link names application and role by id or by name. */
export function isMeant(
  offer: Offer,
  link: { access?: string | undefined; application?: string | undefined; role?: string | undefined },
): boolean {
  const same = (given: string, ...names: (string | undefined)[]): boolean =>
    names.some((name) => name?.toLowerCase() === given.toLowerCase());
  const named = link.access ?? link.role;
  if (!named || !same(named, offer.id, offer.name)) return false;
  return !link.application || same(link.application, offer.applicationId, offer.applicationName);
}

/** The address that fills it in for whoever follows it. */
export function linkTo(
  offer: Offer,
  { forIds, until, reason }: { forIds: readonly string[]; until: string; reason: string },
): string {
  const fields = { for: forIds.join(','), access: offer.id, until, reason: reason.trim() };
  const params = new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== ''));
  return `${location.origin}/ask?${params}`;
}
