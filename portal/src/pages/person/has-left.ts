import type { Say } from '../../i18n/say.ts';
import type { Person } from './person.ts';

/** Why nothing of somebody who has left is changed any more; false while they are here. */
export const hasLeft = (t: Say, { state, user, organization }: Person): false | string =>
  state === 'left' && t('lastDay.left', { name: user.displayName, organization: organization.name });
