-- Marks a sign-in as used; primary key.
update public.auto_sync_sign_ins set used_at = now()
where id = %(id)s
