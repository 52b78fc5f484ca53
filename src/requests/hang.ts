import type { Approver, Step } from './policy.ts';

/**
 * What is wrong with the steps of a policy before anybody asks by it: a state that would hang. Time always ends a step
 * (`progress.ts`), so what can hang is a yes: more people asked for than there are, or an escalation that asks nobody
 * new. Pure.
 */
export type Hang = { step: number; level: number; problem: string };

/** People behind the approvers who are named: by membership or organization id, those who can decide. */
export type Named = ReadonlyMap<string, readonly string[]>;

export function hangs(steps: readonly Step[], named: Named): Hang[] {
  return steps.flatMap((step, index) => {
    const levels = [step.approvers, ...step.escalation.map(({ approvers }) => approvers)];
    return [...circles(levels, index), ...tooFew(step, levels, index, named)];
  });
}

/** Who is asked when it was due in vain has to be somebody else than before. */
function circles(levels: readonly Approver[][], step: number): Hang[] {
  const asked = new Set<string>();
  return levels.flatMap((approvers, level) => {
    const fresh = approvers.filter((one) => !asked.has(JSON.stringify(one)));
    for (const one of approvers) asked.add(JSON.stringify(one));
    return fresh.length > 0
      ? []
      : [{ step, level, problem: 'asks only those again who were asked before: name somebody else' }];
  });
}

function tooFew(step: Step, levels: readonly Approver[][], index: number, named: Named): Hang[] {
  const needed = typeof step.quorum === 'object' ? step.quorum.atLeast : 1;
  const all = levels.flat();
  const open = all.some(({ kind }) => kind !== 'people' && kind !== 'members' && kind !== 'line-manager');
  const people = new Set(
    all.flatMap((one) =>
      one.kind === 'people'
        ? one.membershipIds.flatMap((id) => named.get(id) ?? [])
        : one.kind === 'members'
          ? (named.get(one.organizationId) ?? [])
          : [],
    ),
  );
  const lines = all.some(({ kind }) => kind === 'line-manager') ? 1 : 0;
  const empty = levels.findIndex(
    (approvers) =>
      approvers.every(({ kind }) => kind === 'people' || kind === 'members') &&
      !approvers.some((one) =>
        one.kind === 'people'
          ? one.membershipIds.some((id) => (named.get(id)?.length ?? 0) > 0)
          : one.kind === 'members' && (named.get(one.organizationId)?.length ?? 0) > 0,
      ),
  );
  if (empty >= 0)
    return [
      {
        step: index,
        level: empty,
        problem: 'nobody of those named can sign in and decide: name somebody else',
      },
    ];
  if (!open && people.size + lines < needed)
    return [
      {
        step: index,
        level: levels.length - 1,
        problem: `needs ${needed} different people and names ${people.size + lines}: name more, or ask for fewer`,
      },
    ];
  return [];
}
