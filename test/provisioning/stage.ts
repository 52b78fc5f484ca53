/** A world with a system connected to it that fails on command, and one who sends. */
import { sql } from 'kysely';
import type { Call } from '../../src/operation/pipeline.ts';
import { newId } from '../../src/platform/ids.ts';
import type { Connector } from '../../src/provisioning/connectors/connector.ts';
import { keptConnections, type Sending } from '../../src/provisioning/sending/kept-connections.ts';
import { waitingMarks, workMark } from '../../src/provisioning/sending/marker.ts';
import { mark, markTargets } from '../../src/provisioning/sending/marks.ts';
import { sendDue } from '../../src/provisioning/sending/sending.ts';
import { sealedSettings } from '../../src/provisioning/store.ts';
import type { Mapping } from '../../src/provisioning/wanted/mapping.ts';
import { type FailingTarget, startFailingTarget, testConnector } from '../connectors/failing-target.ts';
import {
  makeWorld,
  type OrganizationName,
  type Person,
  type PersonName,
  type World,
} from '../harness/world.ts';

export const testMapping: Mapping = [
  { to: 'name', pieces: [{ field: 'displayName' }] },
  { to: 'mail', pieces: [{ field: 'email' }] },
  { to: 'title', pieces: [{ field: 'title' }] },
];

export type Account = {
  id: string;
  userId: string;
  stands: string;
  wanted: string;
  externalId: string | null;
  generation: number;
  doneGeneration: number;
  lease: number;
  leasedUntil: Date | null;
  attempts: number;
  dueAt: Date | null;
  deadAt: Date | null;
  lastProblem: string | null;
  takes: boolean;
  cleared: boolean;
  roles: string[];
};

export type Stage = {
  world: World;
  remote: FailingTarget;
  sending: Sending;
  /** Connects the failing system to an organization, on; roles as entitlement and name there. */
  connect: (more?: {
    at?: OrganizationName;
    roles?: [keyof World['entitlements'], string | null][];
    policy?: object;
    limits?: object;
    brake?: object;
    state?: string;
    remote?: FailingTarget;
    mapping?: Mapping;
  }) => Promise<string>;
  /** Turns all marks into accounts. */
  markAll: () => Promise<void>;
  /** Marks, and sends what is due. */
  settleAll: (targetId: string) => Promise<void>;
  give: (person: PersonName | Person, entitlement?: keyof World['entitlements']) => Promise<string>;
  take: (assignmentId: string) => Promise<void>;
  account: (targetId: string, person: PersonName | Person) => Promise<Account | undefined>;
  as: (...args: Parameters<World['as']>) => Promise<unknown>;
  close: () => Promise<void>;
};

export const connectorsOf =
  (test: Connector = testConnector) =>
  (name: string): Connector | undefined =>
    name === 'test' ? test : undefined;

export async function makeStage(connector: Connector = testConnector): Promise<Stage> {
  const remote = await startFailingTarget();
  const world = await makeWorld([markTargets]);
  const others: FailingTarget[] = [];
  const ports = [remote.port];
  world.services.config = {
    ...world.services.config,
    egress: { networks: ['127.0.0.1'], httpHosts: ['127.0.0.1'], ports },
  };
  const connections = keptConnections(world.services);
  const sending: Sending = {
    ...world.services,
    connectors: connectorsOf(connector),
    egressOf: connections.egressOf,
  };
  const markAll = async (): Promise<void> => {
    for (const id of await waitingMarks(world.db, -1)) await workMark(world.db, sending.connectors, id);
  };
  const whoOf = (person: PersonName | Person): Person =>
    typeof person === 'string' ? world.people[person] : person;
  return {
    world,
    remote,
    sending,
    async connect({
      at = 'acme',
      roles = [['partsViewer', 'viewers']],
      policy = {},
      limits = {},
      brake = {},
      state = 'active',
      remote: other,
      mapping = testMapping,
    } = {}) {
      if (other) {
        others.push(other);
        ports.push(other.port);
      }
      const id = newId();
      // Only power users connect systems.
      const { owner } = world.people;
      const settings = { url: (other ?? remote).url };
      await sql`insert into target (id, organization_id, name, connector, settings, sealed, mapping, policy, limits, brake, state, saved_by, saved_in, saved_under)
        values (${id}, ${world.organizations[at].id}, ${`target ${id}`}, 'test', ${JSON.stringify(settings)}::jsonb,
          ${sealedSettings(world.services.config, id, { token: 'canary-token' })}, ${JSON.stringify(mapping)}::jsonb,
          ${JSON.stringify(policy)}::jsonb, ${JSON.stringify(limits)}::jsonb, ${JSON.stringify(brake)}::jsonb, ${state},
          ${owner.userId}, ${owner.membershipId}, ${world.delegations.owner})`.execute(world.db);
      for (const [entitlement, name] of roles)
        await sql`insert into target_role (id, target_id, entitlement_id, name)
          values (${newId()}, ${id}, ${world.entitlements[entitlement as keyof World['entitlements']]}, ${name})`.execute(
          world.db,
        );
      await mark(world.db, { targetId: id, everybody: true });
      return id;
    },
    markAll,
    async settleAll(targetId) {
      await markAll();
      await sendDue(sending, targetId);
    },
    async give(person: PersonName | Person, entitlement: keyof World['entitlements'] = 'partsViewer') {
      const { membershipId } = whoOf(person);
      const id = newId();
      // Access just given begins 10 s later; here it is given since for ever.
      await sql`insert into assignment (id, membership_id, entitlement_id, why) values (${id}, ${membershipId}, ${world.entitlements[entitlement]}, 'direct')`.execute(
        world.db,
      );
      await mark(world.db, { assignments: [id] });
      return id;
    },
    async take(assignmentId) {
      await sql`update assignment set state = 'ended', ended_at = remit_now() where id = ${assignmentId}`.execute(
        world.db,
      );
      await mark(world.db, { assignments: [assignmentId] });
    },
    async account(targetId, person) {
      const { rows } = await sql<Account>`
        select id, user_id as "userId", stands, wanted, external_id as "externalId", generation, done_generation as "doneGeneration",
          lease, leased_until as "leasedUntil", attempts, due_at as "dueAt", dead_at as "deadAt", last_problem as "lastProblem",
          takes, cleared, roles from account where target_id = ${targetId} and user_id = ${whoOf(person).userId}`.execute(
        world.db,
      );
      return rows[0];
    },
    as: (person, name, input, options?: Partial<Call>) => world.as(person, name, input as never, options),
    async close() {
      connections.close();
      await world.close();
      await remote.close();
      for (const other of others) await other.close();
    },
  };
}
