-- Notes what somebody has done by hand, a line for each row that it was done to.
insert into public.auto_sync_interventions (done_by, verb, sync_id, subject_id, details)
select
  %(done_by)s,
  %(verb)s,
  d.sync_id,
  d.subject_id,
  %(details)s
from unnest(%(sync_ids)s::uuid[], %(subject_ids)s::uuid[]) as d (sync_id, subject_id)
