-- What a policy plans rests on the right of whoever saved it, asked again before it is done; what a person plans on theirs.
alter table difference add column by_policy boolean not null default false;
-- Nobody can say of these any more whose they are: the policy plans again what it still may.
update difference set planned = null, cleared = false where planned is not null and settled_at is null;
