-- H2 notes on the disk how far it has counted, by default after every 32 rows, and each time writes all that has changed by then
-- (WRITE_DELAY is 0): an order to 2,000 poles was written sixty times. A crash may leave numbers unused; nobody counts by them.
alter table delivery_document alter column id set cache 2000;
alter table delivery_outbox alter column id set cache 2000;
alter table delivery_due alter column id set cache 2000;
alter table delivery_put_off alter column id set cache 2000;
