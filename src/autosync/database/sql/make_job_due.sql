-- Makes a failed or pending job pending and due; one that is due already keeps its place; primary key.
update public.job_queue
set
  status = 'pending',
  scheduled_at = case
    when status = 'pending' then least(scheduled_at, public.autosync_now())
    else public.autosync_now()
  end,
  processed_at = null
where id = %(job_id)s and status in ('pending', 'failed')
