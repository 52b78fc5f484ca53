import { sql } from 'kysely';
import type { Chain, EntitlementLimit } from '../../authority/delegation.ts';
import { excessOver, passingOnLeft } from '../../authority/within.ts';
import { describeExcess } from '../../authority/words.ts';
import { settle } from '../../delegation/rules.ts';
import {
  insertDelegations,
  limitsOf,
  loadApplicationOf,
  loadChain,
  type NewDelegation,
} from '../../delegation/store.ts';
import { withinManaging } from '../../directory/grants.ts';
import { type Context, userOf } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { managerRole, standingFor } from './ceiling.ts';
import type { Plan } from './plan.ts';
import { pair } from './stand.ts';
import { inBatches, type Placed, type Places, type Work } from './work.ts';
import type { Roles } from './write-access.ts';

/** What the tree may hand out: given the first time; later only the files' new applications are added. */
export async function writeStanding(
  context: Context,
  work: Work,
  places: Places,
  roles: Roles,
): Promise<Chain> {
  const { take, stand, ceiling, also } = work;
  const top = places.get(take.organizations[0]!.id)!;
  const at = { organizationId: top.id, path: top.path };
  if (ceiling.standing) {
    const [link] = ceiling.standing;
    if (roles.created.length === 0 || link!.entitlements.all) return ceiling.standing;
    const { rows } = await sql<{ before: Record<string, unknown>; after: Record<string, unknown> }>`
      with before as (select d.id, to_jsonb(d) - 'reason' as state from delegation d where d.id = ${link!.id} for no key update)
      update delegation d set version = d.version + 1, entitlements = jsonb_set(d.entitlements, '{applications}',
        (d.entitlements -> 'applications') || ${JSON.stringify(roles.created)}::jsonb)
      from before b where b.id = d.id returning b.state as before, to_jsonb(d) - 'reason' as after`.execute(
      context.db,
    );
    context.record({
      type: 'delegation.widened',
      targetKind: 'delegation',
      targetId: link!.id,
      ...at,
      ...rows[0]!,
      because: ceiling.because,
    });
    return (await loadChain(context.db, link!.id))!;
  }
  const limit: EntitlementLimit = {
    applications: [...new Set([...roles.all, ...also.applications])],
    entitlements: also.entitlements,
  };
  const wanted = take.managers.flatMap(({ role }) => stand.adminRoles.get(role)!.permissions);
  const made = await newLink(context, work, ceiling.because, {
    delegate: { kind: 'organization', organizationId: top.id },
    adminRoleId: managerRole,
    permissions: [...new Set(wanted)],
    place: top,
    entitlements: limit,
    mayPassOn: passingOnLeft(ceiling.because),
  });
  const [state] = await insertDelegations(context.db, [made]);
  context.record({
    type: 'delegation.created',
    targetKind: 'delegation',
    targetId: state!.id,
    ...at,
    after: state!,
    because: ceiling.because,
  });
  return (await loadChain(context.db, state!.id))!;
}

type Wanted = {
  delegate: NewDelegation['delegate'];
  adminRoleId: string;
  permissions: string[];
  place: Placed;
  entitlements: EntitlementLimit | 'same';
  mayPassOn: number;
};

async function newLink(
  context: Context,
  { ceiling }: Work,
  parent: Chain,
  wanted: Wanted,
): Promise<NewDelegation> {
  const limits = [...limitsOf(parent), ...(wanted.entitlements === 'same' ? [] : [wanted.entitlements])];
  const applicationOf = await loadApplicationOf(context.db, limits);
  const scope = [{ places: [{ ...wanted.place, below: true }] }];
  const proposal = settle(
    parent,
    { permissions: [], scope, entitlements: wanted.entitlements, mayPassOn: wanted.mayPassOn },
    context.at,
    applicationOf,
  );
  const excess = excessOver(parent, proposal, context.at, applicationOf);
  if (excess) throw refuse('delegation.outside', { missing: describeExcess(excess), piece: excess.piece });
  return {
    ...proposal,
    parent,
    giverUserId: userOf(context)?.userId ?? null,
    giverDelegationId: ceiling.because[0]!.id,
    delegate: wanted.delegate,
    adminRoleId: wanted.adminRoleId,
    permissions: wanted.permissions,
    reason: 'import',
  };
}

type Written = {
  places: Places;
  users: ReadonlyMap<string, string>;
  memberships: ReadonlyMap<string, string>;
  standing: Chain;
};

/** First managers: each hangs below the nearest ceiling at or above, so that ending that ends them too. */
export async function writeManagers(context: Context, work: Work, written: Written): Promise<void> {
  const { plan, stand, ceiling, take } = work;
  const homes = new Map(take.users.map(({ username, home }) => [username, home]));
  const made: NewDelegation[] = [];
  const settled = new Map<string, NewDelegation>();
  for (const row of plan.managers.create) {
    const place = written.places.get(row.organization)!;
    const userId = written.users.get(row.user)!;
    const membershipId =
      written.memberships.get(pair(userId, place.id)) ??
      written.memberships.get(pair(userId, written.places.get(homes.get(row.user) ?? '')?.id ?? ''));
    if (!membershipId) continue;
    const parent = standingFor(ceiling, place.path) ?? written.standing;
    const mayPassOn = row.mayPassOn ? passingOnLeft(parent) : 0;
    // Many managers hang below one ceiling with the same limits: those are settled once.
    const like = pair(parent[0]!.id, row.role, String(mayPassOn));
    const wanted: Wanted = {
      delegate: { kind: 'user', userId, membershipId },
      adminRoleId: stand.adminRoles.get(row.role)!.id,
      permissions: [],
      place,
      entitlements: 'same',
      mayPassOn,
    };
    const same = settled.get(like) ?? (await newLink(context, work, parent, wanted));
    settled.set(like, same);
    made.push({ ...same, delegate: wanted.delegate, scope: [{ places: [{ ...place, below: true }] }] });
  }
  // Whoever manages a place is in the relation "managers of" it.
  const managing = made.flatMap(({ delegate }) => (delegate.kind === 'user' ? [delegate.membershipId] : []));
  const managed = made.flatMap(({ scope }) =>
    scope.flatMap((box) => (box.places ?? []).map(({ path }) => path)),
  );
  await withinManaging(context, managing, managed, () => write());
  for (const { row, before } of plan.managers.change)
    await changeManager(context, work, written, row, before.id);

  async function write(): Promise<void> {
    await inBatches(made, async (some) => {
      const states = await insertDelegations(context.db, some);
      for (const [index, state] of states.entries()) {
        const { delegate, scope } = some[index]!;
        const place = scope[0]!.places![0]!;
        context.record({
          type: 'delegation.created',
          targetKind: 'delegation',
          targetId: state.id,
          organizationId: place.id,
          path: place.path,
          subjectId: delegate.kind === 'user' ? delegate.userId : null,
          after: state,
          because: ceiling.because,
        });
      }
    });
  }
}

async function changeManager(
  context: Context,
  { ceiling }: Work,
  { places, users }: Written,
  row: Plan['managers']['create'][number],
  id: string,
): Promise<void> {
  const chain = (await loadChain(context.db, id))!;
  if (!chain[0]!.chain.includes(ceiling.because[0]!.id)) throw refuse('delegation.not-above');
  const mayPassOn = row.mayPassOn ? passingOnLeft(chain.slice(1)) : 0;
  const { rows } = await sql<{ before: Record<string, unknown>; after: Record<string, unknown> }>`
    with before as (select d.id, to_jsonb(d) - 'reason' as state from delegation d where d.id = ${id} for no key update)
    update delegation d set version = d.version + 1, may_pass_on = ${mayPassOn}
    from before b where b.id = d.id returning b.state as before, to_jsonb(d) - 'reason' as after`.execute(
    context.db,
  );
  const place = places.get(row.organization)!;
  context.record({
    type: row.mayPassOn ? 'delegation.widened' : 'delegation.narrowed',
    targetKind: 'delegation',
    targetId: id,
    organizationId: place.id,
    path: place.path,
    subjectId: users.get(row.user) ?? null,
    ...rows[0]!,
    because: ceiling.because,
  });
}
