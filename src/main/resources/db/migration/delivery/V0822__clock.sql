-- The last moment this server knew, to notice a clock that leaps; one row.
create table delivery_clock (
  id integer primary key check (id = 1),
  last_seen timestamp with time zone not null,
  doubted_at timestamp with time zone
);
