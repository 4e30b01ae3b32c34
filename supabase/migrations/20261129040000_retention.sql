-- How long the words and numbers of texts are kept once their sync has ended, where a deployment sets a limit.
-- Built in one transaction, as docs/decisions/0008 says; the tables are small beside that of the texts, and of these only
-- thank-yous for late answers are indexed.
-- squawk-ignore-file require-concurrent-index-creation

-- When the words and numbers of its texts were forgotten.
alter table public.auto_syncs add column texts_forgotten_at timestamptz;

-- Indexes: syncs that have ended and still have their texts' words, late thank-yous that have, and what came in by when.

create index idx_auto_syncs_ended on public.auto_syncs (greatest(completed_at, stopped_at))
where texts_forgotten_at is null and greatest(completed_at, stopped_at) is not null;
create index idx_auto_sync_messages_late on public.auto_sync_messages (created_at)
where message_type = 'late_answer' and body is not null;
create index idx_auto_sync_inbound_received_at on public.auto_sync_inbound (received_at);

-- A client that ends a sync by its state alone does not say when; one that lets it go on again begins anew.
create function public.auto_sync_note_end() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
  if new.status in ('stopped', 'completed') and old.status not in ('stopped', 'completed') then
    if new.status = 'stopped' and new.stopped_at is not distinct from old.stopped_at then
      new.stopped_at := public.autosync_now();
    end if;
    if new.status = 'completed' and new.completed_at is not distinct from old.completed_at then
      new.completed_at := public.autosync_now();
    end if;
  elsif new.status in ('running', 'paused') and old.status in ('stopped', 'completed') then
    new.texts_forgotten_at := null;
  end if;
  return new;
end
$$;
revoke all on function public.auto_sync_note_end() from public, anon, authenticated, service_role;

create trigger on_auto_sync_ending
before update on public.auto_syncs
for each row when (new.status is distinct from old.status)
execute function public.auto_sync_note_end();
