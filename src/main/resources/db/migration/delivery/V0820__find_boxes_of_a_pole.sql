-- Compiling one pole looks for its former boxes; without an index that reads every box.
create index delivery_unit_controller on delivery_unit (controller_id);
create index delivery_due_controller on delivery_due (controller_id, id);
