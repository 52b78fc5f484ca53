-- What is worth a look at a row of an import that comes in all the same: its address is somebody else's, too.
alter table people_import_row add column note jsonb;
