-- The id of a job's sync; primary key.
select j.sync_id
from public.job_queue as j
where j.id = %(job_id)s
