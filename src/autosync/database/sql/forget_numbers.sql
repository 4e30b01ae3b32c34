-- Takes these numbers out of the list of who said stop, where nobody has them any more; the hash stays, and with it the
-- stop; idx_auto_sync_suppressions_ending.
update public.auto_sync_suppressions as s
set phone_number = null, reason = 'Said stop, and was deleted later.'
where right(s.phone_number, 7) = any(array(select right(n.n, 7) from unnest(%(numbers)s::text[]) as n (n)))
  and s.phone_number = any(%(numbers)s::text[])
  and not exists (select from public.contacts as c where c.phone_number = s.phone_number)
  and not exists (select from public.profiles as p where p.phone_number = s.phone_number)
