-- Sounds that stand in the place of those of the same name in an area and everything below it; the nearest area above a pole counts.
create table delivery_area_pin (
  area_id bigint not null references area_area (id),
  name varchar(16) not null,
  hash varchar(64) not null,
  bytes bigint not null,
  set_at timestamp with time zone not null,
  primary key (area_id, name)
);
