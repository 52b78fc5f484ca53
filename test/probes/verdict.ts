import { type Atlas, inside } from './atlas.ts';
import { type Actor, type Landscape, places } from './landscape.ts';
import type { Written } from './rehearsal.ts';
import type { Outcome } from './stage.ts';

/** Where a row stands, and the person it is about. */
type Standing = { paths: (string | undefined)[]; person?: string | null | undefined };
type Row = Record<string, unknown>;

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/**
 * Where each table's rows stand. A table that is missing fails the probes: whoever adds one says where its rows
 * belong, or that they belong to nobody.
 */
const standings: Record<
  string,
  'machinery' | ((row: Row, pathOf: (id: unknown) => string | undefined) => Standing)
> = {
  organization: (row) => ({ paths: [text(row.path)] }),
  former_place: (row, pathOf) => ({ paths: [pathOf(row.organization_id)] }),
  app_user: (row, pathOf) => ({ paths: [pathOf(row.home_organization_id)], person: text(row.id) }),
  membership: (row) => ({ paths: [text(row.path)], person: text(row.user_id) }),
  // A deputy's link has no boundary of its own: it gives what its giver may decide, is theirs, and stands where they are.
  delegation: (row, pathOf) =>
    row.kind === 'approve'
      ? { paths: [pathOf(row.giver_membership_id)], person: text(row.giver_user_id) }
      : { paths: row.place_paths as string[], person: text(row.delegate_user_id) },
  receipt: (row, pathOf) => ({ paths: (row.roots as string[]).map(pathOf) }),
  attribute_definition: (row, pathOf) => ({ paths: [pathOf(row.organization_id)] }),
  admin_role: (row, pathOf) => ({ paths: [pathOf(row.organization_id)] }),
  exception: (row) => ({ paths: [text(row.path)], person: text(row.user_id) }),
  separation: (row, pathOf) => ({ paths: [pathOf(row.organization_id)] }),
  separation_part: (row, pathOf) => ({ paths: [pathOf(row.separation_id)] }),
  separation_exception: (row, pathOf) => ({ paths: [pathOf(row.membership_id)], person: text(row.user_id) }),
  scim_user: (row, pathOf) => ({ paths: [pathOf(row.membership_id)], person: text(row.membership_id) }),
  scim_identity: (row, pathOf) => ({ paths: [pathOf(row.membership_id)], person: text(row.membership_id) }),
  scim_external: (row, pathOf) => ({ paths: [pathOf(row.resource_id)] }),
  people_group: (row, pathOf) => ({ paths: [pathOf(row.organization_id)] }),
  group_member: (row, pathOf) => ({
    paths: [pathOf(row.group_id), pathOf(row.membership_id)],
    person: text(row.membership_id),
  }),
  access_rule: (row, pathOf) => ({ paths: [pathOf(row.organization_id)] }),
  client: (row, pathOf) => ({ paths: [pathOf(row.organization_id)] }),
  client_former_key: (row, pathOf) => ({ paths: [pathOf(row.client_id)] }),
  scim_refusal: (row, pathOf) => ({ paths: [pathOf(row.client_id)] }),
  application: (row, pathOf) => ({ paths: [pathOf(row.organization_id)] }),
  entitlement: (row, pathOf) => ({ paths: [pathOf(row.application_id)] }),
  access_role: (row, pathOf) => ({ paths: [pathOf(row.organization_id)] }),
  access_role_entitlement: (row, pathOf) => ({ paths: [pathOf(row.access_role_id)] }),
  assignment: (row, pathOf) => ({
    paths: [pathOf(row.membership_id ?? row.organization_id)],
    person: text(row.membership_id),
  }),
  invitation: (row) => ({ paths: [text(row.path)] }),
  request: (row) => ({ paths: [text(row.path)], person: text(row.requester_id) }),
  request_decision: (row, pathOf) => ({ paths: [pathOf(row.request_id)], person: text(row.user_id) }),
  request_comment: (row, pathOf) => ({ paths: [pathOf(row.request_id)], person: text(row.user_id) }),
  target: (row, pathOf) => ({ paths: [pathOf(row.organization_id)] }),
  target_role: (row, pathOf) => ({ paths: [pathOf(row.target_id)] }),
  account: (row, pathOf) => ({ paths: [pathOf(row.target_id)], person: text(row.user_id) }),
  hand_task: (row, pathOf) => ({ paths: [pathOf(row.target_id)], person: text(row.account_id) }),
  hand_account: (row, pathOf) => ({ paths: [pathOf(row.target_id)], person: text(row.account_id) }),
  reconcile_run: (row, pathOf) => ({ paths: [pathOf(row.target_id)] }),
  difference: (row, pathOf) => ({ paths: [pathOf(row.target_id)], person: text(row.account_id) }),
  mark: () => ({ paths: [] }),
  webhook: (row, pathOf) => ({ paths: [pathOf(row.organization_id)] }),
  webhook_delivery: (row, pathOf) => ({ paths: [pathOf(row.webhook_id)] }),
  request_attachment: (row, pathOf) => ({ paths: [pathOf(row.request_id)], person: text(row.added_by) }),
  approval_policy: (row, pathOf) => ({ paths: [pathOf(row.organization_id)] }),
  registration_page: (row, pathOf) => ({ paths: [pathOf(row.organization_id)] }),
  registration: (row, pathOf) => ({ paths: [pathOf(row.organization_id)] }),
  succession: (row, pathOf) => ({
    paths: [pathOf(row.leaver_membership_id)],
    person: text(row.leaver_membership_id),
  }),
  last_day_notice: (row, pathOf) => ({ paths: [pathOf(row.organization_id)] }),
  calendar: (row, pathOf) => ({ paths: [pathOf(row.organization_id)] }),
  people_import: (row, pathOf) => ({ paths: [pathOf(row.organization_id)] }),
  people_import_part: (row, pathOf) => ({ paths: [pathOf(row.import_id)] }),
  source: (row, pathOf) => ({ paths: [pathOf(row.organization_id)] }),
  source_run: (row, pathOf) => ({ paths: [pathOf(row.source_id)] }),
  proposal: (row, pathOf) => ({ paths: [pathOf(row.membership_id)], person: text(row.membership_id) }),
  import_mapping: (row, pathOf) => ({ paths: [pathOf(row.organization_id)] }),
  import_run: (row) => ({ paths: [text(row.path)] }),
  import_key: (row, pathOf) => ({ paths: [pathOf(row.top_organization_id)] }),
  credential: (row, pathOf) => ({ paths: [pathOf(row.user_id)], person: text(row.user_id) }),
  session: (row, pathOf) => ({
    paths: [pathOf(row.membership_id ?? row.user_id)],
    person: text(row.user_id),
  }),
  sign_on: (row, pathOf) => ({ paths: [pathOf(row.membership_id)], person: text(row.user_id) }),
  one_time_secret: (row, pathOf) => ({ paths: [pathOf(row.subject_id)], person: text(row.subject_id) }),
  event: (row) => ({
    paths: row.path === null ? [] : [text(row.path)],
    person: text(row.type === 'deputy.named' ? row.actor_id : row.subject_id),
  }),
  // Counts and stamps of what changed, by place; nobody reads them but this process.
  people_anchor: 'machinery',
  people_delta: 'machinery',
  people_total: 'machinery',
  nearby: 'machinery',
  stamp: 'machinery',
  notice: 'machinery',
  notice_preference: (row, pathOf) => ({ paths: [pathOf(row.user_id)], person: text(row.user_id) }),
  attempt: 'machinery',
  audit_read: 'machinery',
  idempotency: 'machinery',
  provider_key: 'machinery',
  provider_record: 'machinery',
};

/** Rows written outside the actor's boundary that are not its own (I05). */
export function strayWrites(actor: Actor, written: readonly Written[], atlas: Atlas): string[] {
  const stray: string[] = [];
  const made = new Map<string, string>();
  const people = new Map<string, string>();
  const pathOf = (id: unknown): string | undefined =>
    made.get(id as string) ?? atlas.pathOf.get(id as string);
  for (const { table, was, now } of written) {
    const standing = standings[table];
    if (!standing) throw new Error(`say in verdict.ts where rows of ${table} stand`);
    if (standing === 'machinery') continue;
    for (const row of [was, now]) {
      if (!row) continue;
      const { paths, person } = standing(row, pathOf);
      if (!was && typeof row.id === 'string' && paths[0] !== undefined) made.set(row.id, paths[0]);
      if (!was && table === 'membership') people.set(row.id as string, row.user_id as string);
      const who = person ? (people.get(person) ?? atlas.personOf.get(person) ?? person) : undefined;
      if (who !== undefined && who === actor.userId) continue;
      // An attempt of nobody's, about nobody: it stands nowhere.
      if (paths.length === 0 && who === undefined) continue;
      const here = paths.every((path) => path !== undefined && inside(actor, path));
      const theirs = !actor.people || (who !== undefined && actor.people.includes(who));
      if (!here || !theirs) stray.push(`${table} ${row.id ?? ''} at ${paths.join(', ')}`);
    }
  }
  return stray;
}

/** Rows about the actor itself, written by an administrative act: those never target their actor (I02). */
export function ownWrites(actor: Actor, written: readonly Written[], atlas: Atlas): string[] {
  return written.flatMap(({ table, was, now }) => {
    const standing = standings[table];
    if (!standing || standing === 'machinery' || table === 'event') return [];
    const { person } = standing((now ?? was)!, (id) => atlas.pathOf.get(id as string));
    const who = person ? (atlas.personOf.get(person) ?? person) : undefined;
    return who !== undefined && who === actor.userId ? [`${table} of its own`] : [];
  });
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const canary = /canary-([a-z0-9]+)-[a-z-]+/g;

/** Ids and names in an answer that stand outside the actor's boundary, and that the actor did not send (I06). */
export function leaks(
  actor: Actor,
  answer: Outcome['answer'],
  sent: unknown,
  { atlas, world }: Pick<Landscape, 'world'> & { atlas: Atlas },
  allowed: readonly string[] = [],
): string[] {
  const shown = JSON.stringify(answer).toLowerCase();
  const known = JSON.stringify(sent ?? null).toLowerCase();
  const found = new Set<string>();
  const common = new Set([
    // Registered at the top for partners to hand out: known to all of them.
    world.applications.parts,
    world.applications.notes,
    world.entitlements.partsBuyer,
    world.entitlements.partsViewer,
    world.entitlements.notesAuthor,
    world.entitlements.notesReader,
  ]);
  const ownPlaces = [actor.home, ...(actor.otherHome ? [actor.otherHome] : [])];
  for (const [id] of shown.matchAll(uuid)) {
    const path = atlas.pathOf.get(id);
    if (path === undefined || common.has(id) || known.includes(id)) continue;
    const person = atlas.personOf.get(id);
    if (person !== undefined && person === actor.userId) continue;
    if (ownPlaces.some((own) => world.organizations[own].id === id)) continue;
    const theirs = !actor.people || (person !== undefined && actor.people.includes(person));
    const seen = [path, ...(atlas.seenAt.get(id) ?? [])].some((one) => inside(actor, one));
    if (!(seen && theirs) && !allowed.includes(id)) found.add(`${id} at ${path}`);
  }
  for (const [name, place] of shown.matchAll(canary)) {
    const of = places.find((one) => one.toLowerCase() === place);
    if (!of || known.includes(name) || allowed.includes(name)) continue;
    if (ownPlaces.includes(of) && name.endsWith('-organization')) continue;
    if (!inside(actor, world.organizations[of].path) && !name.endsWith(`-${actor.name.toLowerCase()}`))
      found.add(name);
  }
  return [...found];
}

/** An answer with the id that was asked for, and ids that the act itself made, taken out. */
export function comparable(answer: Outcome['answer'], asked: readonly string[], atlas: Atlas): string {
  let shown = JSON.stringify(answer);
  for (const id of asked) shown = shown.replaceAll(id, '<asked>');
  // Each preview has a token of its own (I06).
  shown = shown.replaceAll(/"token":"[^"]*"/g, '"token":"<made>"');
  // So has whatever a feed makes: its version says its id, too.
  shown = shown.replaceAll(/W\/\\"\d+\\"/g, '<version>');
  shown = shown.replaceAll(/"(created|lastModified)":"[^"]*"/g, '"$1":"<instant>"');
  return shown.replaceAll(uuid, (id) => (atlas.pathOf.has(id) ? id : '<made>'));
}
