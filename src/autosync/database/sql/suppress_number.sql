-- Takes a number off every organizer's list; the first time stays; primary key.
insert into public.auto_sync_suppressions (number_hash, phone_number, suppressed_at, source, reason)
values (
  public.autosync_number_hash(%(phone_number)s),
  %(phone_number)s,
  public.autosync_now(),
  %(source)s,
  %(reason)s
)
on conflict (number_hash) do nothing
