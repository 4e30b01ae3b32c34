-- Deletes contacts, and with them their answers and texts; primary key.
delete from public.contacts where id = any(%(contact_ids)s::uuid[])
