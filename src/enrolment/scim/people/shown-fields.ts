import { type RawBuilder, sql } from 'kysely';
import { inReach, type Reach } from '../../../authority/reach.ts';
import type { Door } from '../connection/door.ts';

/** Which fields of a row of `people` are seen through a door (I06). */

/** Whether the value of a field is shown. */
export const isShown = ({ changing }: Door, key: RawBuilder<unknown>): RawBuilder<boolean> =>
  changing ? sql<boolean>`(${mayChange(changing)} or ${isForEverybody(key)})` : sql<boolean>`true`;

export const mayChange = (changing: Reach): RawBuilder<boolean> =>
  inReach(changing, sql`m.path`, sql`m.user_id`, sql`m.line`);

/** By its nearest definition. */
export const isForEverybody = (key: RawBuilder<unknown>): RawBuilder<boolean> => sql<boolean>`(
  select d.seen_by from attribute_definition d join organization fo on fo.id = d.organization_id
  where d.key = ${key} and fo.path = any (path_ancestors(m.path)) order by fo.path desc limit 1) = 'everybody'`;
