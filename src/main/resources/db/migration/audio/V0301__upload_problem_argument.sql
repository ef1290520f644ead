-- What the sentence about a problem names, such as the format that was found.
alter table audio_upload add column problem_argument varchar(60) default '' not null;
