import { catalogue } from '../i18n/catalogue.ts';

/** What the server says of something that may not be had together with what a person has (separation of duties). */
export type WouldBreak = { name: string | null; roles: readonly string[] } | undefined;

/** In one line, for below a choice; undefined where nothing is in the way. */
export const sayWouldBreak = (broken: WouldBreak): string | undefined =>
  broken &&
  (broken.roles.length > 0
    ? catalogue.t('separation.wouldBreak', { roles: broken.roles.join(', ') })
    : catalogue.t('separation.wouldBreakUnseen'));

/** The same of something that is asked for besides. */
export const sayWouldBreakAsked = (broken: WouldBreak): string | undefined =>
  broken &&
  (broken.roles.length > 0
    ? catalogue.t('separation.wouldBreakAsked', { roles: broken.roles.join(', ') })
    : catalogue.t('separation.wouldBreakAskedUnseen'));
