-- How many texts that came in are kept.
select count(*) from public.auto_sync_inbound
