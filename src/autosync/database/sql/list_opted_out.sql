-- Who of those who were asked in one sync has a number that said stop; idx_auto_sync_messages_auto_sync_id and
-- idx_auto_sync_suppressions_ending. An offset keeps each look-up from becoming a scan of its table where statistics
-- are old or missing.
select i.contact_id
from public.auto_sync_invitees as i
cross join
  lateral (
    select phone_number
    from public.contacts
    where id = i.contact_id
    offset 0
  ) as c
cross join
  lateral (
    select
    from public.auto_sync_suppressions
    where right(phone_number, 7) = right(c.phone_number, 7) and phone_number = c.phone_number
    offset 0
  ) as o
where i.auto_sync_id = %(sync_id)s
