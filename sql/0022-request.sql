-- What is asked for is no longer access alone.
alter table access_request rename to request;
do $$
declare one record;
begin
  for one in select indexrelid::regclass::text as name from pg_index where indrelid = 'request'::regclass loop
    execute format('alter index %s rename to %s', one.name, replace(one.name, 'access_request', 'request'));
  end loop;
  for one in select conname as name from pg_constraint where conrelid = 'request'::regclass and conname like 'access_request%' loop
    execute format('alter table request rename constraint %I to %I', one.name, replace(one.name, 'access_request', 'request'));
  end loop;
end $$;
