import type { Item } from '../../api/types.ts';

/** A named set of what a manager may do, as the list reads it. */
export type AdminRole = Item<'admin-role.list'>;
