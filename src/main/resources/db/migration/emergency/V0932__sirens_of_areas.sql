-- How a siren sounds in an area and everything below it where that is not how it sounds elsewhere.
create table emergency_area_siren (
    siren_id bigint not null references emergency_siren (id),
    area_id bigint not null references area_area (id),
    blasts integer not null check (blasts between 1 and 20),
    on_seconds integer not null check (on_seconds between 1 and 60),
    gap_seconds integer not null check (gap_seconds between 0 and 60),
    repeats integer not null check (repeats between 1 and 20),
    tone varchar(10) not null check (tone in ('WAIL', 'YELP', 'STEADY')),
    recording_id bigint references audio_recording (id),
    primary key (siren_id, area_id)
);
