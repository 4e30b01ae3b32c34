-- A session by the hash of its token; %(organizer_id)s: null for an operator.
insert into public.auto_sync_sessions (token_hash, role, organizer_id, expires_at)
values (%(token_hash)s, %(role)s, %(organizer_id)s, now() + %(lives)s::interval)
