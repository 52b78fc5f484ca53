-- Whoever is erased takes their papers with them: the files they added, and those beside requests about them, at once.
-- Here, so that no way of erasing somebody forgets it. The trail and the decisions keep the digests (`files`) alone.
create function files_of_erased() returns trigger language plpgsql as $$
begin
  delete from request_attachment a using request q
    where q.id = a.request_id and (a.added_by = new.id
      or q.membership_id in (select m.id from membership m where m.user_id = new.id)
      or q.made in (select i.id from invitation i where i.accepted_by = new.id));
  return null;
end $$;
create trigger files_of_erased after update of state on app_user
  for each row when (new.state = 'erased' and old.state <> 'erased') execute function files_of_erased();
