-- When a group last changed for somebody who sees a part of its people: the last of these events about whom they see.
create index event_group_member on event ((coalesce(after ->> 'groupId', before ->> 'groupId')), position)
  where type in ('group.member-added', 'group.member-removed');
