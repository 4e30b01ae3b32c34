-- Whether everybody's sending is paused; auto_sync_sending_pauses_organizer_id_key.
select exists(select from public.auto_sync_sending_pauses as p where p.organizer_id is null)
