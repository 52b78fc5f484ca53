import { type Kysely, sql } from 'kysely';
import { decide } from '../authority/decide.ts';
import type { Target } from '../authority/delegation.ts';
import { holderOf, holders, nearestFirst } from '../authority/holders.ts';
import { loadCandidates } from '../authority/load-facts.ts';
import { reach } from '../authority/reach.ts';
import { selvesOf } from '../authority/self.ts';
import { sayRunProblem } from '../enrolment/sources/problems.ts';
import { mayBeSettled } from '../enrolment/sources/proposal-list.ts';
import { sourceTarget } from '../enrolment/sources/store.ts';
import { repeatedly, troubleOf } from '../enrolment/sources/trouble.ts';
import type { Subscriber } from '../operation/subscribers.ts';
import { type Language, speakingIn } from '../platform/language.ts';
import type { DB } from '../platform/schema.gen.ts';
import { deliver } from './deliver.ts';
import { links } from './links.ts';
import type { Mailer } from './mail.ts';
import { plainLetter } from './plain-letter.ts';
import { organizationName, usersToTell } from './store.ts';

/** More people than these are not written to: everybody would leave it to the others. */
const mostReaders = 20;
/** People whose deciders are looked for; those of more of them are mostly the same. */
const mostLookedAt = 200;

/** Those who look after a directory hear once that it waits for them, or cannot be read any more. */
export const mailSources = (mailer: Mailer): Subscriber => ({
  name: 'mail-sources',
  on: ['source.held', 'source.alarmed'],
  run: async (event, { db, config: { url } }) => {
    const target = await sourceTarget(db, event.targetId!);
    const organization = await organizationName(db, event.organizationId);
    const now = target && (await troubleOf(db, target.id));
    if (!now || !organization) return;
    const held = event.type === 'source.held';
    // Agreed to, or read again, before anybody was told.
    if (held ? !now.held : now.failures < repeatedly) return;
    const able = await holders(db, 'source.configure', target);
    const ids = [...new Set(able.map(({ userId }) => userId))].slice(0, mostReaders);
    const letter = held ? 'directory-held' : 'directory-failing';
    const services = { db, mailer, subscriber: 'mail-sources' };
    await deliver(services, event, letter, await usersToTell(db, ids), async (reader) =>
      plainLetter(url, letter, reader, {
        names: { directory: now.name, organization: organization.name },
        facts: (language) =>
          held
            ? [
                { label: 'fact.people-changing', value: String(now.held!.changed ?? 0) },
                { label: 'fact.people-missing', value: String(now.held!.proposed ?? 0) },
              ]
            : [
                {
                  label: 'fact.problem',
                  value: speakingIn(language as Language, () =>
                    now.problem ? sayRunProblem(now.problem) : '',
                  ),
                },
              ],
        page: links.source(url, target.id),
        footer: 'footer.directory',
      }),
    );
  },
});

/** A reading found people gone: whoever may decide about some of them hears how many wait, if one of them is new. */
export const mailGone = (mailer: Mailer): Subscriber => ({
  name: 'mail-gone',
  on: ['source.applied'],
  when: ({ after }) => Number(after?.proposed ?? 0) > 0,
  run: async (event, { db, config: { url } }) => {
    const organization = await organizationName(db, event.organizationId);
    if (!organization) return;
    const sourceId = event.targetId!;
    const deciders = await whoSettles(db, sourceId, event.at);
    const counts = new Map<string, number>();
    for (const { userId, facts } of deciders) {
      const { open, fresh } = await openFor(db, sourceId, event.at, facts);
      if (fresh) counts.set(userId, open);
    }
    const services = { db, mailer, subscriber: 'mail-gone' };
    const readers = await usersToTell(db, [...counts.keys()]);
    await deliver(services, event, 'directory-gone', readers, async (reader) =>
      plainLetter(url, 'directory-gone', reader, {
        names: { directory: String(event.personal?.name ?? ''), organization: organization.name },
        facts: () => [{ label: 'fact.people-to-decide', value: String(counts.get(reader.id)) }],
        page: links.sources(url),
        footer: 'footer.decider',
      }),
    );
  },
});

type Decider = { userId: string; facts: Parameters<typeof reach>[0] };

/** Who may decide about somebody whom a reading found gone, nearest first. */
async function whoSettles(db: Kysely<DB>, sourceId: string, since: Date): Promise<Decider[]> {
  const { rows: gone } = await sql<Target>`
    select 'membership' as kind, m.id, m.organization_id as "organizationId", m.path, place_is_off(m.path) as off,
      m.user_id as "userId", m.line
    from proposal p join membership m on m.id = p.membership_id
    where p.source_id = ${sourceId} and p.state = 'open' and p.created_at >= ${since} order by p.id limit ${mostLookedAt}`.execute(
    db,
  );
  if (gone.length === 0) return [];
  const found = (await loadCandidates(db, gone, false)).flatMap((candidate) => {
    for (const target of gone) {
      const decision = decide(candidate.facts, 'membership.end', target);
      if (decision.effect === 'permit')
        return holderOf(candidate, decision.because).map((holder) => ({ holder, facts: candidate.facts }));
    }
    return [];
  });
  const facts = new Map(found.map((one) => [one.holder.userId, one.facts]));
  const nearest = nearestFirst(found.map(({ holder }) => holder)).map(({ userId }) => userId);
  return [...new Set(nearest)].slice(0, mostReaders).map((userId) => ({ userId, facts: facts.get(userId)! }));
}

async function openFor(
  db: Kysely<DB>,
  sourceId: string,
  since: Date,
  facts: Decider['facts'],
): Promise<{ open: number; fresh: boolean }> {
  const may = mayBeSettled(reach(facts, 'membership.end'), reach(facts, 'user.read'), selvesOf(facts));
  const { rows } = await sql<{ open: number; fresh: boolean }>`
    select count(*)::int as open, coalesce(bool_or(p.created_at >= ${since}), false) as fresh
    from proposal p join membership m on m.id = p.membership_id where p.source_id = ${sourceId} and ${may}`.execute(
    db,
  );
  return rows[0]!;
}
