import { sql } from 'kysely';
import { isSelf } from '../authority/self.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import { type Span, spanOf } from './days.ts';
import { recordMembership } from './record-membership.ts';
import { refileAccess } from './refile-access.ts';
import { type MembershipRow, membershipColumns, type OrganizationRow, readable, writable } from './store.ts';
import { refusedToLengthen } from './widening.ts';

/**
 * After a change of time zone the same days mean other instants, of everybody by the same few statements: it holds the lock
 * of the organization meanwhile. Whoever has left stays gone (ruling 3).
 */
export async function refileDays(context: Context, organization: OrganizationRow): Promise<void> {
  const { db, at, target } = context;
  const { rows } = await sql<MembershipRow>`
    select ${membershipColumns} from membership m
    where m.organization_id = ${organization.id} and m.state <> 'ended' and m.ends_at > ${at}
      and (m.first_day is not null or m.last_day is not null)
    order by m.id for no key update`.execute(db);
  const spans = new Spans(organization.timeZone);
  const changes = rows.flatMap((before) => {
    const { startsAt, endsAt } = spans.of(before);
    if (+startsAt === +before.startsAt && +endsAt === +before.endsAt) return [];
    const after = { ...before, startsAt, endsAt, version: before.version + 1 };
    // The same day can last longer elsewhere: a grant like any other (ruling 4), and nobody's own to make (I02).
    const longer = endsAt > before.endsAt || startsAt < before.startsAt;
    if (longer && isSelf(context.facts, before.userId)) throw refuse('user.self');
    return [{ before, after, target }];
  });
  for (const refusal of (await refusedToLengthen(context, changes)).values()) throw refusal;
  if (changes.length > 0) {
    const moved = changes.map(({ after }) => after);
    await sql`
      update membership m set starts_at = n.starts_at, ends_at = n.ends_at, version = m.version + 1
      from unnest(${moved.map(({ id }) => id)}::uuid[], ${moved.map(({ startsAt }) => instant(startsAt))}::timestamptz[],
        ${moved.map(({ endsAt }) => instant(endsAt))}::timestamptz[]) n (id, starts_at, ends_at)
      where m.id = n.id`.execute(db);
    for (const { before, after } of changes) recordMembership(context, before, after);
  }
  await refileAccess(context, organization);
}

const instant = (at: Date): string => {
  const written = writable(at);
  return typeof written === 'string' ? written : written.toISOString();
};

/** What days mean in one time zone; many people share theirs. */
class Spans {
  readonly #timeZone: string;
  readonly #known = new Map<string, { startsAt: Date; endsAt: Date }>();
  constructor(timeZone: string) {
    this.#timeZone = timeZone;
  }

  of({ firstDay, lastDay }: Pick<MembershipRow, 'firstDay' | 'lastDay'>): { startsAt: Date; endsAt: Date } {
    const key = `${firstDay} ${lastDay}`;
    const known = this.#known.get(key);
    if (known) return known;
    const span: Span = spanOf(firstDay, lastDay, this.#timeZone);
    const made = { startsAt: readable(span.startsAt), endsAt: readable(span.endsAt) };
    this.#known.set(key, made);
    return made;
  }
}
