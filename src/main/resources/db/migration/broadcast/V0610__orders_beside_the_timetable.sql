-- Emergencies and live voice: they may carry no recording, sound several times, and be prepared before they are released.
alter table broadcast_broadcast add column repetitions integer default 1 not null check (repetitions between 1 and 20);
alter table broadcast_broadcast add column repetition_ms bigint check (repetition_ms >= 0);
alter table broadcast_broadcast add column armed boolean default false not null;
alter table broadcast_playback alter column asset_hash drop not null;
alter table broadcast_playback alter column language drop not null;
-- What would be heard in full, where that is not the whole time from start to end.
alter table broadcast_playback add column sound_ms bigint check (sound_ms >= 0);
alter table broadcast_playback_event add column repetition integer default 0 not null;

-- What was heard of each repetition on each pole; their sum is what was heard of the broadcast.
create table broadcast_repetition (
    broadcast_id bigint not null,
    controller_id bigint not null,
    repetition integer not null check (repetition between 1 and 999),
    heard_ms bigint not null check (heard_ms >= 0),
    primary key (broadcast_id, controller_id, repetition),
    constraint broadcast_repetition_of foreign key (broadcast_id, controller_id)
        references broadcast_playback (broadcast_id, controller_id)
);
