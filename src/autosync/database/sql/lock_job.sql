-- Locks one job until the transaction ends, waiting for whoever has it; its type and state; primary key.
select
  j.job_type,
  j.status
from public.job_queue as j
where j.id = %(job_id)s
for update
