-- Writes an organizer's profile, which may be there already; primary key.
insert into public.profiles (id, first_name, last_name, phone_number, preferred_timezone)
values (%(id)s, %(first_name)s, %(last_name)s, %(phone_number)s, %(timezone)s)
on conflict (id) do update set
  first_name = excluded.first_name,
  last_name = excluded.last_name,
  phone_number = excluded.phone_number,
  preferred_timezone = excluded.preferred_timezone
