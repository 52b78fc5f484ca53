import { sql } from 'kysely';
import { decide } from '../authority/decide.ts';
import type { Facts } from '../authority/facts.ts';
import type { Permission } from '../authority/permissions.ts';
import { builtInNames } from '../authority/words.ts';
import type { Context } from '../operation/operation.ts';
import { wordsIn } from './words.ts';

type LinkName = {
  id: string;
  kind: 'root' | 'user' | 'organization' | 'relation' | 'client';
  delegateId: string | null;
  name: string;
  path: string | null;
  role: string | null;
  places: { name: string; path: string }[] | null;
};

/**
 * The links that permitted each act, nearest first, in words. Those outside the reader's reach are one line
 * together, "a level above": neither named nor counted (ruling 9).
 */
export async function chainsInWords(context: Context, chains: readonly string[][]): Promise<string[][]> {
  const ids = [...new Set(chains.flat())];
  const { rows } = await sql<LinkName>`
    select d.id, d.delegate_kind as kind,
      coalesce(d.delegate_user_id, d.delegate_organization_id, d.delegate_client_id) as "delegateId",
      coalesce(u.display_name, o.name, c.name, '') as name, coalesce(m.path, o.path, co.path) as path, coalesce(${builtInNames()}::jsonb ->> r.key, r.name) as role,
      (select jsonb_agg(jsonb_build_object('name', p.name, 'path', p.path) order by p.name) from organization p
        where p.path = any (d.place_paths)) as places
    from delegation d
      left join app_user u on u.id = d.delegate_user_id left join membership m on m.id = d.delegate_membership_id
      left join organization o on o.id = d.delegate_organization_id
      left join client c on c.id = d.delegate_client_id left join organization co on co.id = c.organization_id
      left join admin_role r on r.id = d.admin_role_id
    where d.id = any (${ids}::uuid[])`.execute(context.db);
  const links = new Map(rows.map((row) => [row.id, row]));
  const t = wordsIn(context.facts.actor.kind === 'user' ? context.facts.actor.language : 'en');
  return chains.map((chain) => {
    const words: string[] = [];
    let above = false;
    for (const id of chain) {
      const link = links.get(id);
      if (link && sees(context.facts, link)) words.push(inWords(link, t));
      else above = true;
    }
    return above ? [...words, t('chain.above')] : words;
  });
}

/** Their own links, their own organization's standing one, and those within reach, place and holder both. */
function sees(facts: Facts, link: LinkName): boolean {
  const { actor } = facts;
  if (actor.kind === 'operator' || actor.kind === 'system') return true;
  if (link.kind === 'root' || link.path === null) return false;
  const may = (permission: Permission, path: string) =>
    decide(facts, permission, { kind: 'delegation', id: link.id, organizationId: '', path, off: false })
      .effect === 'permit';
  const own =
    (actor.kind === 'user' &&
      link.delegateId !== null &&
      [actor.userId, actor.organizationId].includes(link.delegateId)) ||
    (actor.kind === 'client' && actor.clientId === link.delegateId);
  if (own) return true;
  return (
    may('user.read', link.path) && (link.places ?? []).every(({ path }) => may('organization.read', path))
  );
}

function inWords(link: LinkName, t: ReturnType<typeof wordsIn>): string {
  const places = (link.places ?? []).map(({ name }) => name).join(', ');
  if (link.kind === 'organization') return t('chain.standing', { name: link.name });
  if (link.kind === 'client') return t('chain.client', { name: link.name, places });
  return t('chain.manager', { role: link.role ?? t('chain.role'), places, name: link.name });
}
