-- Keeps somebody's answer; the last one wins; auto_sync_responses_auto_sync_id_contact_id_key.
insert into public.auto_sync_responses as r (
  auto_sync_id, contact_id, option_ids, response_type, responded_at, updated_at
)
values (
  %(sync_id)s, %(contact_id)s, %(option_ids)s::uuid[], %(response_type)s, public.autosync_now(), public.autosync_now()
)
on conflict (auto_sync_id, contact_id) do update
  set
    option_ids = excluded.option_ids,
    response_type = excluded.response_type,
    responded_at = excluded.responded_at,
    updated_at = excluded.updated_at
