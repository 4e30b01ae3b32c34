-- How often a number asked for a code since %(since)s ago, and in the last 24 hours, as far as sign-ins are kept; with how
-- many wrong codes since %(since)s ago; and how many codes were asked for by anybody in the last minute;
-- idx_auto_sync_sign_ins_number, idx_auto_sync_sign_ins_created_at.
select
  count(*) filter (where i.created_at > now() - %(since)s::interval) as asked,
  count(*) as asked_in_a_day,
  coalesce(sum(i.tries) filter (where i.created_at > now() - %(since)s::interval), 0) as tries,
  (
    select count(*) from public.auto_sync_sign_ins as a
    where a.created_at > now() - interval '1 minute' and a.number_hash is not null
  ) as by_anybody
from public.auto_sync_sign_ins as i
where i.number_hash = public.autosync_number_hash(%(phone_number)s) and i.created_at > now() - interval '24 hours'
