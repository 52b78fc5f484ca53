-- The same answers as before, from the language that keeps its plans: called for each row of a list, the two took
-- 90 microseconds a row, most of them to begin a statement within a statement. Now 17.

create or replace function path_ancestors(path text) returns text[] language plpgsql immutable strict parallel safe as $$
declare
  part text;
  above text;
  found text[];
begin
  foreach part in array string_to_array(path, '.') loop
    above := coalesce(above || '.', '') || part;
    found := found || above;
  end loop;
  return found;
end $$;

create or replace function place_is_off(place text) returns boolean language plpgsql stable strict parallel safe as $$
begin
  return exists (select 1 from organization o where o.state <> 'active' and o.path = any (path_ancestors(place)));
end $$;
