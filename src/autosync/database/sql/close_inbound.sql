-- Notes what became of a text that came in; primary key.
update public.auto_sync_inbound
set outcome = %(outcome)s, auto_sync_id = %(sync_id)s, contact_id = %(contact_id)s
where id = %(id)s
