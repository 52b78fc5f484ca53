-- Whoever decides sees when somebody last signed in, and last opened an application: also by sessions that have ended.
create index session_person on session (user_id);
create index sign_on_use on sign_on (user_id, application_id, created_at);
