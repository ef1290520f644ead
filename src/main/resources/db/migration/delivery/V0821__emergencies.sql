-- Last moment at which a box may still accept the document; null for those of which that is not asked.
alter table delivery_document add column expires_at timestamp with time zone;
create index delivery_document_wide on delivery_document (current_key, unit_id);

-- An order to sound at once: prepared, then released by one update, then cleared or over.
create table delivery_order (
  broadcast_id bigint primary key references broadcast_broadcast (id),
  state varchar(10) not null check (state in ('ARMED', 'RELEASED', 'CANCELLED', 'CLEARED')),
  life_seconds integer not null,
  armed_at timestamp with time zone not null,
  released_at timestamp with time zone,
  ended_at timestamp with time zone
);

-- What an order says in each row, not signed yet.
create table delivery_armed (
  broadcast_id bigint not null references delivery_order (broadcast_id),
  recipient varchar(60) not null,
  payload bytea not null,
  primary key (broadcast_id, recipient)
);

-- How far boxes have taken over rows that must reach everybody at once.
create table delivery_applied (
  unit_id varchar(16) not null,
  row_name varchar(120) not null,
  seq bigint not null,
  applied_at timestamp with time zone not null,
  primary key (unit_id, row_name)
);
create index delivery_applied_row on delivery_applied (row_name, seq);

-- Documents that every connected box must take over, and how often they were sent again.
create table delivery_urgent (
  document_id bigint primary key references delivery_document (id) on delete cascade,
  published_at timestamp with time zone not null,
  rung integer not null,
  due_at timestamp with time zone not null
);

-- Rows of which a box has seen more than this database knows: nothing new is ordered there until somebody has looked.
create table delivery_doubt (
  row_name varchar(120) primary key,
  recipient varchar(60) not null,
  seq bigint not null,
  unit_id varchar(16) not null,
  seen_at timestamp with time zone not null,
  body bytea,
  confirmed_at timestamp with time zone,
  confirmed_by varchar(120)
);
