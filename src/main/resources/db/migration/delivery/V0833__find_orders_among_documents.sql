-- What is in force in a row of emergencies or sessions is asked twice a second while files go out: by one index instead of reading
-- every current document of every box.
create index delivery_document_row on delivery_document (superseded_at, row_name);
drop index delivery_document_wide;
