import type { Item } from '../../api/types.ts';

/** A role that gives access, as the list reads it. */
export type AccessRole = Item<'access-role.list'>;
