-- Pauses the sending of an organizer, or of everybody (null); no row where it is paused already;
-- auto_sync_sending_pauses_organizer_id_key.
insert into public.auto_sync_sending_pauses (organizer_id, paused_by, reason)
values (%(organizer_id)s, %(paused_by)s, %(reason)s)
on conflict (organizer_id) do nothing
returning id
