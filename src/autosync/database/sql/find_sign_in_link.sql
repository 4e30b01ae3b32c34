-- Whom an open link of this hash signs in, with their names; idx_auto_sync_sign_ins_secret.
select
  i.organizer_id,
  p.first_name,
  p.last_name
from public.auto_sync_sign_ins as i
inner join public.profiles as p on p.id = i.organizer_id
where i.secret_hash = %(secret_hash)s and i.number_hash is null and i.used_at is null and i.expires_at > now()
