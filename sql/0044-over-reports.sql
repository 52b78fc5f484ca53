-- Links over somebody's reports, which are few: whoever brings many people under line managers asks for all of them.
create index delegation_over_reports on delegation (id)
  where state <> 'ended' and jsonb_path_exists(scope, '$[*] ? (exists (@.reports))');
