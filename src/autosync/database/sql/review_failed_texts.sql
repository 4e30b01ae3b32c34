-- The texts of the last day that failed, by the gateway's error code (empty: none), the commonest first, with the
-- reason of one; reads auto_sync_messages once where no index on failed texts is there.
select
  coalesce(m.error_code, '') as error_code,
  count(*) as texts,
  coalesce(min(m.status_reason), '') as reason
from public.auto_sync_messages as m
where m.status = 'failed' and m.created_at > (select public.autosync_now()) - interval '24 hours'
group by 1
order by 2 desc
limit 20
