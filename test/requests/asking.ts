/** Asking and deciding in a test world, in few words. */
import { expect } from 'vitest';
import type { Step } from '../../src/requests/policy.ts';
import { addPerson, type Person, type PersonName, type World } from '../harness/world.ts';

export type Who = PersonName | Person;
export type Role = keyof World['entitlements'];
type StepInput = Partial<Step> & Pick<Step, 'approvers'>;

export const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });

let policies = 0;

export function asking(world: World) {
  const personOf = (who: Who): Person => (typeof who === 'string' ? world.people[who] : who);
  const member = (who: Who): string => personOf(who).membershipId;
  const decide = (who: Who, requestId: string, approve = true) =>
    world.as(who, 'request.decide', { requestId, approve });
  return {
    personOf,
    member,
    decide,
    people: (...who: Who[]): Step['approvers'] => [{ kind: 'people', membershipIds: who.map(member) }],
    /** saved at acme by its manager, or at the root by an owner */
    policy: (steps: StepInput[], by: PersonName = 'acmeManager') => {
      policies += 1;
      return world.as(by, 'approval-policy.create', {
        organizationId: world.organizations[by === 'acmeManager' ? 'acme' : 'root'].id,
        name: `Policy ${policies}`,
        applies: {},
        steps: steps.map((one) => ({ name: 'Step', due: { hours: 10 }, ...one })),
      });
    },
    ask: async (who: Who = 'northMember', role: Role = 'partsBuyer', whom?: Who): Promise<string> => {
      const input = {
        entitlementId: world.entitlements[role],
        reason: '',
        ...(whom ? { membershipId: member(whom) } : {}),
      };
      return (await world.as(who, 'request.create', input)).requestId;
    },
    /** `open`, `approved`, `refused`; or the code of the refusal */
    vote: async (who: Who, requestId: string, approve = true): Promise<string> => {
      try {
        return (await decide(who, requestId, approve)).state;
      } catch (error) {
        if ((error as Error).name !== 'Refusal') throw error;
        return (error as { code: string }).code;
      }
    },
    undo: (who: Who, requestId: string) => world.as(who, 'request.undo', { requestId }),
    newcomer: (name: string) => addPerson(world.db, name, world.organizations.acmeNorth),
    inbox: async (who: Who) =>
      (await world.as(who, 'request.list', { box: 'inbox' })).items.map(({ requestId }) => requestId),
  };
}
