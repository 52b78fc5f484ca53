-- What somebody was told of a source since it was well: {"failed": true, "failing": code, "held": people}. Once each.
alter table source add column told jsonb not null default '{}' check (jsonb_typeof(told) = 'object');

-- Who gave the password of our account there, as `actor`: nobody else reads anything new with it. Null: nobody who is known.
alter table source add column password_by jsonb;

-- With what the names of erased entries are hashed: without it nothing can be looked up from outside.
alter table source add column erase_key uuid not null default gen_random_uuid();

-- Entries of people who were erased here. Nothing is kept of them but what keeps the next reading from bringing them in
-- again: SHA-256 of the key above and the directory's own name of the entry.
create table source_erased (
  source_id uuid not null references source (id),
  digest bytea not null,
  primary key (source_id, digest)
);

-- Here, so that no way of erasing somebody forgets it.
create function entries_of_erased() returns trigger language plpgsql as $$
begin
  with gone as (
    delete from source_entry e using source s, import_key k
      where k.id = new.id and k.kind = 'user' and s.organization_id = k.top_organization_id and e.source_id = s.id and e.key = k.key
      returning e.source_id, sha256(uuid_send(s.erase_key) || convert_to(e.external_id, 'UTF8')) as digest, e.dn
  ), members as (
    delete from source_member m using gone g, source_run r
      where r.id = m.run_id and r.source_id = g.source_id and m.dn = g.dn
  )
  insert into source_erased (source_id, digest) select source_id, digest from gone on conflict do nothing;
  update proposal p set state = 'over', decided_at = remit_now()
    from membership m where m.id = p.membership_id and m.user_id = new.id and p.state in ('open', 'kept');
  return null;
end $$;
create trigger entries_of_erased after update of state on app_user
  for each row when (new.state = 'erased' and old.state <> 'erased') execute function entries_of_erased();
