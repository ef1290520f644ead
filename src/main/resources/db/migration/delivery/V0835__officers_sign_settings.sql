-- Safety settings that the server wants and may not sign, as the box's document will say them, with numbers that mean nothing yet.
create table delivery_site_wanted (
  unit_id varchar(16) primary key references delivery_unit (unit_id),
  content_hash varchar(64) not null,
  payload bytea not null
);
-- When an order may be fetched for an officer's signature: its countdown is over, and a second person has agreed where one is asked.
alter table delivery_order add column offered_at timestamp with time zone;
