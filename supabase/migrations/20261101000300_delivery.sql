-- Messages are the outbox: that a text is to be sent, and how far it got, is one row.

-- Tables

-- Other clients insert messages that they sent themselves, with nothing but production's columns: such a row
-- counts as sent, hence the default. A queued text has not been sent, and one to the organizer has no contact.
alter table public.auto_sync_messages
alter column sent_at drop not null,
alter column contact_id drop not null,
add column status text not null default 'sent',
add column status_reason text, -- why it is held back, was canceled or failed: one sentence
add column body text,
add column phone_number text, -- E.164, as it was when the text left
add column cause_id uuid, -- what brought this text about: a job, the sync itself, or the ask that it clarifies
add column send_after timestamptz, -- a queued text leaves no earlier
add column turn_at timestamptz, -- its place in the queue, if it is not the moment from which it may leave
add column attempt integer not null default 0, -- how often it was claimed; fences a late result
add column claimed_at timestamptz, -- on the server's own clock, which no demo moves
add column gateway text,
add column gateway_message_id text,
add column error_code text, -- the gateway's
add column created_at timestamptz; -- missing on rows from before this column

alter table public.auto_sync_messages alter column created_at set default now();

alter table public.auto_sync_messages
add constraint auto_sync_messages_status_check check (
  status in (
    'queued',     -- waits for its turn, or is held back: status_reason says why, send_after until when
    'sending',    -- claimed by a dispatcher
    'sent',       -- the gateway has taken it
    'delivered',  -- the phone has it
    'failed',     -- refused for good, or out of attempts: error_code and status_reason
    'unknown',    -- may or may not have left: looked up, never blindly sent again
    'canceled'    -- had become pointless before it left: status_reason
  )
) not valid;
alter table public.auto_sync_messages
add constraint auto_sync_messages_queued_check check (
  status <> 'queued' or (send_after is not null and body is not null and sent_at is null)
) not valid;
alter table public.auto_sync_messages validate constraint auto_sync_messages_status_check;
alter table public.auto_sync_messages validate constraint auto_sync_messages_queued_check;

-- Numbers that said stop, for every organizer.
create table public.auto_sync_suppressions (
  phone_number text primary key, -- E.164
  suppressed_at timestamptz not null,
  source text not null, -- inbound: the person's own text; operator: by hand
  reason text not null -- the words that did it
);

-- Texts that came in, once each, and what became of them.
create table public.auto_sync_inbound (
  id uuid primary key default gen_random_uuid(),
  gateway text not null,
  gateway_message_id text not null,
  phone_number text not null, -- E.164 of who wrote
  body text not null,
  received_at timestamptz not null,
  auto_sync_id uuid references public.auto_syncs (id) on delete set null,
  contact_id uuid references public.contacts (id) on delete set null,
  outcome text not null, -- how it was read and what was done
  unique (gateway, gateway_message_id) -- a webhook delivered twice counts once
);

-- How far each sender, and the account, has used up its rate: the same for all dispatchers, wherever they run.
create table public.auto_sync_send_rates (
  scope text primary key, -- the account, or one sender
  free_at timestamptz not null -- on the server's own clock: when all that was let go would be through at the rate
);

-- Indexes

-- One text for (sync, recipient, what for, which round); texts of other clients have no cause and are not fenced.
create unique index idx_auto_sync_messages_once
on public.auto_sync_messages (auto_sync_id, contact_id, message_type, cause_id) nulls not distinct
where cause_id is not null;
-- The dispatcher's claim: in the order of turns, so that a crowd does not keep somebody else's five waiting.
create index idx_auto_sync_messages_queued
on public.auto_sync_messages (coalesce(turn_at, send_after)) where status = 'queued';
-- Texts in flight, and those that a crash left there.
create index idx_auto_sync_messages_in_flight
on public.auto_sync_messages (claimed_at) where status in ('sending', 'unknown');
-- Texts that did not get through, for whoever looks after them.
create index idx_auto_sync_messages_failed on public.auto_sync_messages (created_at) where status = 'failed';
-- Whose ask an inbound text answers.
create index idx_auto_sync_messages_phone_number
on public.auto_sync_messages (phone_number) where phone_number is not null;
create index if not exists idx_contacts_phone_number on public.contacts (phone_number);
create index idx_auto_sync_inbound_auto_sync_id on public.auto_sync_inbound (auto_sync_id);
create index idx_auto_sync_inbound_contact_id on public.auto_sync_inbound (contact_id);

-- Views

-- Who was asked: the contacts that got, or are about to get, a sync's initial text. Who joins the crew later was not
-- asked, and neither was somebody whom the text could not reach.
create view public.auto_sync_invitees
with (security_invoker = true)
as
select distinct
  m.auto_sync_id,
  m.contact_id
from public.auto_sync_messages as m
where m.message_type = 'initial' and m.contact_id is not null and m.status not in ('failed', 'canceled');
