-- The language of the page on which a stranger asked to join: the letters that follow speak it, too.
alter table registration add column language text not null default 'en' check (language in ('en', 'nl', 'de', 'fr'));
create index registration_request on registration (request_id) where request_id is not null;
