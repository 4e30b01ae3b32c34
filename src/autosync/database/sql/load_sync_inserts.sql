-- When these syncs were inserted; primary key.
select
  s.id,
  coalesce(s.created_at, s.started_at, now()) as inserted_at
from public.auto_syncs as s
where s.id = any(%(sync_ids)s::uuid[])
