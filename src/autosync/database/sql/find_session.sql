-- Whose session this is, where it is one of this role and still holds; primary key.
select s.organizer_id
from public.auto_sync_sessions as s
where s.token_hash = %(token_hash)s and s.role = %(role)s and s.expires_at > now()
