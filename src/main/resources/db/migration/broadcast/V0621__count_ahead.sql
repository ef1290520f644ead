-- As for documents (V0834): thousands of reports come at once, and their numbers are not counted by.
alter table broadcast_playback_event alter column id set cache 2000;
