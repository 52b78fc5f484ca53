import { type Kysely, sql } from 'kysely';
import type { EntitlementRef } from '../../authority/delegation.ts';
import type { Facts } from '../../authority/facts.ts';
import type { Holder } from '../../authority/holders.ts';
import { selvesOf, withGivers } from '../../authority/self.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { lookForDeciders } from '../../requests/deciders.ts';
import { type Asking, mayDecide } from '../../requests/rules.ts';
import type { Settings } from '../connectors/connector.ts';
import { planOf } from './plan.ts';
import type { TaskRow } from './store.ts';

type Db = Kysely<DB>;

type Of = Pick<TaskRow, 'targetId' | 'organizationId' | 'path' | 'off'> & { settings: Settings };

/**
 * Who may do the tasks of a target, as who decides a request is asked: by the same rule, with deputies and those to whom it
 * was escalated. Nobody is concerned in it as in an approval: whoever was appointed by the person whose account it is may
 * do it, only they themselves may not.
 */
export type AskingOf = (level: number) => Asking;

export async function askingOf(db: Db, target: Of): Promise<AskingOf> {
  const { rows } = await sql<EntitlementRef & { stands: Asking['applications'][number] }>`
    select e.id, a.id as "applicationId", jsonb_build_object('id', a.id, 'organizationId', o.id, 'path', o.path) as stands
    from target_role r join entitlement e on e.id = r.entitlement_id join application a on a.id = e.application_id
    join organization o on o.id = a.organization_id where r.target_id = ${target.targetId}`.execute(db);
  const { levels } = planOf(target.settings);
  return (level) => ({
    requesterId: null,
    subjectId: null,
    target: {
      kind: 'target',
      id: target.targetId,
      organizationId: target.organizationId,
      path: target.path,
      off: target.off,
    },
    gives: ['access.grant'],
    entitlements: rows.map(({ id, applicationId }) => ({ id, applicationId, risk: 'normal' })),
    approvers: levels.slice(0, level + 1).flatMap(({ approvers }) => approvers),
    lineManager: null,
    applications: [...new Map(rows.map(({ stands }) => [stands.id, stands])).values()],
  });
}

/** May this person do tasks of a target that have come so far? Whom it may not be about says `notAbout`. */
export const mayDo = (facts: Facts, asking: Asking): boolean =>
  facts.actor.kind === 'user' && mayDecide(facts, asking, new Map()).may;

/** Nobody says of their own account that it was taken away, nor has their deputy say so. */
export const notAbout = (facts: Facts): string[] => [
  ...new Set(withGivers(facts).flatMap((one) => selvesOf(one))),
];

/** Who can do a task now, nearest first: looked up when asked, never kept. */
export async function whoMayDo(
  db: Db,
  target: Of,
  { level, userId }: { level: number; userId?: string | undefined },
): Promise<Holder[]> {
  const asking = (await askingOf(db, target))(level);
  const able = (await lookForDeciders(db, [asking]))(asking);
  return able.filter(
    (one) =>
      one.userId !== userId &&
      !one.because.some(({ kind, giverUserId }) => kind === 'approve' && giverUserId === userId),
  );
}
