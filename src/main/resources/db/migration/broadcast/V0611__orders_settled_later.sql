-- Whether the playbacks of a released order have its moments; for thousands of poles that waits until the order is out.
alter table broadcast_broadcast add column settled boolean default true not null;
