-- What was approved is what is granted, with the files it was approved with (I34): a yes holds for those that stood beside
-- the request when it was given, and for no others.

alter table request_attachment
  add column digest text not null generated always as (encode(sha256(content), 'hex')) stored;

-- Digests of the files beside it, sorted; kept when the files themselves are gone for their age.
alter table request add column files text[] not null default '{}';
-- Those that were decided about, and when others stood there instead: a yes then has to be given again.
alter table request_decision
  add column files text[] not null default '{}',
  add column outdated_at timestamptz;

update request q set files = found.digests
  from (select request_id, array_agg(distinct digest order by digest) as digests from request_attachment group by request_id) found
  where found.request_id = q.id;
update request_decision d set files = coalesce((
  select array_agg(distinct a.digest order by a.digest) from request_attachment a
  where a.request_id = d.request_id and a.added_at <= d.decided_at), '{}');

drop index request_decision_once;
-- A person decides a step once (I31, I33), about the same files.
create unique index request_decision_once on request_decision (request_id, step, user_id)
  where undone_at is null and outdated_at is null;

-- Here and not where files are added: whoever comes to write them, by whatever way, no yes outlives its files. A no
-- stands: nobody gets rid of it by adding a file.
create function request_files_changed() returns trigger language plpgsql as $$
declare
  about uuid := case when tg_op = 'DELETE' then old.request_id else new.request_id end;
  now_there text[] := coalesce((
    select array_agg(distinct a.digest order by a.digest) from request_attachment a where a.request_id = about), '{}');
begin
  update request set files = now_there where id = about and state = 'open' and files <> now_there;
  if found then
    update request_decision set outdated_at = remit_now()
      where request_id = about and approve and undone_at is null and outdated_at is null and files <> now_there;
  end if;
  return null;
end $$;
create trigger request_files_changed after insert or delete on request_attachment
  for each row execute function request_files_changed();
