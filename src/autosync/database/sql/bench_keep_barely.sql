-- Keeps a text that came in, and nothing else: what the barest webhook does.
insert into public.auto_sync_inbound (gateway, gateway_message_id, phone_number, body, received_at, outcome)
values ('bare', %(gateway_message_id)s, %(phone_number)s, %(body)s, now(), 'received')
