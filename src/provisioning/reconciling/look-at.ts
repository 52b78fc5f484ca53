import { sql } from 'kysely';
import { z } from 'zod';
import { inReach } from '../../authority/reach.ts';
import type { Context } from '../../operation/operation.ts';
import { openEgress } from '../../platform/egress.ts';
import { openEgressSockets } from '../../platform/egress-socket.ts';
import { connectorNamed } from '../connectors/all.ts';
import { type AccountValue, ConnectorError, type Seen } from '../connectors/connector.ts';
import { inWords, labelOf } from '../connectors/words.ts';
import { readTarget, secretsOf, type TargetRow } from '../store.ts';
import { declaredBy } from '../wanted/declared.ts';
import { sameValue } from '../wanted/difference.ts';
import { type KnownAccount, look, seeingOf } from '../wanted/look.ts';
import { valuesOf } from '../wanted/mapping.ts';
import { knownOfMembership } from '../wanted/people.ts';

/** Longer than this nobody waits before a screen; milliseconds. */
const longest = 15_000;

export const sideView = z.object({
  key: z.string().describe('A value of an account; `enabled` whether it is on, `roles` its groups.'),
  label: z.string().nullable().describe('Null for `enabled` and `roles`.'),
  there: z.string().nullable(),
  should: z.string().nullable(),
  differs: z.boolean(),
  hidden: z.boolean().describe('It differs, and you may not see what stands in it.'),
});
type Side = z.infer<typeof sideView>;

type Row = {
  targetId: string;
  externalId: string | null;
  correlation: string | null;
  userId: string | null;
  stands: KnownAccount['stands'] | null;
  roles: string[] | null;
  thereDigest: string | null;
  deleteAfter: Date | null;
};

/**
 * What stands at the target of one difference, asked now, of two the one beside: nothing of it is kept. What the reader may not see of a person
 * here is not shown of their account there either.
 */
export async function lookAtDifference(
  context: Pick<Context, 'db' | 'config' | 'facts' | 'reach'>,
  differenceId: string,
): Promise<{ there: boolean; sides: Side[]; problem: string | null }> {
  const { db } = context;
  const { rows } = await sql<Row>`
    select d.target_id as "targetId", case when d.kind = 'double' then d.external_id else coalesce(a.external_id, d.external_id) end as "externalId", a.correlation, a.user_id as "userId",
      a.stands, a.roles, a.there_digest as "thereDigest", a.delete_after as "deleteAfter"
    from difference d left join account a on a.id = d.account_id where d.id = ${differenceId}`.execute(db);
  const row = rows[0]!;
  const target = (await readTarget(db, row.targetId))!;
  const nothing = { there: false, sides: [], problem: null };
  if (!connectorNamed(target.connector)) return nothing;
  try {
    const seen = await seenNow(context, target, row);
    const should = await shouldBe(context, target, row);
    if (row.userId === null && !(await maySee(context, seen))) return { ...nothing, there: true };
    return { there: seen !== undefined, sides: sidesOf(target, seen, should), problem: null };
  } catch (error) {
    if (error instanceof ConnectorError) return { ...nothing, problem: inWords(error.message) };
    throw error;
  }
}

async function seenNow(
  { config }: Pick<Context, 'config'>,
  target: TargetRow,
  { externalId, correlation }: Row,
): Promise<Seen | undefined> {
  const connector = connectorNamed(target.connector)!;
  const egress = openEgress(config.egress);
  try {
    const session = await connector.open(target.settings, secretsOf(config, target), {
      egress,
      sockets: openEgressSockets(config.egress),
      deadline: AbortSignal.timeout(longest),
      roles: [],
      dropFolder: config.dropDir,
    });
    try {
      const seen = externalId === null ? undefined : await session.read(externalId);
      if (seen || correlation === null || !declaredBy(connector, target.settings).can.find) return seen;
      return await session.find(correlation);
    } finally {
      await session.close();
    }
  } finally {
    egress.close();
  }
}

/** Nobody's at this target: but Remit may have made it for somebody, by another, and of them is shown to whom sees them. */
async function maySee(
  { db, reach }: Pick<Context, 'db' | 'reach'>,
  seen: Seen | undefined,
): Promise<boolean> {
  const whose = seen?.correlation ?? '';
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(whose)) return true;
  const { rows } = await sql`
    select 1 from app_user u where u.id = ${whose}::uuid and not exists (select 1 from membership m
      where m.user_id = u.id and ${inReach(reach('user.read'), sql`m.path`, sql`m.user_id`, sql`m.line`)})`.execute(
    db,
  );
  return rows.length === 0;
}

type Should = {
  enabled: boolean;
  values: Readonly<Record<string, AccountValue>>;
  /** the same, as far as the reader sees the person */
  visible: Readonly<Record<string, AccountValue>>;
};

async function shouldBe(
  { db, facts }: Pick<Context, 'db' | 'facts'>,
  target: TargetRow,
  { userId, stands, roles, thereDigest, deleteAfter }: Row,
): Promise<Should | undefined> {
  if (userId === null) return undefined;
  const seeing = await seeingOf(db, target, connectorNamed(target.connector)!);
  const known = {
    userId,
    stands: stands ?? 'none',
    roles: roles ?? [],
    thereDigest: thereDigest ?? '',
    deleteAfter,
  };
  const { looks } = await look(db, seeing, [userId], new Map([[userId, known]]));
  const desired = looks.get(userId)?.desired;
  if (!desired) return undefined;
  const visible = desired.membershipId
    ? valuesOf(
        seeing.wish.mapping,
        await knownOfMembership(db, facts, desired.membershipId),
        seeing.wish.fields,
        true,
      )
    : {};
  return { enabled: desired.presence === 'enabled', values: desired.values, visible };
}

function sidesOf(target: TargetRow, seen: Seen | undefined, should: Should | undefined): Side[] {
  const { values: fields } = declaredBy(connectorNamed(target.connector)!, target.settings);
  const sides = fields.flatMap((field): Side[] => {
    const { key } = field;
    const label = labelOf(field);
    const there = seen?.values[key] ?? null;
    const wanted = should?.values[key];
    // What is not looked after is of no interest, unless nothing is: then it says whose it may be.
    if (should && wanted === undefined) return [];
    if (!should && shown(there) === null) return [];
    const differs = should !== undefined && !sameValue(wanted ?? null, there);
    const hidden = should !== undefined && !sameValue(wanted ?? null, should.visible[key] ?? null);
    return [
      {
        ...{ key, label, differs, hidden },
        there: hidden ? null : shown(there),
        should: hidden ? null : shown(wanted ?? null),
      },
    ];
  });
  const on: Side = {
    key: 'enabled',
    label: null,
    there: seen ? String(seen.enabled) : null,
    should: should ? String(should.enabled) : null,
    differs: should !== undefined && should.enabled !== (seen?.enabled ?? false),
    hidden: false,
  };
  return [on, ...sides].sort((one, other) => Number(other.differs) - Number(one.differs));
}

const shown = (value: AccountValue): string | null =>
  value === null || value === '' || (Array.isArray(value) && value.length === 0)
    ? null
    : Array.isArray(value)
      ? value.join(', ')
      : String(value);
