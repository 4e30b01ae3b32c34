-- How many texts stand in this state.
select count(*) from public.auto_sync_messages where status = %(status)s
