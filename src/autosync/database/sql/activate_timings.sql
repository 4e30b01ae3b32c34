-- Makes one profile the active one, writing it anew with its delays if it is missing; primary key.
insert into public.auto_sync_settings (profile, active, reminder_delay, pause_delay)
values (%(profile)s, true, %(reminder_delay)s, %(pause_delay)s)
on conflict (profile) do update set active = true
