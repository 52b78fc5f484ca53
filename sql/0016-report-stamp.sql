-- Who has reports stands in "line managers in", so a report that comes, leaves or is moved concerns their managers, as it
-- concerns the person themself. A membership without a line manager still concerns nobody's facts while it is new.
create or replace function membership_stamp() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    perform raise_stamps(array(
      select stamp_person(m.user_id) from added a join membership m on m.id = a.line_manager_id));
  elsif tg_op = 'DELETE' then
    perform raise_stamps(array(
      select stamp_person(g.user_id) from gone g
      union all select stamp_person(m.user_id) from gone g join membership m on m.id = g.line_manager_id));
  else
    perform raise_stamps(array(
      with changed as (
        select g.user_id as was, a.user_id as is, g.line_manager_id as below, a.line_manager_id as under
        from gone g full join added a on a.id = g.id
        where (g.user_id, g.organization_id, g.path, g.line_manager_id, g.state, g.starts_at, g.ends_at)
          is distinct from (a.user_id, a.organization_id, a.path, a.line_manager_id, a.state, a.starts_at, a.ends_at)
      )
      select unnest(array[stamp_person(was), stamp_person("is")]) from changed
      union all
      select stamp_person(m.user_id) from changed c join membership m on m.id in (c.below, c.under)));
  end if;
  return null;
end $$;
create trigger membership_stamp_new after insert on membership
  referencing new table as added for each statement execute function membership_stamp();
