-- Ends a pause of an organizer, or of everybody (null); how it came about; auto_sync_sending_pauses_organizer_id_key.
delete from public.auto_sync_sending_pauses
where organizer_id is not distinct from %(organizer_id)s
returning organizer_id, paused_at, paused_by, reason
