import { z } from 'zod';
import { decide } from '../authority/decide.ts';
import type { Facts } from '../authority/facts.ts';
import type { Permission } from '../authority/permissions.ts';
import { type AttributeDefinition, type Attributes, shownAttributes } from '../directory/attributes.ts';
import { definitionsOver } from '../directory/people-fields.ts';
import type { Context } from '../operation/operation.ts';
import { chainsInWords } from './chain-words.ts';
import { redacted } from './redact.ts';
import { sentenceOf } from './sentence.ts';
import { loadNames, type Names, type TrailRow } from './store.ts';
import { unseenIds } from './unseen.ts';
import { hasSentence, wordsIn } from './words.ts';

const someone = z.object({ id: z.string().nullable(), name: z.string() });
const state = z.record(z.string(), z.unknown()).nullable();

/** One change, for this reader: what lies outside their reach today is "somebody a level above" (ruling 9). */
export const eventView = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    type: z.string(),
    sentence: z.string().describe('What happened, in words.'),
    operation: z.string(),
    actor: someone.extend({ kind: z.enum(['user', 'client', 'anonymous', 'system', 'operator']) }),
    onBehalfOf: someone.nullable(),
    subject: someone.nullable().describe('The person it is about.'),
    organization: someone.nullable(),
    target: z.object({ kind: z.string(), id: z.string().nullable() }),
    delegations: z
      .array(z.string())
      .describe('The delegations that permitted it, nearest first; those above the reader are one line.'),
    before: state,
    after: state,
    personal: state.describe(
      'Names, addresses and words as they were then; absent outside the reader’s reach.',
    ),
    requestId: z.string().nullable(),
  })
  .meta({ id: 'Event' });

export type EventView = z.infer<typeof eventView>;

/** Events for a reader. `own`: the reader's own trail, in which whoever acted on them is named to them. */
export async function viewEvents(
  context: Context,
  rows: readonly TrailRow[],
  { own = false }: { own?: boolean } = {},
): Promise<EventView[]> {
  const names = await loadNames(context.db, {
    users: rows.flatMap((row) => [
      row.actorKind === 'user' ? row.actorId : null,
      row.subjectId,
      row.onBehalfOf,
    ]),
    clients: rows.map((row) => (row.actorKind === 'client' ? row.actorId : null)),
    organizations: rows.map((row) => row.organizationId),
    entitlements: rows.map((row) => idIn(row, 'entitlement')),
    accessRoles: rows.map((row) => idIn(row, 'access-role')),
    applications: rows.map((row) => idIn(row, 'application')),
  });
  const chains = await chainsInWords(
    context,
    rows.map(({ delegations }) => delegations),
  );
  const unseen = await unseenIds(
    context,
    rows.flatMap(({ before, after }) => [before, after]),
  );
  const fields = await definitionsOver(context.db, [
    ...new Set(rows.flatMap(({ path, personal }) => (path !== null && hasFields(personal) ? [path] : []))),
  ]);
  return rows.map((row, index) =>
    viewOf(row, new Reader(context.facts, names, own, fields), chains[index]!, unseen),
  );
}

function viewOf(
  row: TrailRow,
  reader: Reader,
  delegations: string[],
  unseen: ReadonlySet<string>,
): EventView {
  const { facts } = reader;
  const t = wordsIn(facts.actor.kind === 'user' ? facts.actor.language : 'en');
  const actor = reader.actor(row, t);
  const subject = reader.subject(row);
  const organization = reader.organization(row);
  const personal = reader.mayKnowPersonal(row) ? reader.seenOf(row) : null;
  const hidden = { id: null, name: t('who.hidden') };
  const forWhom = row.onBehalfOf ? (reader.forWhom(row) ?? hidden) : null;
  // What the event says openly of itself is no secret in its state.
  const told = [row.targetId, actor.id, subject?.id, organization?.id];
  const isUnseen = (id: string): boolean => unseen.has(id) && !told.includes(id);
  return {
    id: row.id,
    at: row.at.toISOString(),
    type: row.type,
    sentence: sentenceOf(
      row,
      {
        actor: actor.name,
        forWhom: forWhom?.name,
        person: subject?.name ?? textIn(personal, 'displayName'),
        organization: organization?.name,
        thing: reader.thing(row),
        email: textIn(personal, 'email'),
      },
      t,
      hasSentence,
    ),
    operation: row.operation,
    actor: { kind: row.actorKind, ...actor },
    onBehalfOf: forWhom,
    subject: row.subjectId ? (subject ?? hidden) : null,
    organization: organization ?? null,
    target: { kind: row.targetKind, id: row.targetId },
    delegations,
    before: redacted(row.before, isUnseen),
    after: redacted(row.after, isUnseen),
    personal,
    requestId: reader.isSelf(row.actorId) ? row.requestId : null,
  };
}

type Named = { id: string | null; name: string };

/** What one reader may know of the people and places in an event. */
class Reader {
  readonly facts: Facts;
  readonly names: Names;
  readonly own: boolean;
  /** fields that are defined where something stands in them, by path */
  readonly fields: ReadonlyMap<string, AttributeDefinition[]>;
  constructor(facts: Facts, names: Names, own: boolean, fields: ReadonlyMap<string, AttributeDefinition[]>) {
    this.facts = facts;
    this.names = names;
    this.own = own;
    this.fields = fields;
  }

  isSelf(id: string | null): boolean {
    const { actor } = this.facts;
    return (
      id !== null &&
      ((actor.kind === 'user' && actor.userId === id) || (actor.kind === 'client' && actor.clientId === id))
    );
  }

  private may(permission: Permission, path: string, userId?: string): boolean {
    if (this.facts.actor.kind === 'operator' || this.facts.actor.kind === 'system') return true;
    const target = { kind: 'event', id: null, organizationId: '', path, off: false, userId };
    return decide(this.facts, permission, target).effect === 'permit';
  }

  /** Somebody in a place, or at home, that the reader reaches. */
  person(userId: string, path: string | null): Named | undefined {
    const found = this.names.users.get(userId);
    if (!found) return undefined;
    const seen =
      this.isSelf(userId) ||
      [path, found.path].some((at) => at !== null && this.may('user.read', at, userId));
    return seen ? { id: userId, name: found.name } : undefined;
  }

  actor(row: TrailRow, t: ReturnType<typeof wordsIn>): Named {
    const { actorKind, actorId } = row;
    if (actorKind === 'client') {
      const found = this.names.clients.get(actorId!);
      const seen = found && (this.isSelf(actorId) || this.may('user.read', found.path));
      return seen
        ? { id: actorId, name: t('who.client', { name: found.name }) }
        : { id: null, name: t('who.above') };
    }
    if (actorKind !== 'user') return { id: null, name: t(`who.${actorKind}`) };
    const found = this.names.users.get(actorId!);
    // Whoever acted on me is named to me.
    if (found && this.own && this.isSelf(row.subjectId)) return { id: actorId, name: found.name };
    return this.person(actorId!, row.actorPath) ?? { id: null, name: t('who.above') };
  }

  /** Whoever decided about me is named to me, and so is for whom. */
  forWhom({ onBehalfOf, subjectId }: TrailRow): Named | undefined {
    const found = this.names.users.get(onBehalfOf!);
    if (found && this.own && this.isSelf(subjectId)) return { id: onBehalfOf, name: found.name };
    // Not by where it was done: whoever acts for somebody does so in places whose people do not see that one (ruling 9).
    return this.person(onBehalfOf!, null);
  }

  subject(row: TrailRow): Named | undefined {
    return row.subjectId ? this.person(row.subjectId, row.path) : undefined;
  }

  organization(row: TrailRow): Named | undefined {
    const found = row.organizationId ? this.names.organizations.get(row.organizationId) : undefined;
    if (!found) return undefined;
    const seen = (this.own && this.isSelf(row.subjectId)) || this.may('organization.read', found.path);
    return seen ? { id: row.organizationId, name: found.name } : undefined;
  }

  /** What was given or asked for: whoever sees that it was given in a place may know what it is. */
  thing(row: TrailRow) {
    const entitlement = this.names.entitlements.get(idIn(row, 'entitlement') ?? '');
    if (entitlement) return { kind: 'entitlement' as const, ...entitlement };
    const accessRole = this.names.accessRoles.get(idIn(row, 'access-role') ?? '');
    if (accessRole) return { kind: 'access-role' as const, ...accessRole };
    const application = this.names.applications.get(idIn(row, 'application') ?? '');
    return application && { kind: 'application' as const, ...application };
  }

  /** From where somebody signed in is theirs to know; other names and addresses, for those who see people there. */
  mayKnowPersonal(row: TrailRow): boolean {
    if (this.isSelf(row.subjectId)) return true;
    if (row.targetKind === 'session' || row.path === null) return false;
    return this.may('user.read', row.path, row.subjectId ?? undefined);
  }

  /** What stands in somebody's fields is seen in the trail as at the person: by whom the field is for (I06). */
  seenOf({ personal, path, subjectId }: TrailRow): Personal {
    if (!hasFields(personal)) return personal;
    const mayChange = path !== null && this.may('membership.update', path, subjectId ?? undefined);
    const reader = this.isSelf(subjectId) ? 'self' : mayChange ? 'managers' : 'others';
    const definitions = this.fields.get(path ?? '') ?? [];
    const seen = <T>(part: T): T =>
      isState(part) && isState(part.attributes)
        ? { ...part, attributes: shownAttributes(definitions, part.attributes as Attributes, reader) }
        : part;
    const { before, after, ...rest } = personal as Record<string, unknown>;
    return {
      ...seen(rest),
      ...(before === undefined ? {} : { before: seen(before) }),
      ...(after === undefined ? {} : { after: seen(after) }),
    };
  }
}

type Personal = TrailRow['personal'];

const isState = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What of an event may hold what stands in somebody's fields: as it is, and before and after. */
const hasFields = (personal: Personal): boolean =>
  isState(personal) &&
  [personal, personal.before, personal.after].some((part) => isState(part) && isState(part.attributes));

/** Id of the application, entitlement or access role that an event is about. */
function idIn(row: TrailRow, kind: 'entitlement' | 'access-role' | 'application'): string | null {
  if (row.targetKind === kind) return row.targetId;
  const state = row.after ?? row.before;
  const field = { entitlement: 'entitlementId', 'access-role': 'accessRoleId', application: 'applicationId' }[
    kind
  ];
  const id = state?.[field];
  return typeof id === 'string' ? id : null;
}

function textIn(personal: Record<string, unknown> | null, field: string): string | undefined {
  const text = personal?.[field];
  return typeof text === 'string' && text !== '' ? text : undefined;
}
