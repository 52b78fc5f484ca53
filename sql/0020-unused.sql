-- Links that nobody used for long are looked for among the old ones.
create index delegation_made on delegation (created_at)
  where kind = 'administer' and delegate_kind = 'user' and state = 'active';
