-- Keeps a text that came in and returns its id; no row if it has been there: auto_sync_inbound_gateway_..._key.
insert into public.auto_sync_inbound (gateway, gateway_message_id, phone_number, body, received_at, outcome)
values (%(gateway)s, %(gateway_message_id)s, %(phone_number)s, %(body)s, public.autosync_now(), 'received')
on conflict (gateway, gateway_message_id) do nothing
returning id
