-- What an alert announced and said, as its message had it when it was armed. Older alerts have their one text only.
alter table emergency_alert add column risk varchar(10) check (risk in ('LEVEL_1', 'LEVEL_2', 'LEVEL_3', 'LEVEL_4', 'LEVEL_5'));
alter table emergency_alert add column defence varchar(10) check (defence in ('LEVEL_1', 'LEVEL_2', 'LEVEL_3'));

create table emergency_alert_words (
    alert_id bigint not null references emergency_alert (id),
    position integer not null,
    language varchar(20) not null,
    words varchar(4000) not null,
    -- Whether there was a recording: loudspeakers say nothing else.
    aloud boolean not null,
    primary key (alert_id, position)
);

-- What its message said of what the law wants said.
create table emergency_alert_field (
    alert_id bigint not null references emergency_alert (id),
    field varchar(10) not null check (field in ('INCIDENT', 'TIME', 'PLACE', 'INTENSITY', 'LEVEL', 'DANGER', 'AREA', 'FORECAST', 'RESPONSE')),
    words varchar(500) not null,
    primary key (alert_id, field)
);
