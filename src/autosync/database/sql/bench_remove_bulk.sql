-- Removes the jobs whose syncs are not there.
delete from public.job_queue as j
where not exists (select from public.auto_syncs as s where s.id = j.sync_id)
