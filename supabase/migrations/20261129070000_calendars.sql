-- What an organizer wants of their calendar, and that it was lost: who is connected has a row in google_calendar_tokens.

-- Tables

create table public.auto_sync_calendars (
  user_id uuid primary key references public.profiles (id) on delete cascade,
  calendar_ids text[] not null default '{primary}', -- as Google knows them; the first one takes the events
  day_begins time not null default '09:00', -- between these, in the organizer's zone, times are proposed
  day_ends time not null default '21:00',
  buffer interval not null default '0', -- free time before and after whatever is in a calendar
  disconnected_at timestamptz, -- when Google let us in no more, on the server's own clock; not: when they disconnected
  disconnected_because text, -- one sentence, for them to read
  check (array_ndims(calendar_ids) = 1 and cardinality(calendar_ids) between 1 and 10), -- what one request may ask for
  check (array_position(calendar_ids, null) is null and array_position(calendar_ids, '') is null),
  check (array_to_string(calendar_ids, '') !~ '[[:space:][:cntrl:]]'),
  check (array_to_string(calendar_ids, ' ') !~ '[^ ]{255}'), -- an address has 254 characters at most
  check (day_begins < day_ends and day_ends < '24:00'), -- which not every client can read
  check (buffer between '0' and '4 hours'),
  check ((disconnected_at is null) = (disconnected_because is null)),
  check (length(disconnected_because) <= 200)
);

-- Policies: people see and change their own, but for what only the service knows: whether it was let in.

alter table public.auto_sync_calendars enable row level security;
revoke all on public.auto_sync_calendars from anon, authenticated;
grant select on public.auto_sync_calendars to authenticated;
grant insert (user_id, calendar_ids, day_begins, day_ends, buffer),
update (calendar_ids, day_begins, day_ends, buffer) on public.auto_sync_calendars to authenticated;
grant select, insert, update, delete on public.auto_sync_calendars to service_role;
create policy auto_sync_calendars_select_own on public.auto_sync_calendars
for select to authenticated using (user_id = (select auth.uid()));
create policy auto_sync_calendars_insert_own on public.auto_sync_calendars
for insert to authenticated with check (user_id = (select auth.uid()));
create policy auto_sync_calendars_update_own on public.auto_sync_calendars
for update to authenticated using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy auto_sync_calendars_service on public.auto_sync_calendars
for all to service_role using (true) with check (true);
