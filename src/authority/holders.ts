import { type Kysely, sql } from 'kysely';
import type { DB } from '../platform/schema.gen.ts';
import { missingFrom } from './decide.ts';
import { type Chain, chainOf, type Link, type Target } from './delegation.ts';
import { instant, type LinkRow, linkColumns, toLink } from './facts.ts';
import type { Permission } from './permissions.ts';

/** Somebody who may do it now, and the chain that gives it. */
export type Holder = {
  userId: string;
  membershipId: string;
  displayName: string;
  organizationId: string;
  path: string;
  /** has a password, so can in truth sign in and do it */
  canSignIn: boolean;
  because: Chain;
};

type HeldRow = LinkRow & {
  holder: {
    displayName: string;
    userState: string;
    state: string;
    startsAt: string;
    endsAt: string;
    off: boolean;
    organizationId: string;
    path: string;
    canSignIn: boolean;
  } | null;
};

/**
 * Who may do `permission` to `target` now? Looked up when asked, never kept (I35): it routes approvals, finds a successor,
 * and says who could help. Nearest first: the deepest scope, then by name. One statement.
 */
export async function holders(db: Kysely<DB>, permission: Permission, target: Target): Promise<Holder[]> {
  const { rows } = await sql<{ at: Date; links: HeldRow[] | null }>`
    with candidates as (
      select d.id, d.chain from delegation d
      where d.kind = 'administer' and d.delegate_kind = 'user' and d.state = 'active'
        and (d.place_paths && path_ancestors(${target.path}) or d.place_paths = '{}')
    ),
    rows as (
      select ${linkColumns},
        case when exists (select 1 from candidates c where c.id = d.id) then (
          select jsonb_build_object('displayName', u.display_name, 'userState', u.state, 'state', m.state, 'startsAt', m.starts_at,
            'endsAt', m.ends_at, 'off', place_is_off(m.path), 'organizationId', m.organization_id, 'path', m.path,
            'canSignIn', exists (select 1 from credential k where k.user_id = u.id))
          from membership m join app_user u on u.id = m.user_id where m.id = d.delegate_membership_id) end as holder
      from delegation d where d.id in (select unnest(array_append(c.chain, c.id)) from candidates c)
    )
    select remit_now() as at, (select jsonb_agg(to_jsonb(rows)) from rows) as links`.execute(db);
  const { at, links: found } = rows[0]!;
  const links = new Map<string, Link>();
  const candidates: { link: Link; holder: NonNullable<HeldRow['holder']> }[] = [];
  for (const { holder, ...row } of found ?? []) {
    const link = toLink(row);
    links.set(link.id, link);
    if (holder) candidates.push({ link, holder });
  }
  const able: Holder[] = [];
  for (const { link, holder } of candidates) {
    const stands =
      holder.userState === 'active' &&
      holder.state === 'active' &&
      !holder.off &&
      at >= instant(holder.startsAt) &&
      at < instant(holder.endsAt);
    const because = chainOf(link, links);
    if (!stands || missingFrom(because, permission, target, at)) continue;
    const { displayName, organizationId, path, canSignIn } = holder;
    able.push({
      userId: link.delegateUserId!,
      membershipId: link.delegateMembershipId!,
      displayName,
      organizationId,
      path,
      canSignIn,
      because,
    });
  }
  const depth = (one: Holder): number =>
    Math.max(
      0,
      ...one.because[0]!.scope.flatMap((box) =>
        (box.places ?? []).map((place) => place.path.split('.').length),
      ),
    );
  return able.sort(
    (one, other) => depth(other) - depth(one) || one.displayName.localeCompare(other.displayName),
  );
}
