/**
 * Working time as the database has it, counted day by day in SQL: what is checked is not what checks. A request lasts
 * until its deadline and what it may still stand still, of work where anything of it is due in working time.
 */
import { type Kysely, sql } from 'kysely';
import type { DB } from '../../src/platform/schema.gen.ts';

export async function countHours(db: Kysely<DB>): Promise<void> {
  await sql`
    create function town_hours(place text) returns table (zone text, days int[], opens text, closes text, holidays date[])
    language sql stable as $$
      select o.time_zone, coalesce(c.days, '{1,2,3,4,5}'), coalesce(c.opens, '09:00'), coalesce(c.closes, '17:00'), coalesce(c.holidays, '{}')
      from organization o left join lateral (select k.* from calendar k join organization a on a.id = k.organization_id
        where a.path = any (path_ancestors(o.path)) order by length(a.path) desc limit 1) c on true
      where o.path = place
    $$`.execute(db);
  // After sixty days without work the rest counts by the clock.
  await sql`
    create function town_after(place text, start timestamptz, ms numeric, by_clock boolean) returns timestamptz
    language plpgsql stable as $$
    declare
      h record; day date; opened timestamptz; closed timestamptz; at timestamptz := start;
      rest interval := make_interval(secs => ms / 1000); idle int := 0;
    begin
      if by_clock or ms <= 0 then return start + rest; end if;
      select * into h from town_hours(place);
      day := (start at time zone h.zone)::date;
      while idle < 60 loop
        opened := greatest((day + h.opens::time) at time zone h.zone, at);
        closed := (day + h.closes::time) at time zone h.zone;
        if extract(isodow from day)::int = any (h.days) and not day = any (h.holidays) and closed > opened then
          idle := 0;
          if closed - opened >= rest then return opened + rest; end if;
          rest := rest - (closed - opened);
          at := closed;
        else
          idle := idle + 1;
        end if;
        day := day + 1;
      end loop;
      return at + rest;
    end
    $$`.execute(db);
  await sql`
    create view town_latest as
    select q.id, o.path, q.created_at, q.deadline, q.pause_left as left_ms, jsonb_array_length(q.plan) as steps, p.by_clock, p.all_ms,
      town_hours(o.path)::text as hours, town_after(o.path, q.deadline, q.pause_left, p.by_clock) as latest
    from request q left join membership m on m.id = q.membership_id
    join organization o on o.id = case when m.id is null or q.kind = 'delegation' then q.organization_id else m.organization_id end
    cross join lateral (
      select bool_and(l -> 'due' ? 'hours') as by_clock,
        sum(case when n = 1 then 2 else 1 end * case when l -> 'due' ? 'hours' then (l -> 'due' ->> 'hours')::int
          when l -> 'due' ? 'workingHours' then (l -> 'due' ->> 'workingHours')::int
          else (l -> 'due' ->> 'workingDays')::int * (select extract(epoch from closes::time - opens::time) / 3600 from town_hours(o.path)) end * 3600000) as all_ms
      from jsonb_array_elements(q.plan) s, jsonb_array_elements(s -> 'levels') with ordinality as t (l, n)) p
    where q.state = 'open'`.execute(db);
}
