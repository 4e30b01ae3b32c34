-- Completes a sync with the option that was chosen; primary key.
update public.auto_syncs
set
  status = 'completed',
  completed_at = public.autosync_now(),
  metadata = coalesce(metadata, '{}') || jsonb_build_object('chosen_option_id', %(option_id)s::text)
where id = %(sync_id)s
