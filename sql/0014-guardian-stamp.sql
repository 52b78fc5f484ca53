-- Whoever becomes a guardian, or is one no more, may hold something else from then on: facts kept of them are over.
create function guardian_stamp() returns trigger language plpgsql as $$
begin
  perform raise_stamps(array(select stamp_person(m.user_id) from membership m where m.id in (new.membership_id, old.membership_id)));
  return null;
end $$;
create trigger guardian_stamp after insert or update or delete on guardian for each row execute function guardian_stamp();
