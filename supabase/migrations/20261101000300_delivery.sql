-- Messages are the outbox: that a text is to be sent, and how far it got, is one row.
--
-- No bigint for attempts, which are few. Columns lose their not null for rows of the project's own, which no client of
-- before reads; the others go on filling them. Indexes and checks are made in this same transaction, so that nobody
-- meets half of it: docs/decisions/0008 says how long that takes where there are many messages.
-- squawk-ignore-file prefer-bigint-over-int, ban-drop-not-null
-- squawk-ignore-file require-concurrent-index-creation, constraint-missing-not-valid

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

-- Numbers that said stop, for every organizer. Each is known again by its keyed hash when nobody has it any more.
create table public.auto_sync_suppressions (
  number_hash bytea primary key, -- autosync_number_hash() of the E.164 number
  phone_number text, -- E.164; forgotten once the last contact and profile that had it let it go
  suppressed_at timestamptz not null,
  source text not null, -- inbound: the person's own text; operator: by hand; gateway: the carrier's own list
  reason text not null, -- the words that did it
  check (source in ('inbound', 'operator', 'gateway'))
);

-- The key of these hashes, this database's own: the two blocks of HMAC-SHA256 (RFC 2104), 32 random bytes padded
-- with zeros, xor 0x36 and xor 0x5c. Without it no number that is on the list is found: it never changes.
create table public.auto_sync_number_key (
  only_row boolean primary key default true check (only_row),
  inner_key bytea not null check (length(inner_key) = 64),
  outer_key bytea not null check (length(outer_key) = 64)
);

with random as materialized (
  select
    sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
    || decode(repeat('00', 32), 'hex') as key
),

padded as (
  select
    n.i,
    get_byte(r.key, n.i) as byte
  from random as r
  cross join generate_series(0, 63) as n (i)
)

insert into public.auto_sync_number_key (inner_key, outer_key)
select -- (a | b) - (a & b) is a xor b
  string_agg(set_byte('\x00', 0, (p.byte | 54) - (p.byte & 54)), '' order by p.i),
  string_agg(set_byte('\x00', 0, (p.byte | 92) - (p.byte & 92)), '' order by p.i)
from padded as p;

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
-- Whether somebody still has a number, and which suppressed numbers one that was let go may be.
create index if not exists idx_profiles_phone_number on public.profiles (phone_number);
create index idx_auto_sync_suppressions_ending
on public.auto_sync_suppressions ("right"(phone_number, 7)) where phone_number is not null;
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

-- Functions

-- The keyed hash by which an E.164 number is known on the list of suppressed ones. Fails where the key is missing:
-- nobody may be texted because the list cannot be read.
create function public.autosync_number_hash(phone_number text) returns bytea
language plpgsql stable
set search_path = ''
as $$
declare
  key public.auto_sync_number_key;
begin
  select k.* into strict key from public.auto_sync_number_key as k;
  return sha256(key.outer_key || sha256(key.inner_key || convert_to(phone_number, 'UTF8')));
end
$$;

-- Forgets suppressed numbers that a contact or profile let go and that nobody has any more; the hash stays.
-- Contacts of other clients are written as people write numbers, so the last seven digits tell which may be meant,
-- and only the E.164 form keeps one readable: in doubt a number is forgotten, which loses nothing but its looks.
-- SECURITY DEFINER, because an authenticated user may delete contacts but not touch the list.
create function public.forget_suppressed_numbers() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
  gone text[];
begin
  if tg_op = 'UPDATE' then
    gone := array(select b.phone_number from before as b except select a.phone_number from after as a);
  else
    gone := array(select b.phone_number from before as b);
  end if;

  with meant as (
    select s.number_hash
    from public.auto_sync_suppressions as s
    where right(s.phone_number, 7) = any(array(
        select right(regexp_replace(regexp_replace(g.written, '(\d)(\s*[a-z#;,].*|\.0)$', '\1', 'i'), '\D', '', 'g'), 7)
        from unnest(gone) as g (written)
      ))
      and not exists (select from public.contacts as c where c.phone_number = s.phone_number)
      and not exists (select from public.profiles as p where p.phone_number = s.phone_number)
    order by s.number_hash -- always in one order, so that two deletions do not wait for each other
    for no key update
  )

  update public.auto_sync_suppressions as s
  set
    phone_number = null,
    reason = regexp_replace(s.reason, '[+(]*\d([ ()./-]*\d){6,}', '(number)', 'g') -- in whatever spelling
  from meant as m
  where s.number_hash = m.number_hash;
  return null;
end
$$;

-- Triggers

create trigger auto_sync_contacts_deleted
after delete on public.contacts
referencing old table as before
for each statement
execute function public.forget_suppressed_numbers();

create trigger auto_sync_contacts_updated
after update on public.contacts
referencing old table as before new table as after
for each statement
execute function public.forget_suppressed_numbers();

create trigger auto_sync_profiles_deleted
after delete on public.profiles
referencing old table as before
for each statement
execute function public.forget_suppressed_numbers();

create trigger auto_sync_profiles_updated
after update on public.profiles
referencing old table as before new table as after
for each statement
execute function public.forget_suppressed_numbers();
