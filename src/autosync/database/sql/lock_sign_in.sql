-- One sign-in by id, held: whose it is, the hash of its code, whether it can still be used, and how many wrong codes
-- its number has had since %(since)s ago; primary key, idx_auto_sync_sign_ins_number.
select
  i.organizer_id,
  i.secret_hash,
  i.used_at is null and i.expires_at > now() as is_open,
  (
    select coalesce(sum(a.tries), 0) from public.auto_sync_sign_ins as a
    where a.number_hash = i.number_hash and a.created_at > now() - %(since)s::interval
  ) as tries
from public.auto_sync_sign_ins as i
where i.id = %(id)s and i.number_hash is not null
for update of i
