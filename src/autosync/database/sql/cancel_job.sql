-- Skips a pending or failed job, with the reason; primary key.
update public.job_queue
set status = 'skipped', processed_at = public.autosync_now(), error_message = %(reason)s
where id = %(job_id)s and status in ('pending', 'failed')
