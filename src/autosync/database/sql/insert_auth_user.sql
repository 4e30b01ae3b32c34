-- Makes the auth user that a profile belongs to; only for the stand-in of a plain server.
insert into auth.users (id)
values (%(id)s)
on conflict (id) do nothing
