-- Deletes what came in from these numbers or contacts; idx_auto_sync_inbound_contact_id, and a scan, since numbers have
-- no index there: an operator's verb.
delete from public.auto_sync_inbound
where phone_number = any(%(numbers)s::text[]) or contact_id = any(%(contact_ids)s::uuid[])
