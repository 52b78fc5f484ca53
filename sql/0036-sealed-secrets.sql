-- Secrets that sign stand sealed (src/platform/sealing.ts), so that whoever reads a backup cannot sign as us. The key is
-- none of the database's, so no SQL can seal what is here: the first start after this does, and older software, which
-- would take what is sealed for the secret itself, no longer starts. Not valid: rows of before are plain until then.
alter table webhook add constraint webhook_sealed
  check ((secret = '' or secret like 'v1.%') and (old_secret is null or old_secret like 'v1.%')) not valid;
alter table provider_key add constraint provider_key_sealed
  check (jsonb_typeof(value) = 'string' and value #>> '{}' like 'v1.%') not valid;
