import type { Item } from '../../api/types.ts';

/** A rule that gives access, as the list reads it. */
export type Rule = Item<'access-rule.list'>;
