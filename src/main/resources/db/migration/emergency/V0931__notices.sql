-- What the programme or address named in the settings is told about an alert: once each, repeated until it is taken.
create table emergency_notice (
    alert_id bigint not null,
    kind varchar(8) not null check (kind in ('AIRED', 'SILENT', 'ENDED')),
    body varchar(1000000) not null,
    created_at timestamp with time zone not null,
    due_at timestamp with time zone not null,
    attempts integer default 0 not null,
    taken_at timestamp with time zone,
    given_up_at timestamp with time zone,
    error varchar(300),
    primary key (alert_id, kind)
);
create index emergency_notice_due on emergency_notice (taken_at, given_up_at, due_at);
