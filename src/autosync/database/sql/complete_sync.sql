-- Completes a sync with the option that was chosen; primary key. What another client keeps in metadata stays, under
-- "other" where that is no object.
update public.auto_syncs
set
  status = 'completed',
  completed_at = public.autosync_now(),
  metadata = case
    when jsonb_typeof(metadata) = 'object' then metadata
    when coalesce(metadata, 'null') = 'null' then '{}'
    else jsonb_build_object('other', metadata)
  end || jsonb_build_object('chosen_option_id', %(option_id)s::text)
where id = %(sync_id)s
