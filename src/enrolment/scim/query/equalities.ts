import type { JsonObject } from '../protocol/json.ts';
import type { Filter } from './filter.ts';

/**
 * What a value must hold to fit `type eq "work" and primary eq true`; undefined for anything that says less plainly
 * what it wants.
 */
export function equalities(filter: Filter): JsonObject | undefined {
  if (filter.is === 'compare' && filter.op === 'eq' && !filter.at.sub)
    return { [filter.at.attribute.name]: filter.value };
  if (filter.is !== 'and') return undefined;
  const parts = filter.of.map(equalities);
  return parts.every((part) => part !== undefined) ? Object.assign({}, ...parts) : undefined;
}
