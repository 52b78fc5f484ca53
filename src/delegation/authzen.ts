import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { isInstance } from '../access/rules.ts';
import { chainIn } from '../authority/chain.ts';
import { type Decision, decide, missingFrom } from '../authority/decide.ts';
import type { Chain, EntitlementRef, Target } from '../authority/delegation.ts';
import type { Facts } from '../authority/facts.ts';
import { type Ceilings, type Holding, loadCeilings, loadHoldings } from '../authority/holds.ts';
import { loadFacts, loadFactsOf } from '../authority/load-facts.ts';
import { isPermission, type Permission, traitsOf } from '../authority/permissions.ts';
import { dominates, loadPower, type Power } from '../authority/power.ts';
import { isSelf } from '../authority/self.ts';
import type { Context } from '../operation/operation.ts';
import { accountTarget, organizationTarget } from '../operation/targets.ts';
import type { DB } from '../platform/schema.gen.ts';
import { delegationTarget } from './store.ts';

/**
 * Questions from applications, in the words of the OpenID AuthZEN Authorization API 1.0, answered by the same engine:
 * may this person do an administrative act (the action is a permission) to an organization, a membership or an account;
 * and do they have a role (the action) in an application (the resource).
 *
 * An asker asks only about people and things that one of its delegations lets it ask about, both ends at once (ruling
 * 9); whatever is unknown, unspeakable or out of its reach is a deny like every other, byte for byte (ruling 14). So a deny
 * gives no reason; a permit does where the asker may read what it rests on.
 */
const properties = z.record(z.string(), z.unknown()).optional();
const text = z.string().min(1).max(500);

export const subjectInput = z
  .object({ type: text, id: text, properties })
  .describe(
    'Who: type `user` with the id that tokens carry as `sub`, in all their organizations or the one of `properties.organizationId`; or type `membership`.',
  );
export const actionInput = z
  .object({ name: text, properties })
  .describe('What: the name of a permission; for the resource type `application`, the key of a role in it.');
export const resourceInput = z
  .object({ type: text, id: text, properties })
  .describe(
    'To what: type `organization`, `membership`, `user` (their account) or `application`. `properties.entitlementId`: with which access.',
  );
export const contextInput = z
  .record(z.string(), z.unknown())
  .describe('Not looked at: the time is that of the database.');

export type Subject = z.infer<typeof subjectInput>;
export type Action = z.infer<typeof actionInput>;
export type Resource = z.infer<typeof resourceInput>;

export const decisionView = z
  .object({
    decision: z.boolean(),
    context: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('With a permit only, and only what the asker may read besides: what it rests on.'),
  })
  .meta({ id: 'AccessDecision' });
export type AccessDecision = z.infer<typeof decisionView>;

const denied: AccessDecision = { decision: false };

/** People with so many memberships there are none; a bound all the same (I59). */
const mostMemberships = 100;

const isId = (id: unknown): id is string => z.uuid().safeParse(id).success;

export type Member = Target & { id: string; userId: string };

/** One asker's questions of one request: what was loaded for one is kept for the next. */
export class Asker {
  readonly #context: Context;
  readonly #needs: Permission[];
  readonly #facts = new Map<string, Promise<Facts>>();
  readonly #members = new Map<string, Promise<Member[]>>();
  readonly #targets = new Map<string, Promise<Target | undefined>>();
  readonly #holdings = new Map<string, Promise<Holding[]>>();
  readonly #powers = new Map<string, Promise<Power>>();
  readonly #ceilings = new Map<string, Promise<Ceilings>>();
  readonly #links = new Map<string, Promise<Target | undefined>>();
  readonly #entitlements = new Map<string, Promise<EntitlementRef | undefined>>();

  /** @param needs what one of the asker's delegations must let do to both ends */
  constructor(context: Context, needs: Permission[]) {
    this.#context = context;
    this.#needs = needs;
  }

  get db(): Kysely<DB> {
    return this.#context.db;
  }

  async evaluate(subject: Subject, action: Action, resource: Resource): Promise<AccessDecision> {
    const members = await this.members(subject);
    if (members.length === 0) return denied;
    if (resource.type === 'application') return this.holds(members, action.name, resource.id);
    if (!isPermission(action.name)) return denied;
    const target = await this.targetOf(resource);
    return target ? this.administers(members, action.name, target) : denied;
  }

  /** The memberships that a subject means and that the asker may ask about. */
  async members({ type, id, properties }: Subject): Promise<Member[]> {
    const organization = properties?.organizationId;
    if (!isId(id) || (type !== 'user' && type !== 'membership')) return [];
    if (organization !== undefined && !isId(organization)) return [];
    const found = await kept(this.#members, `${type} ${id} ${organization ?? ''}`, () =>
      loadMembers(this.db, { type, ids: [id], organization }),
    );
    return found.filter((member) => this.chainFor([member]));
  }

  /** Loads at once what many questions about these subjects need; each is then answered as if it were asked alone. */
  async prepare(
    type: 'user' | 'membership',
    ids: readonly string[],
    properties: Subject['properties'],
  ): Promise<Member[]> {
    const organization = properties?.organizationId;
    if (organization !== undefined && !isId(organization)) return [];
    const found = await loadMembers(this.db, { type, ids, organization });
    const asked: Member[] = [];
    for (const id of ids) {
      const own = found.filter((one) => (type === 'user' ? one.userId : one.id) === id);
      this.#members.set(
        `${type} ${id} ${organization ?? ''}`,
        Promise.resolve(own.slice(0, mostMemberships)),
      );
      asked.push(...(await this.members({ type, id, properties })));
    }
    return asked;
  }

  /** Those of `prepare`, and what each of them has in an application. */
  async prepareHeld(
    type: 'user' | 'membership',
    ids: readonly string[],
    properties: Subject['properties'],
    applicationId: string,
  ): Promise<void> {
    const members = await this.prepare(type, ids, properties);
    if (members.length === 0 || !isId(applicationId)) return;
    const { holdings } = await loadHoldings(this.db, {
      membershipIds: members.map(({ id }) => id),
      applicationId,
    });
    for (const id of ids) {
      const own = (await this.members({ type, id, properties })).map((member) => member.id);
      const theirs = holdings.filter(({ held, membershipId }) => held && own.includes(membershipId));
      this.#holdings.set(`${own.join()} ${applicationId}`, Promise.resolve(theirs));
    }
  }

  /** Those of `prepare`, and the facts under which each of them acts. */
  async prepareFacts(
    type: 'user' | 'membership',
    ids: readonly string[],
    properties: Subject['properties'],
  ): Promise<void> {
    const members = await this.prepare(type, ids, properties);
    const facts = await loadFactsOf(
      this.db,
      members.map(({ id }) => id),
    );
    for (const one of facts)
      if (one.actor.kind === 'user' && one.actor.membershipId)
        this.#facts.set(one.actor.membershipId, Promise.resolve(one));
  }

  /** The one chain that lets the asker ask about all of these; nothing for the instance itself, which may. */
  chainFor(targets: readonly Target[]): Chain | 'instance' | undefined {
    const { facts } = this.#context;
    if (isInstance(facts)) return 'instance';
    if (facts.noStanding) return undefined;
    return facts.held
      .map((held) => chainIn(facts, held))
      .find((chain) =>
        this.#needs.every((need) => targets.every((target) => !missingFrom(chain, need, target, facts))),
      );
  }

  /** What a resource names, with the access that its properties name; undefined when there is no such thing. */
  async targetOf({ type, id, properties }: Resource): Promise<Target | undefined> {
    if (!isId(id)) return undefined;
    const target = await kept(this.#targets, `${type} ${id}`, () => loadTarget(this.db, type, id));
    return target && this.withEntitlement(target, properties);
  }

  async withEntitlement(target: Target, properties: Resource['properties']): Promise<Target | undefined> {
    const entitlementId = properties?.entitlementId;
    if (entitlementId === undefined) return target;
    if (!isId(entitlementId)) return undefined;
    const entitlement = await kept(this.#entitlements, entitlementId, async () => {
      const { rows } = await sql<EntitlementRef>`
        select id, application_id as "applicationId" from entitlement where id = ${entitlementId}`.execute(
        this.db,
      );
      return rows[0];
    });
    return entitlement && { ...target, entitlement };
  }

  /** May one of these memberships do it? Rights of two organizations do not mix: each is decided by itself. */
  async administers(
    members: readonly Member[],
    permission: Permission,
    resource: Target,
  ): Promise<AccessDecision> {
    // Acts on the account need the home (design, section 2, point 9), whatever membership it was named by.
    const target = permission.startsWith('credential.')
      ? resource.userId && (await this.#account(resource.userId))
      : resource;
    if (!target) return denied;
    for (const member of members) {
      if (!this.chainFor([member, resource, target])) continue;
      const facts = await this.factsOf(member.id);
      const decision = await this.#can(facts, permission, target);
      if (decision.effect === 'permit') return this.#permitted(decision.because);
    }
    return denied;
  }

  factsOf(membershipId: string): Promise<Facts> {
    return kept(this.#facts, membershipId, () => loadFacts(this.db, { kind: 'membership', membershipId }));
  }

  #account(userId: string): Promise<Target | undefined> {
    return kept(this.#targets, `user ${userId}`, () => loadTarget(this.db, 'user', userId));
  }

  /** `decide`, and what operations ask besides: nobody's own self, protected power (I12), the place's ceiling. */
  async #can(facts: Facts, permission: Permission, target: Target): Promise<Decision> {
    const { reading, protectedAct } = traitsOf(permission);
    const no: Decision = { effect: 'deny', because: { piece: 'permission', permission } };
    if (!reading && isSelf(facts, target.userId)) return no;
    const decision = decide(facts, permission, target);
    if (decision.effect === 'deny') return decision;
    if (protectedAct) {
      const { userId } = target;
      if (!userId) return no;
      const power = await kept(this.#powers, userId, () => loadPower(this.db, userId));
      if (!dominates(facts, power)) return no;
    }
    if (permission === 'access.grant' && target.entitlement) {
      const ceilings = await kept(this.#ceilings, target.path, () => loadCeilings(this.db, [target.path]));
      if (!ceilings.allows(target.path, target.entitlement).allowed) return no;
    }
    return decision;
  }

  /** Which delegation it rests on, for whoever may read that one. */
  async #permitted(because: Chain): Promise<AccessDecision> {
    const [held] = because;
    const target = held && (await kept(this.#links, held.id, () => delegationTarget(this.db, held.id)));
    const seen = target && this.#context.decide('delegation.read', target).effect === 'permit';
    return seen ? { decision: true, context: { delegation_id: held.id } } : { decision: true };
  }

  /** Does one of these memberships have the role of this key in the application now? */
  async holds(members: readonly Member[], roleKey: string, applicationId: string): Promise<AccessDecision> {
    for (const holding of await this.held(members, applicationId)) {
      if (holding.entitlementKey !== roleKey) continue;
      const target = members.find(({ id }) => id === holding.membershipId)!;
      const reads = this.#context.decide('access.read', target).effect === 'permit';
      return reads ? { decision: true, context: { reason: holding.why } } : { decision: true };
    }
    return denied;
  }

  /** What these memberships have now, of what the asker may ask about. */
  async held(members: readonly Member[], applicationId?: string): Promise<Holding[]> {
    if (members.length === 0 || (applicationId !== undefined && !isId(applicationId))) return [];
    const ids = members.map(({ id }) => id);
    const holdings = await kept(this.#holdings, `${ids.join()} ${applicationId ?? ''}`, async () =>
      (
        await loadHoldings(this.db, {
          membershipIds: ids,
          ...(applicationId === undefined ? {} : { applicationId }),
        })
      ).holdings.filter(({ held }) => held),
    );
    return holdings.filter((holding) => {
      const member = members.find(({ id }) => id === holding.membershipId)!;
      const entitlement = { id: holding.entitlementId, applicationId: holding.applicationId };
      return this.chainFor([{ ...member, entitlement }]);
    });
  }
}

function kept<T>(known: Map<string, Promise<T>>, key: string, load: () => Promise<T>): Promise<T> {
  const earlier = known.get(key);
  if (earlier) return earlier;
  const loading = load();
  known.set(key, loading);
  return loading;
}

/** Columns of a membership as a target. */
export const memberColumns = sql`
  'membership' as kind, m.id, m.organization_id as "organizationId", m.path, place_is_off(m.path) as off, m.user_id as "userId", m.line`;

async function loadMembers(
  db: Kysely<DB>,
  {
    type,
    ids,
    organization,
  }: { type: 'user' | 'membership'; ids: readonly string[]; organization: string | undefined },
): Promise<Member[]> {
  const { rows } = await sql<Member>`
    select ${memberColumns} from membership m
    where ${type === 'user' ? sql`m.user_id` : sql`m.id`} = any (${ids}::uuid[]) and m.state <> 'ended'
      ${organization ? sql`and m.organization_id = ${organization}` : sql``}
    order by m.id limit ${mostMemberships * ids.length}`.execute(db);
  return rows;
}

/** Whoever left, and whoever was erased, is nobody that something can be done to. */
async function loadTarget(db: Kysely<DB>, type: string, id: string): Promise<Target | undefined> {
  if (type === 'organization') return organizationTarget(db, id);
  if (type === 'membership') return (await loadMembers(db, { type, ids: [id], organization: undefined }))[0];
  if (type === 'user') {
    const { rows } = await sql`select 1 from app_user where id = ${id} and state <> 'erased'`.execute(db);
    return rows.length > 0 ? accountTarget(db, id) : undefined;
  }
  return undefined;
}
