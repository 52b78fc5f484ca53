import { isAtOrBelow } from '../authority/place.ts';

/**
 * The rows that authority rests on, as the event log keeps them: what a fold from empty gives back (I53), and what a
 * look into the past takes back. Pure.
 */
export type RowKind = keyof typeof tables;
export type PastRow = Record<string, unknown> & { id: string };
/** Rows by kind and id. */
export type PastRows = Map<RowKind, Map<string, PastRow>>;

/** What of an event the fold reads. */
export type PastEvent = {
  position: number;
  targetKind: string;
  targetId: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
};

type Table = { table: string; columns: readonly string[]; times?: readonly string[] };

/**
 * By the kind of an event's target: the table, and those of its columns that decide about anything. The first one stands in
 * every event that tells of a row's making.
 */
export const tables = {
  organization: { table: 'organization', columns: ['path', 'parent_id', 'state'] },
  user: { table: 'app_user', columns: ['home_organization_id', 'state'] },
  membership: {
    table: 'membership',
    columns: ['user_id', 'organization_id', 'path', 'line_manager_id', 'starts_at', 'ends_at', 'state'],
    times: ['starts_at', 'ends_at'],
  },
  delegation: {
    table: 'delegation',
    columns: [
      'kind',
      'parent_id',
      'chain',
      'giver_user_id',
      'giver_delegation_id',
      'giver_membership_id',
      'delegate_kind',
      'delegate_user_id',
      'delegate_membership_id',
      'delegate_organization_id',
      'delegate_client_id',
      'relation',
      'relation_path',
      'represented_user_id',
      'represented_organization_id',
      'admin_role_id',
      'permissions',
      'scope',
      'place_paths',
      'entitlements',
      'starts_at',
      'ends_at',
      'may_pass_on',
      'seats',
      'state',
      'ended_at',
      'version',
    ],
    times: ['starts_at', 'ends_at', 'ended_at'],
  },
  'admin-role': { table: 'admin_role', columns: ['organization_id', 'permissions'] },
  exception: {
    table: 'exception',
    columns: [
      'organization_id',
      'path',
      'below',
      'permissions',
      'application_id',
      'entitlement_id',
      'user_id',
      'set_under',
      'starts_at',
      'ends_at',
      'state',
    ],
    times: ['starts_at', 'ends_at'],
  },
  guardian: {
    table: 'guardian',
    columns: ['membership_id', 'organization_id', 'starts_at', 'ends_at', 'state'],
    times: ['starts_at', 'ends_at'],
  },
  assignment: {
    table: 'assignment',
    columns: [
      'membership_id',
      'organization_id',
      'entitlement_id',
      'access_role_id',
      'starts_at',
      'ends_at',
      'why',
      'given_by',
      'given_under',
      'state',
    ],
    times: ['starts_at', 'ends_at'],
  },
  'access-rule': {
    table: 'access_rule',
    columns: [
      'organization_id',
      'in_organization_id',
      'below',
      'title',
      'attributes',
      'any_of',
      'relation',
      'group_id',
      'except_ids',
      'entitlement_id',
      'access_role_id',
      'starts_at',
      'ends_at',
      'given_by',
      'state',
    ],
    times: ['starts_at', 'ends_at'],
  },
  group: { table: 'people_group', columns: ['organization_id', 'state'] },
  application: { table: 'application', columns: ['organization_id', 'state'] },
  entitlement: { table: 'entitlement', columns: ['application_id', 'state'] },
  // `entitlement_ids` is no column: what the bundle holds stands in a table of its own.
  'access-role': { table: 'access_role', columns: ['organization_id', 'state', 'entitlement_ids'] },
  client: {
    table: 'client',
    columns: ['organization_id', 'starts_at', 'ends_at', 'state'],
    times: ['starts_at', 'ends_at'],
  },
} as const satisfies Record<string, Table>;

export const rowKinds = Object.keys(tables) as RowKind[];
const isRowKind = (kind: string): kind is RowKind => Object.hasOwn(tables, kind);

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** An instant as PostgreSQL, JSON or JavaScript wrote it, in one way: the outermost dates are the infinities. */
function instantIn(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (value === 'infinity' || value === '-infinity') return value;
  const time = new Date(value as string).getTime();
  if (Math.abs(time) >= 8.64e15) return time > 0 ? 'infinity' : '-infinity';
  return new Date(time).toISOString();
}

/** The columns that a state names, whether it was written as a row or as the fields of an operation. */
export function columnsIn(kind: RowKind, state: Record<string, unknown>): Record<string, unknown> {
  const { columns, times = [] }: Table = tables[kind];
  const found: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(state)) {
    const column = snake(field);
    if (!columns.includes(column)) continue;
    found[column] = times.includes(column)
      ? instantIn(value)
      : column === 'entitlement_ids'
        ? [...(value as string[])].sort()
        : structuredClone(value);
  }
  return found;
}

const rowsOf = (rows: PastRows, kind: RowKind): Map<string, PastRow> => {
  const known = rows.get(kind);
  if (known) return known;
  const made = new Map<string, PastRow>();
  rows.set(kind, made);
  return made;
};

/** Does this event tell of its row's making? It has no before, and its after is the row, not a word about it. */
const isMaking = (kind: RowKind, { before, after, targetId }: PastEvent): boolean =>
  !before && after?.id === targetId && tables[kind].columns[0] in columnsIn(kind, after);

/** The world one event later. */
export function applyEvent(rows: PastRows, event: PastEvent): void {
  const { targetKind: kind, targetId: id, before, after } = event;
  if (!isRowKind(kind) || !id || !after) return;
  const of = rowsOf(rows, kind);
  const was = of.get(id);
  if (!was && !isMaking(kind, event)) return;
  const now = columnsIn(kind, after);
  const from = was?.path;
  of.set(id, { ...was, ...now, id });
  if (kind === 'organization' && was && typeof now.path === 'string' && now.path !== from)
    movePaths(rows, from as string, now.path);
  if (kind === 'application') keepRoles(rows, id, before, after);
}

/** The world as it was before one event; rows that are not at hand are left alone. */
export function takeBack(rows: PastRows, event: PastEvent): void {
  const { targetKind: kind, targetId: id, before, after } = event;
  if (!isRowKind(kind) || !id) return;
  const move = moveOf(event);
  if (move) movePaths(rows, move.to, move.from);
  const of = rowsOf(rows, kind);
  const now = of.get(id);
  if (now && isMaking(kind, event)) of.delete(id);
  else if (now && before) of.set(id, { ...now, ...columnsIn(kind, before), id });
  if (kind === 'application') keepRoles(rows, id, after, before);
}

/** An application's event lists its roles: those that came or went with it are rows of their own. */
function keepRoles(
  rows: PastRows,
  applicationId: string,
  from: Record<string, unknown> | null,
  to: Record<string, unknown> | null,
): void {
  const of = rowsOf(rows, 'entitlement');
  type Role = { entitlementId: string; state: string };
  const left = (to?.roles ?? (to ? from?.roles : [])) as Role[] | undefined;
  for (const { entitlementId } of (from?.roles ?? []) as Role[])
    if (!left?.some((role) => role.entitlementId === entitlementId)) of.delete(entitlementId);
  for (const { entitlementId, state } of left ?? [])
    of.set(entitlementId, { id: entitlementId, application_id: applicationId, state });
}

/** From where to where an organization went with everything below it, if that is what happened. */
export function moveOf({ targetKind, before, after }: PastEvent): { from: string; to: string } | undefined {
  const [from, to] = [before?.path, after?.path];
  if (targetKind !== 'organization' || typeof from !== 'string' || typeof to !== 'string') return undefined;
  return from === to ? undefined : { from, to };
}

/** Where something stands after an organization went from one path to another. */
export const movedPath = (path: string, from: string, to: string): string =>
  isAtOrBelow(path, from) ? `${to}${path.slice(from.length)}` : path;

/** Paths are copies: whatever stands below goes along. */
function movePaths(rows: PastRows, from: string, to: string): void {
  for (const of of rows.values())
    for (const [id, row] of of) {
      const moved = { ...row };
      for (const column of ['path', 'relation_path'])
        if (typeof row[column] === 'string') moved[column] = movedPath(row[column], from, to);
      if (Array.isArray(row.place_paths))
        moved.place_paths = row.place_paths.map((path: string) => movedPath(path, from, to));
      if (Array.isArray(row.scope)) moved.scope = row.scope.map((box) => moveBox(box, from, to));
      of.set(id, moved);
    }
}

type AnyBox = { places?: { path: string }[]; holes?: { path: string }[] };

function moveBox(box: AnyBox, from: string, to: string): AnyBox {
  const move = <T extends { path: string }>(place: T): T => ({
    ...place,
    path: movedPath(place.path, from, to),
  });
  return {
    ...box,
    ...(box.places ? { places: box.places.map(move) } : {}),
    ...(box.holes ? { holes: box.holes.map(move) } : {}),
  };
}

/** Ancestors are a copy, too: they follow from the parents, whatever the events said of them. */
export function chainFrom(links: ReadonlyMap<string, PastRow>, id: string): string[] {
  const chain: string[] = [];
  for (let above = links.get(id)?.parent_id; typeof above === 'string' && !chain.includes(above); ) {
    chain.push(above);
    above = links.get(above)?.parent_id;
  }
  return chain;
}

/** Folds the log, oldest first, into the rows that stand after it. */
export function foldEvents(events: Iterable<PastEvent>): PastRows {
  const rows: PastRows = new Map();
  for (const event of events) applyEvent(rows, event);
  const links = rowsOf(rows, 'delegation');
  for (const [id, link] of links) link.chain = chainFrom(links, id);
  return rows;
}
