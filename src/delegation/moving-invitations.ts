import { type Kysely, sql } from 'kysely';
import { type Link, stopOf } from '../authority/delegation.ts';
import { placeCovers } from '../authority/place.ts';
import type { DB } from '../platform/schema.gen.ts';
import { chainBy, relocated, widestRegions } from './moving.ts';
import type { Journey } from './moving-facts.ts';
import { loadChains } from './store.ts';

/**
 * How many open invitations stop working: they rest on the link that they were sent under, and that one does not reach
 * the new place, or ends. Whoever looks after it there sends them again.
 */
export async function invitationsLost(
  db: Kysely<DB>,
  { paths, to }: Journey,
  after: ReadonlyMap<string, Link>,
  at: Date,
): Promise<number> {
  const { rows } = await sql<{ path: string; under: string; count: number }>`
    select i.path, i.invited_under as under, count(*)::int as count from invitation i
    where i.path = any (${paths}::text[]) and i.state = 'open' and i.expires_at > remit_now() and i.invited_under is not null
    group by i.path, i.invited_under`.execute(db);
  if (rows.length === 0) return 0;
  const before = await loadChains(db, [...new Set(rows.map(({ under }) => under))]);
  let lost = 0;
  for (const { path, under, count } of rows) {
    const chain = before.get(under);
    // What was dead before does not die by the move.
    if (!chain || stopOf(chain, at)) continue;
    const links = new Map(chain.map((link) => [link.id, after.get(link.id) ?? relocated(link, to)]));
    for (const [id, link] of after) if (!links.has(id)) links.set(id, link);
    const then = chainBy(links, links.get(under)!);
    const place = to.path(path);
    const reaches = widestRegions(then).some(
      (region) => placeCovers(region.place, place) && !region.holes.some((hole) => placeCovers(hole, place)),
    );
    if (!reaches || stopOf(then, at)) lost += count;
  }
  return lost;
}
