-- Who spoke live where and when, how it ended, and what became of its recording.
create table live_speech (
    broadcast_id bigint primary key,
    station_id bigint not null,
    person_id bigint not null,
    person_name varchar(120) not null,
    title varchar(200) not null,
    places varchar(2000) not null,
    began_at timestamp with time zone not null,
    ended_at timestamp with time zone,
    ending varchar(20) check (ending in ('FINISHED', 'STOPPED', 'LINK_LOST', 'LIMIT', 'RIGHTS', 'SERVER_STOPPED', 'SERVER_DIED', 'FAULT')),
    recording_id bigint,
    -- Nothing was said, or the sound was lost: there will be no recording.
    unrecorded boolean default false not null
);
create index live_speech_station on live_speech (station_id, began_at);
create index live_speech_open on live_speech (ended_at, recording_id, unrecorded);
