-- What operators have done by hand: who, when, what, to which row. Only ever added to.

-- Tables

create table public.auto_sync_interventions (
  id uuid primary key default gen_random_uuid(),
  at timestamptz not null default clock_timestamp(), -- on the server's own clock
  done_by text not null, -- who it was, as the operating system knows them, or by which page
  verb text not null, -- such as `jobs cancel`, the words of the command line
  sync_id uuid, -- no references: what was done is still known when the row is gone
  subject_id uuid, -- the job, the text, the organizer or the contact; missing: everything
  details text, -- such as how the text was settled; never a name, a number or words of a text
  check (length(done_by) <= 200 and length(verb) <= 40 and length(details) <= 400)
);

-- Indexes: what was done to a row, or to a sync's; and the latest.

create index idx_auto_sync_interventions_subject on public.auto_sync_interventions (subject_id, at);
create index idx_auto_sync_interventions_sync on public.auto_sync_interventions (sync_id, at);
create index idx_auto_sync_interventions_at on public.auto_sync_interventions (at);

-- Nobody changes or removes what is written there, whoever owns the table.

create function public.auto_sync_interventions_refuse() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  raise exception 'auto_sync_interventions only grows' using errcode = 'insufficient_privilege';
end
$$;
revoke all on function public.auto_sync_interventions_refuse() from public, anon, authenticated, service_role;

create trigger auto_sync_interventions_append_only
before update or delete or truncate on public.auto_sync_interventions
for each statement execute function public.auto_sync_interventions_refuse();

-- Policies: the service's alone, and only to read and to add.

alter table public.auto_sync_interventions enable row level security;
revoke all on public.auto_sync_interventions from anon, authenticated, service_role;
grant select, insert on public.auto_sync_interventions to service_role;
create policy auto_sync_interventions_service on public.auto_sync_interventions
for all to service_role using (true) with check (true);
