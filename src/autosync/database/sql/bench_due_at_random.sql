-- Has every pending reminder fall due at random between %(first)s and %(last)s from now.
update public.job_queue
set scheduled_at = now() + %(first)s::interval + random() * (%(last)s::interval - %(first)s::interval)
where status = 'pending' and job_type = 'reminder_24h'
