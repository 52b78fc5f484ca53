-- Moving an organization: every copy of a path follows, and what was recorded before is found by where things stand now.

-- Where organizations stood once. Codes are never given twice, so a former path names one organization for good. Events
-- keep the path they were written with; who may read them is asked of the place of now (history obeys today's reach).
create table former_place (
  path text collate "C" primary key,
  organization_id uuid not null references organization (id),
  left_at timestamptz not null default remit_now()
);
create index former_place_of on former_place (organization_id);

-- Where something stands now that once stood at this path.
create function place_now(place text) returns text language sql stable strict parallel safe as
  $$ select coalesce((select o.path from former_place f join organization o on o.id = f.organization_id where f.path = place), place) $$;

-- The path after `old` became `new`; what does not lie there stays.
create function path_moved(path text, old text, new text) returns text language sql immutable strict parallel safe as
  $$ select case when path = old or starts_with(path, old || '.') then new || substr(path, length(old) + 1) else path end $$;

create function places_moved(places jsonb, old text, new text) returns jsonb language sql immutable strict parallel safe as $$
  select coalesce(jsonb_agg(jsonb_set(p, '{path}', to_jsonb(path_moved(p ->> 'path', old, new))) order by n), '[]')
  from jsonb_array_elements(places) with ordinality as x (p, n) $$;

-- A scope with the paths of its places and holes moved.
create function scope_moved(scope jsonb, old text, new text) returns jsonb language sql immutable strict parallel safe as $$
  select coalesce(jsonb_agg(box
    || case when box ? 'places' then jsonb_build_object('places', places_moved(box -> 'places', old, new)) else '{}' end
    || case when box ? 'holes' then jsonb_build_object('holes', places_moved(box -> 'holes', old, new)) else '{}' end order by n), '[]')
  from jsonb_array_elements(scope) with ordinality as x (box, n) $$;

-- Places that a scope takes out: a move has to find them, wherever the link itself stands.
create function holes_of(scope jsonb) returns text[] language sql immutable strict parallel safe as
  $$ select array(select jsonb_array_elements_text(jsonb_path_query_array(scope, '$[*].holes[*].path'))) $$;
create index delegation_holes on delegation using gin (holes_of(scope)) where scope @? '$[*].holes[*]';

