import { sql } from 'kysely';
import { inReach, type Reach } from '../../../authority/reach.ts';
import { definitionsAround, definitionsAt } from '../../../directory/attribute-store.ts';
import type { Writer } from '../../../directory/attributes.ts';
import { narrowTo } from '../../../directory/rules.ts';
import { subtree } from '../../../directory/store.ts';
import type { Context } from '../../../operation/operation.ts';
import type { Config } from '../../../platform/config.ts';
import { refuse } from '../../../platform/refusals.ts';
import { type DefinedField, type ResourceType, userType } from '../protocol/schema.ts';

/**
 * An organization's SCIM address: what can be seen through it is what the caller sees of that organization and those
 * below. It gives nothing by itself: every act is decided by the caller's own delegations.
 */
export type Door = {
  organizationId: string;
  path: string;
  /** `https://…/scim/<organization>/v2` */
  address: string;
  /** who is seen through it: the caller's reach of `user.read`, and no further than the door */
  people: Reach;
  /** whose fields are all seen, since they may be changed; undefined where every field is for everybody who sees people */
  changing: Reach | undefined;
  fields: readonly DefinedField[];
  users: ResourceType;
  /** whose external ids are meant: the client's, or the person's */
  ownerId: string;
};

/** What the other side is told to call. */
export const doorAddress = ({ url }: Pick<Config, 'url'>, organizationId: string): string =>
  `${url}/scim/${organizationId}/v2`;

const isId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/** What somebody sent in the place of an id: anything else than an id is the id of nothing. */
export const readId = (text: string): string | undefined => (isId(text) ? text.toLowerCase() : undefined);

/** @throws Refusal `not-found` for an organization that is not there, or not seen */
export async function doorOf(context: Context, written: string): Promise<Door> {
  const organizationId = readId(written) ?? '00000000-0000-0000-0000-000000000000';
  const reach = context.reach('user.read');
  const { rows } = await sql<{ path: string }>`
    select o.path from organization o where o.id = ${organizationId}
      and (${inReach(reach, sql`o.path`)} or ${inReach(context.reach('organization.read'), sql`o.path`)})`.execute(
    context.db,
  );
  const [row] = rows;
  if (!row) throw refuse('not-found');
  const fields = await definitionsAt(context.db, row.path);
  return {
    organizationId,
    path: row.path,
    address: doorAddress(context.config, organizationId),
    people: narrowTo(reach, subtree({ id: organizationId, path: row.path })),
    changing: (await definitionsAround(context.db, row.path)).some(({ seenBy }) => seenBy !== 'everybody')
      ? context.reach('membership.update')
      : undefined,
    fields,
    users: userType(fields),
    ownerId: ownerOf(context),
  };
}

/** A feed fills in what is for feeds; a person who calls here does what they may do elsewhere. */
export const writerOf = ({ actor }: Context): Writer => (actor.kind === 'client' ? 'source' : 'managers');

/** The instance and its operator name nothing of their own. */
const nobody = '00000000-0000-0000-0000-000000000000';

function ownerOf({ actor }: Context): string {
  if (actor.kind === 'client') return actor.clientId;
  return actor.kind === 'user' ? actor.userId : nobody;
}
