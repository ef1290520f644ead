-- One-shot commands to boxes and what became of them.
create table delivery_command (
  cid varchar(16) primary key,
  unit_id varchar(16) not null,
  op varchar(16) not null,
  row_name varchar(120),
  asked_by varchar(120) not null,
  asked_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  result varchar(12),
  why varchar(64),
  answered_at timestamp with time zone,
  answer varchar(8000)
);
create index delivery_command_unit on delivery_command (unit_id, asked_at);

-- Sounds every box keeps for good, by name; size and codec as in the settings that name them.
create table delivery_pin (
  name varchar(16) primary key,
  hash varchar(64) not null,
  bytes bigint not null,
  set_at timestamp with time zone not null
);

-- Profiles a box has beyond the core, one space between, as its last hello said.
alter table delivery_unit add column profiles varchar(200) default '' not null;
