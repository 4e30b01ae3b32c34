-- Adds an organizer for an auth user.
insert into public.profiles (id, first_name, last_name, phone_number, preferred_timezone)
values (%(id)s, %(first_name)s, %(last_name)s, %(phone_number)s, %(timezone)s)
