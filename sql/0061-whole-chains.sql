-- What stands above a link, nearest first: the walk by parents, of which `chain` is a copy.
create or replace function delegation_above(link uuid) returns uuid[] language sql stable as $$
  with recursive up (id, above) as (
    select d.parent_id, 1 from delegation d where d.id = link and d.parent_id is not null
    union all
    select d.parent_id, up.above + 1 from up join delegation d on d.id = up.id
    where d.parent_id is not null and up.above < 1100
  )
  select coalesce(array_agg(id order by above), '{}') from up $$;

-- Moving an organization cut the chains of what hung below a link given anew, where its mover had no part in it before:
-- these links did nothing, and what was done to those above no longer reached them. Now they say again what is true.
with recursive walk (id, chain) as (
  select id, '{}'::uuid[] from delegation where parent_id is null
  union all
  select d.id, w.id || w.chain from walk w join delegation d on d.parent_id = w.id
),
mended as (
  update delegation d set chain = w.chain from walk w where w.id = d.id and d.chain <> w.chain returning d.id
)
-- Connected systems look again at whom these concern.
insert into mark (id, focus)
select gen_random_uuid(), '{"everybody": true}' where exists (select 1 from mended)
  and exists (select 1 from target where state in ('active', 'paused'));
