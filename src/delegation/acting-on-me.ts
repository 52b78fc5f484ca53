import { sql } from 'kysely';
import { decide } from '../authority/decide.ts';
import type { Target } from '../authority/delegation.ts';
import { type Candidate, loadCandidates, loadFacts } from '../authority/load-facts.ts';
import type { Permission } from '../authority/permissions.ts';
import { ancestorsOf } from '../authority/place.ts';
import { dominates, loadPower } from '../authority/power.ts';
import { say } from '../authority/say.ts';
import { permissionWords } from '../authority/words.ts';
import type { Context } from '../operation/operation.ts';
import { accountTarget, membershipTargets } from '../operation/targets.ts';
import { levelAbove } from './view.ts';

/** What others may do to a person, in the order of a screen. */
const onMembership: Permission[] = [
  'user.read',
  'access.read',
  'delegation.read',
  'audit.read',
  'membership.update',
  'access.grant',
  'access.end',
  'request.decide',
  'membership.suspend',
  'membership.end',
  'delegation.create',
  'delegation.end',
];
const onAccount: Permission[] = ['credential.recover', 'credential.reset'];

/** Memberships that are looked at; nobody belongs to more. */
const mostMemberships = 20;

export type ActingOnMe = {
  organization: { id: string; name: string };
  people: { userId: string | null; name: string; may: string[] }[];
};

/**
 * Who may act on the reader, by organization, person and words. Whoever acted on them before, or is in their reach, is
 * named; the others are one "level above", uncounted (ruling 9).
 */
export async function whoMayActOnMe(context: Context): Promise<ActingOnMe[]> {
  const { userId } = context.user();
  const { rows: mine } = await sql<{ id: string; organizationId: string; name: string; home: boolean }>`
    select m.id, o.id as "organizationId", o.name, u.home_organization_id = o.id as home
    from membership m join organization o on o.id = m.organization_id join app_user u on u.id = m.user_id
    where m.user_id = ${userId} and m.state <> 'ended' and m.ends_at > ${context.at} order by m.created_at, m.id limit ${mostMemberships}`.execute(
    context.db,
  );
  const targets = await membershipTargets(
    context.db,
    mine.map(({ id }) => id),
  );
  const account = await accountTarget(context.db, userId);
  const power = await loadPower(context.db, userId);
  const actedBefore = await whoActedOn(context, userId);
  const answers: ActingOnMe[] = [];
  for (const { id, organizationId, name, home } of mine) {
    const target = targets.get(id)!;
    const able = new Map<string, { candidate: Candidate; may: Set<Permission> }>();
    for (const candidate of await loadCandidates(context.db, [target], true)) {
      const { actor } = candidate.facts;
      // Nobody acts on themselves by what was delegated to them.
      if (actor.kind !== 'user' || actor.userId === userId) continue;
      const may = onMembership.filter((permission) => permits(candidate, permission, target));
      if (home && account)
        for (const permission of onAccount)
          if (
            permits(candidate, permission, account) &&
            (permission !== 'credential.reset' || dominates(candidate.facts, power))
          )
            may.push(permission);
      if (may.length === 0) continue;
      const one = able.get(actor.userId) ?? { candidate, may: new Set() };
      for (const permission of may) one.may.add(permission);
      able.set(actor.userId, one);
    }
    const people = inWords(context, able, actedBefore);
    await addKeys(context, target, people);
    answers.push({ organization: { id: organizationId, name }, people });
  }
  return answers;
}

/** API keys that reach a person; few places have more. */
const mostKeys = 50;

/** Machines act on people, too: a key that did is named, as a person would be; the others are a level above. */
async function addKeys(context: Context, target: Target, people: ActingOnMe['people']): Promise<void> {
  const { userId } = context.user();
  const { rows } = await sql<{ id: string; name: string; keyHash: Buffer; acted: boolean }>`
    select distinct c.id, c.name, c.key_hash as "keyHash",
      exists (select 1 from event e where e.subject_id = ${userId} and e.actor_id = c.id and e.type <> 'attempt.denied') as acted
    from delegation d join client c on c.id = d.delegate_client_id
    where d.delegate_kind = 'client' and d.state = 'active' and c.state = 'active' and c.key_hash is not null
      and d.place_paths && ${ancestorsOf(target.path)}::text[]
    order by c.id limit ${mostKeys}`.execute(context.db);
  for (const { name, keyHash, acted } of rows) {
    const facts = await loadFacts(context.db, { kind: 'key', keyHash });
    const may = onMembership.filter((permission) => decide(facts, permission, target).effect === 'permit');
    if (may.length === 0) continue;
    const seen =
      acted || (facts.actor.kind === 'client' && decideAt(context, facts.actor).effect === 'permit');
    const above = people.find((one) => one.userId === null && one.name === levelAbove());
    if (seen) people.push({ userId: null, name: say('apiKey', { name }), may: may.map(permissionWords) });
    else if (!above) people.push({ userId: null, name: levelAbove(), may: may.map(permissionWords) });
    else above.may = [...new Set([...above.may, ...may.map(permissionWords)])];
  }
}

/** Keys are seen by those who look after them. */
const decideAt = (context: Context, { organizationId, path }: { organizationId: string; path: string }) =>
  context.decide('client.configure', { kind: 'client', id: null, organizationId, path, off: false });

const permits = ({ facts }: Candidate, permission: Permission, target: Target): boolean =>
  decide(facts, permission, target).effect === 'permit';

function inWords(
  context: Context,
  able: ReadonlyMap<string, { candidate: Candidate; may: Set<Permission> }>,
  actedBefore: ReadonlySet<string>,
): ActingOnMe['people'] {
  const people: ActingOnMe['people'] = [];
  const above = new Set<Permission>();
  for (const [userId, { candidate, may }] of able) {
    const { actor } = candidate.facts;
    if (actor.kind !== 'user') continue;
    const seen =
      actedBefore.has(userId) ||
      context.decide('user.read', {
        kind: 'user',
        id: userId,
        organizationId: actor.organizationId!,
        path: actor.path!,
        off: false,
        userId,
      }).effect === 'permit';
    if (seen) people.push({ userId, name: actor.displayName, may: wordsOf(may) });
    else for (const permission of may) above.add(permission);
  }
  people.sort((one, other) => one.name.localeCompare(other.name));
  if (above.size > 0) people.push({ userId: null, name: levelAbove(), may: wordsOf(above) });
  return people;
}

const wordsOf = (may: ReadonlySet<Permission>): string[] =>
  [...onMembership, ...onAccount].filter((permission) => may.has(permission)).map(permissionWords);

async function whoActedOn(context: Context, userId: string): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select distinct e.actor_id as id from event e
    where e.subject_id = ${userId} and e.actor_kind = 'user' and e.actor_id <> ${userId} and e.type <> 'attempt.denied'`.execute(
    context.db,
  );
  return new Set(rows.map(({ id }) => id));
}
