-- Uses an open link of this hash, once whoever comes first, and returns whom it signs in; idx_auto_sync_sign_ins_secret.
update public.auto_sync_sign_ins set used_at = now()
where secret_hash = %(secret_hash)s and number_hash is null and used_at is null and expires_at > now()
returning organizer_id
