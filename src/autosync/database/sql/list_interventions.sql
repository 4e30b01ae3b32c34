-- What was done by hand to a row, or to anything of a sync, or at all (null), the latest first;
-- idx_auto_sync_interventions_subject, idx_auto_sync_interventions_sync, idx_auto_sync_interventions_at.
select
  i.at,
  i.done_by,
  i.verb,
  i.sync_id,
  i.subject_id,
  i.details
from public.auto_sync_interventions as i
where %(row_id)s::uuid is null or i.subject_id = %(row_id)s::uuid or i.sync_id = %(row_id)s::uuid
order by i.at desc
limit %(limit)s
