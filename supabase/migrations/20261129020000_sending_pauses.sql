-- What an operator has paused: all sending, or one organizer's. It holds for every dispatcher, and outlives each of them.

-- Tables

create table public.auto_sync_sending_pauses (
  id uuid primary key default gen_random_uuid(),
  organizer_id uuid references public.profiles (id) on delete cascade, -- missing: everybody's
  paused_at timestamptz not null default now(), -- on the server's own clock
  paused_by text not null, -- who it was, as the operating system knows them
  reason text not null,
  unique nulls not distinct (organizer_id),
  check (length(paused_by) <= 200 and length(reason) <= 200)
);

-- Policies: the service's alone.

alter table public.auto_sync_sending_pauses enable row level security;
revoke all on public.auto_sync_sending_pauses from anon, authenticated;
grant select, insert, update, delete on public.auto_sync_sending_pauses to service_role;
create policy auto_sync_sending_pauses_service on public.auto_sync_sending_pauses
for all to service_role using (true) with check (true);
