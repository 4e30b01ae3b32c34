-- Takes a number off every organizer's list; the first time stays; primary key.
insert into public.auto_sync_suppressions (phone_number, suppressed_at, source, reason)
values (%(phone_number)s, public.autosync_now(), %(source)s, %(reason)s)
on conflict (phone_number) do nothing
