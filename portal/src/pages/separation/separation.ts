import type { Item } from '../../api/types.ts';

/** Roles that one person may not hold together, as the list reads them. */
export type Separation = Item<'separation.list'>;
