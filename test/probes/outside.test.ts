import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OperationName, operationNames, operations } from '../../src/server/operations.gen.ts';
import { acts } from './acts.ts';
import { type Actor, type ActorName, actorNames, inside, places, type Things } from './landscape.ts';
import { type Slot, slotsOf, withAt } from './slots.ts';
import { openStage, type Stage } from './stage.ts';
import { comparable, leaks, ownWrites, strayWrites } from './verdict.ts';

let stage: Stage;
const counts = { probes: 0, outside: 0 };
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => {
  console.log(`${counts.probes} probes, ${counts.outside} reached outside`);
  await stage.close();
});

type Aim = { label: string; id: string; outside: boolean };

/** The things of one kind that an id can point at: at each place, the actor's own, and a visitor's. */
function aimsOf(actor: Actor, kind: keyof Things): Aim[] {
  const { things, visitor, world, atlas } = stage;
  const aims = places.map((place): Aim => {
    const id = things[place][kind];
    const { path } = world.organizations[place];
    const own = kind === 'organizationId' && place === actor.home;
    const person = atlas.personOf.get(id);
    const theirs = !actor.people || (person !== undefined && actor.people.includes(person));
    return { label: place, id, outside: !own && !(inside(actor, path) && theirs) };
  });
  if (kind === 'membershipId') {
    const { path } = world.organizations.acmeSouth;
    aims.push({
      label: 'visitor',
      id: visitor.membershipId,
      outside: !inside(actor, path) || !!actor.people,
    });
    if (actor.membershipId) aims.push({ label: 'self', id: actor.membershipId, outside: false });
    if (actor.otherMembershipId)
      aims.push({ label: 'self elsewhere', id: actor.otherMembershipId, outside: false });
  }
  if (kind === 'entitlementId')
    aims.push({ label: 'ledger', id: world.entitlements.ledgerClerk, outside: !inside(actor, 'r') });
  if (kind === 'applicationId')
    aims.push({ label: 'ledger', id: world.applications.ledger, outside: !inside(actor, 'r') });
  if (kind === 'delegationId')
    aims.push({ label: 'the link above', id: world.delegations.acmeStanding, outside: false });
  return aims;
}

/** Runs one operation with one input as one actor, and says what reached outside. */
async function probe(
  actor: Actor,
  name: OperationName,
  input: unknown,
  label: string,
): Promise<{ found: string[]; shown: string }> {
  counts.probes += 1;
  const { answer, written } = await stage.play(actor, name, input);
  const { needs } = operations[name];
  const found = [
    ...strayWrites(actor, written, stage.atlas).map((what) => `${label} wrote ${what}`),
    ...leaks(actor, answer, input, stage).map((what) => `${label} showed ${what}`),
    ...(needs === 'self' || needs === 'public'
      ? []
      : ownWrites(actor, written, stage.atlas).map((what) => `${label} wrote ${what}`)),
    ...(!answer.ok && written.some(({ table }) => table !== 'attempt')
      ? [`${label} was refused and wrote ${written[0]!.table} (I57)`]
      : []),
  ];
  return { found, shown: JSON.stringify(answer) };
}

async function probeSlot(actor: Actor, name: OperationName, slot: Slot, base: unknown): Promise<string[]> {
  const found: string[] = [];
  const lists = slot.path.some((part) => typeof part === 'number') ? [false, true] : [false];
  for (const beside of lists) {
    const nobody = randomUUID();
    const absent = await stage.play(actor, name, withAt(base, slot.path, nobody, beside));
    for (const aim of aimsOf(actor, slot.of)) {
      const label = `${actor.name} ${name} ${slot.path.join('.')}${beside ? ' beside' : ''} = ${aim.label}`;
      const input = withAt(base, slot.path, aim.id, beside);
      const result = await probe(actor, name, input, label);
      found.push(...result.found);
      if (!aim.outside) continue;
      const expected = comparable(absent.answer, [nobody], stage.atlas);
      const shown = comparable(JSON.parse(result.shown), [aim.id], stage.atlas);
      if (shown !== expected)
        found.push(`${label} answers ${shown.slice(0, 300)}, an absent id ${expected.slice(0, 300)} (I08)`);
    }
  }
  return found;
}

describe('no act reaches outside', () => {
  for (const name of operationNames)
    it(name, async () => {
      const { input } = acts[name] as (typeof acts)['user.list'];
      const slots = slotsOf(operations[name]);
      const found: string[] = [];
      for (const actorName of actorNames as readonly ActorName[]) {
        const actor = stage.actors[actorName];
        const base = input(stage.things[actor.base], stage);
        found.push(...(await probe(actor, name, base, `${actorName} ${name}`)).found);
        for (const place of places)
          found.push(
            ...(
              await probe(
                actor,
                name,
                input(stage.things[place], stage),
                `${actorName} ${name} all at ${place}`,
              )
            ).found,
          );
        for (const slot of slots) found.push(...(await probeSlot(actor, name, slot, base)));
      }
      if (found.length > 0) counts.outside += 1;
      expect(found.slice(0, 40).join('\n')).toBe('');
    });
});
