-- One more wrong code for a sign-in; primary key.
update public.auto_sync_sign_ins set tries = tries + 1
where id = %(id)s
