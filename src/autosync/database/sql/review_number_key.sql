-- One row about the key of the hashes of suppressed numbers: how many keys there are, how many numbers rest on it,
-- counted to %(enough)s, and of how many of 100 that are still readable it does not give the hash; reads no more of
-- either table.
select
  (select count(*) from public.auto_sync_number_key as k) as keys,
  (
    select count(*) from (
      select from public.auto_sync_suppressions as s
      limit %(enough)s
    ) as d
  ) as suppressed,
  (
    select count(*)
    from (
      select
        s.number_hash,
        s.phone_number
      from public.auto_sync_suppressions as s
      where s.phone_number is not null
        and exists (select from public.auto_sync_number_key as k)
      limit 100
    ) as d
    where d.number_hash <> public.autosync_number_hash(d.phone_number)
  ) as mismatched
