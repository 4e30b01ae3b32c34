-- Lets a number be texted again; primary key.
delete from public.auto_sync_suppressions
where phone_number = %(phone_number)s
