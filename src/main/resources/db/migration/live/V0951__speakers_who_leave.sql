-- A speech also ends with its speaker's account, or when the speaker signs out. The check has no name of its own that every
-- database knows, so the column is made anew.
alter table live_speech add column ended_why varchar(20) check (ended_why in ('FINISHED', 'STOPPED', 'LINK_LOST', 'LIMIT', 'RIGHTS', 'CLOSED', 'SIGNED_OUT', 'SERVER_STOPPED', 'SERVER_DIED', 'FAULT'));
update live_speech set ended_why = ending;
alter table live_speech drop column ending;
alter table live_speech rename column ended_why to ending;
