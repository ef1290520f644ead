-- Outlines of areas for maps: rings separated by |, corners by ;, each latitude,longitude.
create table area_outline (
    area_id bigint primary key references area_area (id),
    rings text not null,
    set_at timestamp with time zone not null
);
