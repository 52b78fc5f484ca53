import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Target } from '../../../authority/delegation.ts';
import { isAtOrBelow } from '../../../authority/place.ts';
import { groupTarget } from '../../../directory/groups.ts';
import { membershipTarget, organizationTarget } from '../../../operation/targets.ts';
import type { DB } from '../../../platform/schema.gen.ts';
import { membershipsNamed } from '../people/identity.ts';
import type { Json } from '../protocol/json.ts';
import { readId } from './door.ts';

/** Fields that the operations of SCIM take. What is no id names nothing: 404, as for an id that nobody has. */
const anyId = z.string().max(200);
export const organizationId = anyId.describe('The organization whose people are meant, with those below it.');
export const membershipId = anyId.describe('`id` of the user.');
export const body = z.record(z.string(), z.unknown()).describe('As RFC 7643 and RFC 7644 have it.');

export const groupId = anyId.describe('`id` of the group.');
export const filterField = z.string().max(8192).optional().describe('None is taken here.');

const list = z.union([z.string().max(8000), z.array(z.string().max(2000)).max(200)]);
const number = z.union([z.number(), z.string().max(20)]).optional();

export const selectionInput = {
  attributes: list.optional().describe('Only these, with those that are always there.'),
  excludedAttributes: list.optional().describe('All but these.'),
};

export const questionInput = {
  filter: z.string().max(8192).optional().describe('Such as `userName eq "jan@partner.example"`.'),
  sortBy: z.string().max(300).optional(),
  sortOrder: z.string().max(20).optional().describe('`ascending` or `descending`.'),
  startIndex: number.describe('From 1 on.'),
  count: number.describe('At most 500; 100 when absent.'),
  cursor: z.string().max(4000).optional().describe('Empty for the first page, then `nextCursor` (RFC 9865).'),
  ...selectionInput,
};

/** Whatever was declared of a resource; its schemas are at `/Schemas`. */
export const resource = z.record(z.string(), z.unknown());

export const asJson = (value: Record<string, unknown>): Json => value as Json;

/** The organization of the address itself. */
export const doorTarget = async (
  db: Kysely<DB>,
  input: { organizationId: string },
): Promise<Target | undefined> => {
  const id = readId(input.organizationId);
  return id ? organizationTarget(db, id) : undefined;
};

/** Somebody of the organization of the address, or of one below it: through another's, they do not exist. */
export async function userTarget(
  db: Kysely<DB>,
  input: { organizationId: string; membershipId: string },
): Promise<Target | undefined> {
  const id = readId(input.membershipId);
  const door = id && (await doorTarget(db, input));
  const membershipId = door && (await membershipsNamed(db, door.organizationId, [id])).get(id);
  const target = membershipId && (await membershipTarget(db, membershipId));
  return target && isAtOrBelow(target.path, door.path) ? target : undefined;
}

/** A group of the organization of the address, or of one below it. */
export async function groupTargetAt(
  db: Kysely<DB>,
  input: { organizationId: string; groupId: string },
): Promise<Target | undefined> {
  const id = readId(input.groupId);
  const door = id && (await doorTarget(db, input));
  const target = door && (await groupTarget(db, id));
  return target && isAtOrBelow(target.path, door.path) ? target : undefined;
}
