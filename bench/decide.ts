import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import { decide } from '../src/authority/decide.ts';
import type { Target } from '../src/authority/delegation.ts';
import type { Facts } from '../src/authority/facts.ts';
import { loadFacts } from '../src/authority/load-facts.ts';
import type { Permission } from '../src/authority/permissions.ts';
import { ancestorsOf } from '../src/authority/place.ts';
import { credentialOf, targetOf } from './check.ts';
import { sample, seeded } from './random.ts';
import { type Result, say } from './result.ts';
import type { World } from './world.ts';

const permissions: Permission[] = [
  'user.invite',
  'user.read',
  'access.grant',
  'organization.move',
  'audit.read',
];

/**
 * The decision alone, with the facts in hand, for a manager whose chain has nine links; and the same questions put to
 * Cedar, with its policies parsed beforehand and only the entities that each question needs.
 */
export async function benchDecide(world: World): Promise<Result[]> {
  say('decide() with the facts in hand, against @cedar-policy/cedar-wasm (policies parsed beforehand)');
  const manager = world.managers.find(({ place }) => place.path.split('.').length === 8)!;
  const facts = await loadFacts(world.db, credentialOf(manager));
  const random = seeded(11);
  const places = [
    ...sample(world.organizations, 60, random),
    ...world.organizations.filter(({ path }) => path.startsWith(manager.place.path)).slice(0, 40),
  ];
  const questions = places.flatMap((place) =>
    permissions.map((permission) => ({ permission, target: targetOf(place) })),
  );
  const cedar = cedarOf(facts);
  let permits = 0;
  for (const { permission, target } of questions) {
    const ours = decide(facts, permission, target).effect === 'permit';
    if (cedar(permission, target) !== ours) throw new Error(`Cedar answers otherwise at ${target.path}.`);
    if (ours) permits += 1;
  }
  say(`  ${questions.length} answers compared: the same (${permits} permits)`);
  const microseconds = { ours: 0, cedar: 0 };
  const [many, few] = [400, 1];
  // In turn, so that whatever else the machine does hits both.
  for (let round = -3; round < 12; round += 1) {
    const ours = timed(many * questions.length, () => {
      for (let again = 0; again < many; again += 1)
        for (const { permission, target } of questions) decide(facts, permission, target);
    });
    const theirs = timed(few * questions.length, () => {
      for (const { permission, target } of questions) cedar(permission, target);
    });
    if (round < 0) continue;
    microseconds.ours += ours / 12;
    microseconds.cedar += theirs / 12;
  }
  say(`  ours ${microseconds.ours.toFixed(2)} µs, Cedar ${microseconds.cedar.toFixed(1)} µs`);
  return [
    { name: 'decide in process, chain of 9', figure: microseconds.ours, goal: 2, unit: 'µs' },
    {
      name: 'the same, as part of what Cedar takes',
      figure: (100 * microseconds.ours) / microseconds.cedar,
      goal: 1,
      unit: '% (100 times as fast is 1 %)',
    },
  ];
}

/** Microseconds of this thread's processor time each: what others do on the machine does not count. */
function timed(count: number, work: () => void): number {
  const start = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / count;
}

/** A chain as one policy: its links' permissions and places, all of which have to hold. */
function cedarOf(facts: Facts): (permission: Permission, target: Target) => boolean {
  const chain = [facts.held[0]!, ...facts.held[0]!.chain.map((id) => facts.links.get(id)!)];
  const given = permissions.filter((name) => chain.every((link) => link.permissions.includes(name)));
  const places = chain.map((link) => `resource in Organization::"${link.scope[0]!.places![0]!.path}"`);
  const policy = `permit (principal == User::"manager", action in [${given.map((name) => `Action::"${name}"`).join(', ')}], resource)
    when { ${places.join(' && ')} };`;
  const parsed = preparsePolicySet('bench', { staticPolicies: policy });
  if (parsed.type !== 'success') throw new Error(JSON.stringify(parsed));
  const entities = new Map<
    string,
    { uid: { type: string; id: string }; attrs: object; parents: { type: string; id: string }[] }[]
  >();
  return (permission, target) => {
    let known = entities.get(target.path);
    if (!known) {
      const above = ancestorsOf(target.path);
      known = above.map((path, at) => ({
        uid: { type: 'Organization', id: path },
        attrs: {},
        parents: at === 0 ? [] : [{ type: 'Organization', id: above[at - 1]! }],
      }));
      entities.set(target.path, known);
    }
    const answer = statefulIsAuthorized({
      principal: { type: 'User', id: 'manager' },
      action: { type: 'Action', id: permission },
      resource: { type: 'Organization', id: target.path },
      context: {},
      preparsedPolicySetId: 'bench',
      entities: known as never,
    });
    if (answer.type !== 'success') throw new Error(JSON.stringify(answer));
    return answer.response.decision === 'allow';
  };
}
