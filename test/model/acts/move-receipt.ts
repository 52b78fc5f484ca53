/** What the answer of a move says became of delegations is what became of them; and what came to hang too deep is over. */
import { chainOf } from '../rules.ts';
import type { Link, World } from '../world.ts';

type Receipt = { delegations: { delegationId: string; outcome: string }[]; elsewhere: boolean };
type Stop = 'off' | 'too-deep' | undefined;

function stopIn(world: World, link: Link): Stop {
  const above = chainOf(world, link).filter(({ delegate }) => delegate.kind !== 'root');
  const runs = ({ state, startsAt, endsAt }: Link): boolean =>
    state === 'active' && startsAt <= world.now && world.now < endsAt;
  if (!above.every(runs)) return 'off';
  return above.every(({ mayPassOn }, depth) => mayPassOn >= depth) ? undefined : 'too-deep';
}

export function receiptComplaints(before: World, after: World, output: unknown): string[] {
  const { delegations, elsewhere } = output as Receipt;
  const outcomes = new Map(delegations.map(({ delegationId, outcome }) => [delegationId, outcome]));
  const complaints: string[] = [];
  for (const [id, was] of before.links) {
    if (was.kind !== 'administer' || stopIn(before, was)) continue;
    const stop = stopIn(after, after.links.get(id)!);
    if (outcomes.get(id) === 'ended' && !stop) complaints.push(`${id} was said to end, and stands`);
    if (stop && !outcomes.has(id) && !elsewhere) complaints.push(`${id} stopped, and that was not said`);
    if (stop === 'too-deep') complaints.push(`${id} hangs too deep and has not ended`);
  }
  return complaints;
}
