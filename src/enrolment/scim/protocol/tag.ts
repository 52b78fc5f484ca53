import { createHash } from 'node:crypto';
import type { JsonObject, Resource } from './json.ts';

/**
 * The version of a resource: of what it says, not of a row. It changes when anything that the client sees does, and with
 * nothing that the client does not see (I06). Nine digits, as our other tags: two versions that follow one another are
 * taken for one once in a thousand million times. Groups are written at the group, so they are no change of a person.
 */
export function versionOf({ meta: _, groups: __, ...said }: Resource): number {
  return createHash('sha256').update(JSON.stringify(said)).digest().readUInt32BE() % 1_000_000_000;
}

/** Weak: the same resource may be written in several ways (RFC 7644, section 3.14). */
export function metaOf(
  resourceType: 'User' | 'Group',
  location: string,
  { createdAt, changedAt }: { createdAt: Date; changedAt: Date },
  resource: Resource,
): JsonObject {
  return {
    resourceType,
    created: createdAt.toISOString(),
    lastModified: changedAt.toISOString(),
    location,
    version: `W/"${versionOf(resource)}"`,
  };
}
