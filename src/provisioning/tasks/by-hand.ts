import { type Kysely, sql } from 'kysely';
import { run, type Services } from '../../operation/pipeline.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { type ByHand, ConnectorError, type Page, type Seen } from '../connectors/connector.ts';
import type { TargetRow } from '../store.ts';
import { askHands } from './ask.ts';
import { whoMayDo } from './asking.ts';
import { asSeen, type Recorded } from './recorded.ts';

type Row = Recorded & { externalId: string; correlation: string };

/** People of a list that are read together. */
const together = 500;

const recordedBy = async (db: Kysely<DB>, where: ReturnType<typeof sql>): Promise<Row[]> => {
  const { rows } = await sql<Row>`
    select h.external_id as "externalId", a.correlation, h.enabled, h.fields, h.roles
    from hand_account h join account a on a.id = h.account_id where ${where}`.execute(db);
  return rows;
};

const seenOf = (row: Row | undefined): Seen | undefined =>
  row && asSeen(row.externalId, row.correlation, row);

/**
 * The people who look after a target that no machine speaks to, as its connector knows them.
 * @param lookedAfter how the roles are called there that the target hands out
 */
export const byHandOf = (
  services: Services,
  target: Pick<TargetRow, 'id' | 'organizationId' | 'path' | 'settings'>,
  lookedAfter: readonly string[],
): ByHand => ({
  ...handsOf(services.db, target),
  async ask({ correlation, presence, values, roles }) {
    const input = {
      provisioningTargetId: target.id,
      ...{ correlation, presence, values, roles: [...roles], lookedAfter: [...lookedAfter] },
    };
    const call = { credential: { kind: 'none' }, input, requestId: 'target', actAs: 'system' } as const;
    const { answer } = (await run(services, askHands, call)).output;
    return { answer, there: await this.recorded({ correlation }) };
  },
});

/** The same for looking only: what they said, and how many they are. Nobody is asked anything. */
export const handsOf = (
  db: Kysely<DB>,
  target: Pick<TargetRow, 'id' | 'organizationId' | 'path' | 'settings'>,
): ByHand => ({
  async ask() {
    throw new ConnectorError('unreachable', 'Nobody is asked here.');
  },
  async recorded(by) {
    const which = 'id' in by ? sql`h.external_id = ${by.id}` : sql`a.correlation = ${by.correlation}`;
    return seenOf((await recordedBy(db, sql`h.target_id = ${target.id} and ${which}`))[0]);
  },
  async list(from): Promise<Page> {
    const rows = await recordedBy(
      db,
      sql`h.target_id = ${target.id} ${from === undefined ? sql`` : sql`and h.external_id > ${from}`}
        order by h.external_id limit ${together}`,
    );
    const seen = rows.flatMap((row) => seenOf(row) ?? []);
    return rows.length < together
      ? { seen, whole: true }
      : { seen, whole: false, next: rows.at(-1)!.externalId };
  },
  async able() {
    return (await whoMayDo(db, { ...target, targetId: target.id, off: false }, { level: 0 })).length;
  },
});
