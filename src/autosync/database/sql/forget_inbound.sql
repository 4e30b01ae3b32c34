-- Takes words and numbers out of what came in from these numbers or contacts; idx_auto_sync_inbound_contact_id, and a scan,
-- since numbers have no index there: an operator's verb. The row stays, by which the text is known if it comes again.
update public.auto_sync_inbound
set body = '', phone_number = '', outcome = 'Forgotten.', contact_id = null
where phone_number = any(%(numbers)s::text[]) or contact_id = any(%(contact_ids)s::uuid[])
