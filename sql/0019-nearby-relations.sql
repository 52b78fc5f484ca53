-- Who may do something in a place is asked of links by their places. A link to a relation is few people's or many's, and
-- takes the long way: its places stand in `nearby` as '@' and the path, or '@' alone where it names none.
create or replace function nearby_relation() returns trigger language plpgsql as $$
begin
  perform nearby_put(new.id, 'more', case when new.relation_path is null or new.state = 'ended' then '{}' else
    array(select '@' || p from unnest(new.place_paths) p) || new.relation_path
      || case when cardinality(new.place_paths) = 0 then array['@'] else '{}' end end);
  return null;
end $$;
drop trigger delegation_nearby_changed on delegation;
create trigger delegation_nearby_changed after update on delegation for each row
  when ((old.relation_path, old.state, old.place_paths) is distinct from (new.relation_path, new.state, new.place_paths)
    and (old.relation_path is not null or new.relation_path is not null))
  execute function nearby_relation();
alter table delegation enable always trigger delegation_nearby_changed;

select nearby_put(id, 'more', array(select '@' || p from unnest(place_paths) p) || relation_path
    || case when cardinality(place_paths) = 0 then array['@'] else '{}' end)
  from delegation where delegate_kind = 'relation' and state <> 'ended';

-- Links with several places, found by any of them; the others are found by their first.
create index delegation_any_place on delegation using gin (place_paths)
  where kind = 'administer' and delegate_kind = 'user' and state <> 'ended' and cardinality(place_paths) > 1;
