import { sql } from 'kysely';
import { z } from 'zod';
import { inReach } from '../../authority/reach.ts';
import type { Context } from '../../operation/operation.ts';
import { LdapError } from '../../platform/ldap-wire.ts';
import { SealingError } from '../../platform/sealing.ts';
import { References } from '../people-import/places.ts';
import { fieldsOf } from './as-file.ts';
import { openSource } from './connect.ts';
import { membersOf } from './members.ts';
import { problemOf, RunFailure, type RunProblem, sayRunProblem } from './problems.ts';
import { readPeople } from './read-directory.ts';
import type { SourcePerson } from './reading.ts';
import { directorySource, type SourceRow } from './store.ts';

/** Longer than this nobody waits before a screen; milliseconds. */
const longest = 15_000;
const first = 10;
const mostFollowed = 100;

export const previewView = z.object({
  problem: z.string().nullable().describe('Why it could not be read; null when it could.'),
  encrypted: z.boolean(),
  people: z.int().describe('People of the first page that the directory gave.'),
  more: z.boolean().describe('There are more than were looked at.'),
  off: z.int().describe('Of those looked at, switched off there: they are not brought in.'),
  first: z.array(
    z.object({
      fields: z.record(z.string(), z.string()).describe('Field of a person → what the directory says.'),
      organizationName: z.string().nullable().describe('Where they would belong; null: nowhere here.'),
      known: z.boolean().describe('Somebody of that key is here.'),
      off: z.boolean(),
    }),
  ),
  groups: z.array(z.object({ group: z.string(), members: z.int() })),
});
type Preview = z.infer<typeof previewView>;

/**
 * Reads the first people of a directory as they would come in; nothing is written. Never throws what the directory said.
 * @param password instead of the one that is kept
 */
export async function preview(context: Context, source: SourceRow, password?: string): Promise<Preview> {
  const none = { encrypted: false, people: 0, more: false, off: 0, first: [], groups: [] };
  try {
    return await look(context, source, password);
  } catch (error) {
    const problem: RunProblem | undefined =
      error instanceof RunFailure
        ? error.problem
        : error instanceof LdapError
          ? problemOf(error)
          : error instanceof SealingError
            ? { code: 'sealed' }
            : undefined;
    if (!problem) throw error;
    return { ...none, problem: sayRunProblem(problem) };
  }
}

async function look(
  { db, config, reach }: Context,
  source: SourceRow,
  password: string | undefined,
): Promise<Preview> {
  const settings = directorySource(source);
  const directory = await openSource(config, source, AbortSignal.timeout(longest), password);
  try {
    const reading = readPeople(directory, settings);
    const page = await reading.next();
    const people = page.done ? [] : page.value;
    const next = page.done ? page : await reading.next();
    if (people.length === 0) throw new RunFailure('nobody');
    if (next.done && !next.value.whole) throw new RunFailure('cut', { read: people.length });
    const groups: Preview['groups'] = [];
    // Of a few it is looked up whether they are groups themselves: somebody waits.
    const here = new Set(people.map(({ dn }) => dn));
    const asPeople = async (names: readonly string[]): Promise<ReadonlySet<string>> =>
      new Set(names.filter((name, n) => here.has(name) || n >= mostFollowed));
    for (const group of new Set(source.gives.map((one) => one.group)))
      groups.push({ group, members: (await membersOf(directory, settings, group, asPeople)).length });
    const shown = people.slice(0, first);
    const names = await placesOf(db, source, shown, reach('organization.read'));
    const keys = await keysHere(db, source, shown, reach('user.read'));
    return {
      problem: null,
      encrypted: directory.encrypted,
      people: people.length,
      more: !next.done,
      off: people.filter(({ off }) => off).length,
      first: shown.map(({ cells, off }, n) => ({
        fields: Object.fromEntries(
          fieldsOf(settings)
            .filter((field) => field !== 'organization')
            .map((field) => [field, (cells[field] ?? '').slice(0, 200)]),
        ),
        organizationName: names[n]!,
        known: keys.has(cells.key ?? ''),
        off,
      })),
      groups,
    };
  } finally {
    directory.close();
  }
}

type Db = Context['db'];

async function placesOf(
  db: Db,
  source: SourceRow,
  people: readonly SourcePerson[],
  reach: ReturnType<Context['reach']>,
): Promise<(string | null)[]> {
  const top = { id: source.organizationId, path: source.path, timeZone: 'UTC' };
  const found = await new References(db, top, reach, reach).places(
    people.flatMap(({ cells }) => cells.organization || []),
  );
  const ids = people.map(({ cells }) => {
    if (cells.organization === undefined) return top.id;
    const place = found.get(cells.organization);
    return typeof place === 'object' ? place.id : null;
  });
  const { rows } = await sql<{ id: string; name: string }>`
    select id, name from organization where id = any (${ids.flatMap((id) => id ?? [])}::uuid[])`.execute(db);
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  return ids.map((id) => (id === null ? null : (names.get(id) ?? null)));
}

async function keysHere(
  db: Db,
  source: SourceRow,
  people: readonly SourcePerson[],
  reach: ReturnType<Context['reach']>,
): Promise<Set<string>> {
  const { rows } = await sql<{ key: string }>`
    select k.key from import_key k join membership m on m.user_id = k.id and m.state <> 'ended'
    where k.top_organization_id = ${source.organizationId} and k.kind = 'user' and ${inReach(reach, sql`m.path`, sql`m.user_id`)}
      and k.key = any (${people.map(({ cells }) => cells.key ?? '')}::text[])`.execute(db);
  return new Set(rows.map(({ key }) => key));
}
