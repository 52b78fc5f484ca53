import { sql } from 'kysely';
import type { Link, Target } from '../authority/delegation.ts';
import { holders } from '../authority/holders.ts';
import { say } from '../authority/say.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';

/**
 * Whoever gives up a link takes down all that hangs below it: each place keeps somebody who can sign in and look after
 * it by another link (I38). The instance's last owner stays: below them hangs everything.
 * @throws Refusal `delegation.last-manager`
 */
export async function requireOthersBeside({ db, decide }: Context, link: Link): Promise<void> {
  const ids = link.scope.flatMap((box) => (box.places ?? []).map(({ id }) => id));
  const { rows: places } = await sql<Target & { name: string }>`
    select 'organization' as kind, o.id, o.id as "organizationId", o.path, false as off, o.name from organization o
    where o.id = any (${ids}::uuid[]) and not place_is_off(o.path) order by o.path`.execute(db);
  const owner = link.chain.length === 1;
  for (const { name, ...target } of places) {
    const able = (await holders(db, 'user.invite', target)).filter(({ canSignIn }) => canSignIn);
    if (!owner && !able.some(({ because }) => because[0]!.id === link.id)) continue;
    if (able.some(({ because }) => because.every(({ id }) => id !== link.id))) continue;
    const seen = decide('organization.read', target).effect === 'permit';
    throw refuse('delegation.last-manager', { organization: seen ? name : say('anOrganization') });
  }
}
