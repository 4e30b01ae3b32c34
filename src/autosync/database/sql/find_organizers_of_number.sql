-- Profiles that may have this number, with it as they wrote it: those that wrote it as E.164, and those whose texts
-- went there; idx_profiles_phone_number, idx_auto_sync_messages_phone_number.
select
  p.id,
  p.phone_number
from public.profiles as p
where p.phone_number = %(phone_number)s
union
select
  p.id,
  p.phone_number
from public.auto_sync_messages as m
inner join public.auto_syncs as s on s.id = m.auto_sync_id
inner join public.profiles as p on p.id = s.organizer_id
where m.phone_number = %(phone_number)s and m.contact_id is null and p.phone_number is not null
