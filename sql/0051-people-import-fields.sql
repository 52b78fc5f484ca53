-- Imports of people: names apart, groups, days of access, and what was there before the file.
alter table people_import_row
  add column given_name text,
  add column family_name text,
  -- as the cell says it, and which groups those are
  add column groups text,
  add column group_ids uuid[],
  add column access_from date,
  add column access_until date,
  -- what stood in the fields that change, where the importer sees it
  add column was jsonb;
