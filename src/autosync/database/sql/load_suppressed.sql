-- Those of these numbers that have opted out; primary key.
select s.phone_number
from public.auto_sync_suppressions as s
where s.phone_number = any(%(phone_numbers)s::text[])
