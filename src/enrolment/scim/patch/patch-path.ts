import { findPlace, type Place, splitUrn, subOf } from '../protocol/path.ts';
import { scimError } from '../protocol/problem.ts';
import { passedOver, type ResourceType, type Schema } from '../protocol/schema.ts';
import { type Filter, parseValueFilter } from '../query/filter.ts';

/** What a `path` of PATCH points at (RFC 7644, section 3.5.2): an attribute, chosen values of it, or an extension. */
export type PatchPath =
  | { is: 'place'; place: Place; filter?: Filter }
  | { is: 'extension'; schema: Schema }
  /** an attribute of the standard that we do not keep */
  | { is: 'passed-over' };

/**
 * @throws Refusal `scim.invalid-path` for what is no path or no attribute, `scim.invalid-filter` for what stands in
 *   brackets
 */
export function parsePath(written: string, type: ResourceType): PatchPath {
  const path = written.trim();
  if (path.length > 2000) throw scimError('scim.invalid-path', 'scim.too-long', { limit: 2000 });
  const bracket = path.indexOf('[');
  const name = bracket < 0 ? path : path.slice(0, bracket);
  const place = findPlace(name, type);
  if (!place || place.attribute.returned === 'never') {
    const urn = splitUrn(name, type);
    if (urn && urn.rest === undefined && bracket < 0 && urn.schema !== type.core)
      return { is: 'extension', schema: urn.schema };
    if (isPassedOver(name, type)) return { is: 'passed-over' };
    throw scimError('scim.invalid-path', 'scim.unknown-attribute', {
      name: name.slice(0, 100).toWellFormed(),
    });
  }
  if (bracket < 0) return { is: 'place', place };
  if (place.sub || !place.attribute.multiValued) throw unreadable(path, bracket);
  const { filter, rest } = parseValueFilter(path.slice(bracket), place.attribute);
  if (rest === '') return { is: 'place', place, filter };
  const end = path.length - rest.length;
  if (!rest.startsWith('.')) throw unreadable(path, end);
  const sub = subOf(place.attribute, rest.slice(1));
  if (!sub)
    throw scimError('scim.invalid-path', 'scim.unknown-attribute', {
      name: rest.slice(1, 101).toWellFormed(),
    });
  return { is: 'place', place: { ...place, sub }, filter };
}

const unreadable = (path: string, at: number) =>
  scimError('scim.invalid-path', 'scim.unreadable', {
    at: at + 1,
    near: path.slice(at, at + 40).toWellFormed(),
  });

/** An attribute, or a part of one, that the standard has and we do not keep. */
export function isPassedOver(name: string, type: ResourceType): boolean {
  const urn = splitUrn(name, type);
  const within = urn?.schema === type.core ? (urn.rest ?? '') : name;
  const lower = within.toLowerCase();
  if (passedOver.has(lower)) return true;
  const dot = lower.lastIndexOf('.');
  return dot > lower.lastIndexOf(':') && passedOver.has(lower.slice(0, dot));
}
