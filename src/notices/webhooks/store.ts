import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Target } from '../../authority/delegation.ts';
import type { DB } from '../../platform/schema.gen.ts';
import type { Format } from './message.ts';
import type { EventType } from './rules.ts';
import type { Language } from './words.ts';

type Db = Kysely<DB>;

/** A webhook as the process uses it: the address and the secrets never leave by an answer, an event or a log. */
export type HookRow = {
  id: string;
  organizationId: string;
  organizationName: string;
  path: string;
  off: boolean;
  name: string;
  url: string;
  format: Format;
  language: Language;
  types: EventType[];
  templates: Partial<Record<EventType, string>>;
  /** sealed; opened only to sign */
  secret: string;
  /** sealed; signs too, for a day after a rotation */
  oldSecret: string | null;
  oldSecretUntil: Date | null;
  savedIn: string | null;
  savedUnder: string;
  state: 'active' | 'off' | 'retired';
  offWhy: 'by-hand' | 'gone' | 'failing' | null;
  failingSince: Date | null;
  restsUntil: Date | null;
  version: number;
};

const columns = sql`
  w.id, w.organization_id as "organizationId", o.name as "organizationName", o.path, place_is_off(o.path) as off, w.name, w.url,
  w.format, w.language, w.types, w.templates, w.secret,
  case when w.old_secret_until > remit_now() then w.old_secret end as "oldSecret",
  case when w.old_secret_until > remit_now() then w.old_secret_until end as "oldSecretUntil",
  w.saved_in as "savedIn", w.saved_under as "savedUnder", w.state, w.off_why as "offWhy", w.failing_since as "failingSince",
  w.rests_until as "restsUntil", w.version`;

async function read(db: Db, rest: RawBuilder<unknown>): Promise<HookRow[]> {
  const { rows } = await sql<HookRow>`
    select ${columns} from webhook w join organization o on o.id = w.organization_id ${rest}`.execute(db);
  return rows;
}

/** One webhook, retired or not; `lock` lets changes of it take turns. */
export const readHook = async (db: Db, id: string, { lock = false } = {}): Promise<HookRow | undefined> =>
  (await read(db, sql`where w.id = ${id} ${lock ? sql`for no key update of w` : sql``}`))[0];

/** Those that stand in an organization, but for retired ones. */
export const hooksOf = (db: Db, organizationId: string): Promise<HookRow[]> =>
  read(
    db,
    sql`where w.organization_id = ${organizationId} and w.state <> 'retired' order by lower(w.name), w.id`,
  );

/** Those that want this type of event from this place: its organization's own, and those from above. */
export const hooksWanting = (db: Db, type: string, path: string): Promise<HookRow[]> =>
  read(
    db,
    sql`where w.state = 'active' and ${type} = any (w.types) and o.path = any (path_ancestors(${path})) order by w.id`,
  );

export async function hookTarget(db: Db, webhookId: string): Promise<Target | undefined> {
  const { rows } = await sql<Target>`
    select 'webhook' as kind, w.id, w.organization_id as "organizationId", o.path, place_is_off(o.path) as off
    from webhook w join organization o on o.id = w.organization_id where w.id = ${webhookId} and w.state <> 'retired'`.execute(
    db,
  );
  return rows[0];
}

/** A webhook as its events say it. */
export async function hookState(db: Db, id: string): Promise<Record<string, unknown>> {
  const { rows } = await sql<{ state: Record<string, unknown> }>`
    select to_jsonb(w) - '{name,url,secret,old_secret,templates,rests_until,failing_since}'::text[] as state
    from webhook w where w.id = ${id}`.execute(db);
  return rows[0]!.state;
}

/** Switches a webhook off; what waits becomes dead letters, to be sent again by hand. */
export async function switchOff(
  db: Db,
  id: string,
  why: 'by-hand' | 'gone' | 'failing',
  at: Date,
): Promise<void> {
  await sql`
    update webhook set state = 'off', off_why = ${why}, rests_until = null, version = version + 1, changed_at = ${at}
    where id = ${id}`.execute(db);
  await buryWaiting(db, id);
}

export async function buryWaiting(db: Db, webhookId: string): Promise<void> {
  await sql`
    update webhook_delivery set state = 'failed', next_at = null, leased_until = null,
      last_problem = coalesce(last_problem, 'switched-off')
    where webhook_id = ${webhookId} and state = 'waiting'`.execute(db);
}
