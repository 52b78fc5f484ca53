import type { Item } from '../../api/types.ts';

/** A named set of people, as the list reads it. */
export type PeopleGroup = Item<'group.list'>;
