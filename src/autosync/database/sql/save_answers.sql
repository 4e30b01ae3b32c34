-- Keeps answers, one at most for each sync and contact; the last one wins; auto_sync_responses_auto_sync_id_contact_id_key.
insert into public.auto_sync_responses as r (
  auto_sync_id, contact_id, option_ids, response_type, responded_at, updated_at
)
select
  a.sync_id,
  a.contact_id,
  a.option_ids::uuid[],
  case when a.option_ids = '{}' then 'not_available' else 'available' end::public.auto_sync_response_type,
  public.autosync_now(),
  public.autosync_now()
from unnest(%(sync_ids)s::uuid[], %(contact_ids)s::uuid[], %(option_ids)s::text[])
    as a (sync_id, contact_id, option_ids)
on conflict (auto_sync_id, contact_id) do update
  set
    option_ids = excluded.option_ids,
    response_type = excluded.response_type,
    responded_at = excluded.responded_at,
    updated_at = excluded.updated_at
