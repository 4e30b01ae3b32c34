-- Keeps texts that came in and what became of them; returns the gateway ids of those that have not been there before;
-- auto_sync_inbound_gateway_..._key.
insert into public.auto_sync_inbound (
  gateway, gateway_message_id, phone_number, body, received_at, outcome, auto_sync_id, contact_id
)
select
  t.gateway,
  t.gateway_message_id,
  t.phone_number,
  t.body,
  public.autosync_now(),
  t.outcome,
  t.sync_id,
  t.contact_id
from
  unnest(
    %(gateways)s::text[],
    %(gateway_message_ids)s::text[],
    %(phone_numbers)s::text[],
    %(bodies)s::text[],
    %(outcomes)s::text[],
    %(sync_ids)s::uuid[],
    %(contact_ids)s::uuid[]
  ) as t (gateway, gateway_message_id, phone_number, body, outcome, sync_id, contact_id)
order by t.gateway, t.gateway_message_id
on conflict (gateway, gateway_message_id) do nothing
returning id, gateway, gateway_message_id
